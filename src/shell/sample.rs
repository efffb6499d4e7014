//! A vocabulary for tests.

use std::collections::BTreeSet;

use crate::shell::vocabulary::{
    Argument, ColumnWords, CommandWords, Domain, FunctionWords, NamedWord, ParameterWords,
    QueryWords, TableWords, Values, Vocabulary,
};

fn column(name: &str, kind: &'static str) -> ColumnWords {
    let values = match name {
        "user" => Values::Known(Domain::User),
        "account_id" => Values::Known(Domain::Account),
        "last_used_region" => Values::Known(Domain::Region),
        "kind" => Values::OneOf(words(&["password", "access_key", "signing_certificate"])),
        "slot" => Values::OneOf(words(&["1", "2"])),
        _ => Values::Any,
    };
    let doc = match name {
        "password_last_changed" => "when the password was last set",
        "user" => "Name of the IAM user; the root user is written <root_account>",
        _ => "",
    };
    ColumnWords { name: name.to_owned(), kind, doc: doc.to_owned(), values }
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

fn table(name: &str, columns: &[(&str, &'static str)]) -> TableWords {
    TableWords {
        name: name.to_owned(),
        doc: String::new(),
        columns: columns.iter().map(|(name, kind)| column(name, kind)).collect(),
    }
}

fn named(all: &[&str]) -> Vec<NamedWord> {
    all.iter().map(|name| NamedWord { name: (*name).to_owned(), doc: String::new() }).collect()
}

fn function(name: &str, arguments: &str) -> FunctionWords {
    FunctionWords {
        name: name.to_owned(),
        signature: format!("{name}({arguments})"),
        doc: String::new(),
    }
}

fn command(
    names: &[&'static str],
    usage: &'static str,
    arguments: &'static [Argument],
) -> CommandWords {
    CommandWords { names: names.to_vec(), usage, doc: "", arguments }
}

fn parameter(name: &str, kind: &str, default: &str) -> ParameterWords {
    ParameterWords {
        name: name.to_owned(),
        kind: kind.to_owned(),
        default: (!default.is_empty()).then(|| default.to_owned()),
        doc: String::new(),
    }
}

/// Tables, functions, queries and commands such as the shell has.
pub(crate) fn vocabulary() -> Vocabulary {
    let values: [(Domain, &[&str]); 3] = [
        (Domain::User, &["alice", "o'brien", "<root_account>"]),
        (Domain::Account, &["111122223333", "444455556666"]),
        (Domain::Region, &["eu-west-1", "us-east-1"]),
    ];
    Vocabulary {
        tables: vec![
            table(
                "credential_report",
                &[
                    ("user", "text"),
                    ("arn", "text"),
                    ("user_creation_time", "timestamp"),
                    ("password_enabled", "boolean"),
                    ("password_last_changed", "timestamp"),
                    ("mfa_active", "boolean"),
                    ("account_id", "text"),
                    ("source", "text"),
                ],
            ),
            table(
                "credentials",
                &[
                    ("account_id", "text"),
                    ("user", "text"),
                    ("arn", "text"),
                    ("kind", "text"),
                    ("slot", "integer"),
                    ("active", "boolean"),
                    ("age_days", "integer"),
                    ("last_used_region", "text"),
                ],
            ),
            table("reports", &[("source", "text"), ("partition", "text"), ("rows", "integer")]),
            table("information_schema.tables", &[("table_name", "text")]),
        ],
        functions: vec![
            function("count", "expression"),
            function("coalesce", "expression, …"),
            function("date_trunc", "precision, expression"),
            function("lower", "text"),
            function("now", ""),
        ],
        queries: vec![
            QueryWords {
                id: "root-no-mfa".to_owned(),
                title: "Root has MFA".to_owned(),
                parameters: vec![
                    parameter("max_age_days", "integer", "90"),
                    parameter("strict", "boolean", "true"),
                    parameter("only", "text", ""),
                ],
            },
            QueryWords { id: "stale-keys".to_owned(), ..QueryWords::default() },
        ],
        frameworks: named(&["cis-aws-3.0", "cis-aws-1.5", "pci-dss"]),
        formats: named(&["table", "csv", "json", "jsonl"]),
        commands: vec![
            command(&[r"\d", ".schema"], "[TABLE]", &[Argument::Table]),
            command(&[r"\dt", ".tables"], r"\dt", &[]),
            command(&[r"\df"], r"\df [FUNCTION]", &[Argument::Function]),
            command(&[r"\n"], r"\n ID [NAME=VALUE …]", &[Argument::Query, Argument::Parameter]),
            command(&[r"\f", ".mode"], r"\f FORMAT", &[Argument::Format]),
            command(&[r"\check"], r"\check FRAMEWORK", &[Argument::Framework]),
            command(&[r"\o", ".output"], r"\o [PATH]", &[Argument::Path]),
            command(&[r"\add"], r"\add SOURCE", &[Argument::Source]),
            command(&[r"\export"], r"\export NAME PATH", &[Argument::Table, Argument::Path]),
            command(&[r"\set"], r"\set NAME VALUE", &[Argument::Variable, Argument::Text]),
            command(&[r"\timing"], r"\timing [on|off]", &[Argument::Word(&["on", "off"])]),
            command(&[r"\?", ".help", "help"], r"\? [TOPIC]", &[Argument::Command]),
            command(&[r"\q", ".quit", "quit", "exit"], r"\q", &[]),
        ],
        variables: named(&["since", "max_days"]),
        values: values
            .into_iter()
            .map(|(domain, all)| (domain, words(all).into_iter().collect::<BTreeSet<_>>()))
            .collect(),
    }
}
