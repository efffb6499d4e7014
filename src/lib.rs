//! credsql
pub mod decode;
pub mod report;
pub mod schema;
