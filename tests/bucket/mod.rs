//! Objects in S3, over real HTTP.

mod command;
mod exporting;
mod listing;
mod many;
mod reading;
mod support;
mod troubles;
mod who;
mod writing;
