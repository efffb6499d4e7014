//! The texts of the views, which every engine runs as they are.
//!
//! Each stands on tables that the engine gives it under the names the text says.

/// `credentials` and `credentials_history`, which differ only in what `report_states` is: a report
/// table with `clock_time` and `cell_states`.
pub const CREDENTIALS: &str = include_str!("../../queries/views/credentials.sql");

/// `access_key_ids`, over `credential_report` and `listed_access_keys`.
pub const ACCESS_KEY_IDS: &str = include_str!("../../queries/views/access_key_ids.sql");

/// `changes`, over `credential_report_history` and `credentials_history`.
pub const CHANGES: &str = include_str!("../../queries/views/changes.sql");
