//! The invariants of the crate documentation that can be kept by looking at the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use credsql::schema::REPORT;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    let start = root().join("src").join(folder);
    if start.is_file() {
        paths.push(start);
    } else {
        walk(&start, &mut paths);
    }
    assert!(!paths.is_empty(), "{folder} has sources");
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let name =
                path.strip_prefix(root().join("src")).expect("below src").display().to_string();
            (name, text)
        })
        .collect()
}

/// The code of a file without comments and without its tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// All places where one of the words stands in code.
fn places(folder: &str, words: &[&str], allowed: &[&str]) -> Vec<String> {
    sources(folder)
        .into_iter()
        .filter(|(name, _)| {
            !allowed.iter().any(|allowed| name.starts_with(allowed)) && !name.ends_with("tests.rs")
        })
        .flat_map(|(name, text)| {
            let code = code(&text);
            words
                .iter()
                .filter(|word| code.contains(*word))
                .map(|word| format!("{name}: {word}"))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn assert_none(places: &[String]) {
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn the_search_finds_what_is_there() {
    assert!(!places("schema.rs", &["pub const REPORT"], &[]).is_empty());
}

#[test]
fn decode_is_pure() {
    let impure = [
        "async ",
        "std::fs",
        "std::env",
        "SystemTime",
        "Instant::",
        "datafusion",
        "tokio",
        "println!",
        "static mut",
    ];
    assert_none(&places("decode", &impure, &[]));
}

#[test]
fn report_columns_are_named_in_one_list() {
    // Names that are also ordinary words or names of ours are left out of the search.
    let names: Vec<String> = REPORT
        .iter()
        .filter(|c| !matches!(c.name, "user" | "arn"))
        .map(|c| format!("\"{}\"", c.name))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // The layout of 2014 is a fact about names; the sample is for tests alone.
    assert_none(&places("", &names, &["schema.rs", "decode/layout.rs", "shell/sample.rs"]));
}

#[test]
fn only_the_command_line_and_the_shell_talk() {
    assert_none(&places("", &["println!", "stdout()", "stderr()"], &["cli/", "run/", "shell/"]));
}

#[test]
fn the_sdk_of_aws_stays_in_one_module() {
    let words = ["aws_config", "aws_credential_types", "aws_sdk_", "aws_smithy_"];
    assert_none(&places("", &words, &["aws/"]));
    assert!(!places("aws", &words, &[]).is_empty());
}

#[test]
fn one_place_reads_the_clock() {
    let clocks = ["SystemTime::now", "Instant::now", "Utc::now"];
    assert_none(&places("", &clocks, &["run/clock.rs"]));
}

#[test]
fn modules_use_only_what_is_below_them() {
    let order = [
        "schema",
        "report",
        "beside",
        "decode",
        "output",
        "library",
        "aws",
        "error",
        "source",
        "table",
        "sql_error",
        "misread",
        "parameter",
        "date_diff",
        "athena",
        "catalog",
        "session",
        "check",
        "collect",
        "page",
        "run",
        "shell",
        "cli",
    ];
    let mut wrong = Vec::new();
    for (position, module) in order.iter().enumerate() {
        let folder = if root().join("src").join(module).is_dir() {
            (*module).to_owned()
        } else {
            format!("{module}.rs")
        };
        for above in &order[position + 1..] {
            let uses = format!("crate::{above}::");
            wrong.extend(places(&folder, &[&uses], &[]));
        }
    }
    assert_none(&wrong);
}

#[test]
fn there_is_one_arrow() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file is there");
    for name in ["arrow", "arrow-array", "arrow-schema", "parquet", "datafusion", "object_store"] {
        let versions: BTreeSet<&str> = lock
            .split("[[package]]")
            .filter(|package| package.contains(&format!("name = \"{name}\"\n")))
            .filter_map(|package| package.split("version = \"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}
