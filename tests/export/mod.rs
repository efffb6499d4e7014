//! `credsql export`: what lies in the dataset, what another run does to it, and what it gives when it
//! is read back.

mod files;
mod merging;
mod read_back;
mod troubles;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::Folder;

/// The accounts of the tests, ascending.
const ONE: &str = "111111111111";
const TWO: &str = "222222222222";
const THREE: &str = "333333333333";

/// The path of an account's report on a day.
fn path(account: &str, day: &str) -> String {
    format!("in/date={day}/account_id={account}/credential_report.csv")
}

/// All files below a folder, hidden ones too, with their bytes.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below the root").display().to_string();
                files.insert(name, std::fs::read(&path).expect("the file can be read"));
            }
        }
    }
    files
}

impl Folder {
    /// Exports everything below `in` to `out`, and returns what was said.
    #[track_caller]
    fn export(&self, more: &[&str]) -> String {
        let ran = self.run(&[&["export", "in", "--to", "out"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    }

    /// One statement over the dataset.
    #[track_caller]
    fn exported(&self, sql: &str) -> String {
        self.run(&["query", sql, "out"]).clean()
    }
}
