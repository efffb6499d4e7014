//! credsql
pub mod cli;
pub mod decode;
pub mod error;
pub mod output;
pub mod report;
pub mod schema;
pub mod session;
pub mod source;
pub mod sql_error;
pub mod table;
