//! The one integration binary: each further one would link DataFusion again.

mod athena_engine;
mod aws;
mod beside;
mod bucket;
mod canned;
mod changes;
mod check;
mod collect;
mod collect_bucket;
mod command_line;
mod corpus;
mod credentials;
mod decode_properties;
mod export;
mod library;
mod other_forms;
mod readme;
mod selection;
mod shell;
mod support;
mod terminal;
mod tidy;
