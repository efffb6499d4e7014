//! The files that are built in: every `.sql` file of `queries/`. A test compares the two lists.

macro_rules! files {
    ($($id:literal,)*) => {
        &[$(($id, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $id, ".sql"))),)*]
    };
}

/// Ids and texts, in alphabetical order.
pub(super) const FILES: &[(&str, &str)] = files![];
