//! The one integration binary: each further one would link DataFusion again.

mod canned;
mod changes;
mod check;
mod command_line;
mod corpus;
mod credentials;
mod decode_properties;
mod library;
mod other_forms;
mod readme;
mod selection;
mod shell;
mod support;
mod terminal;
mod tidy;
