//! One CloudFormation template for everything that stands around an exported dataset: database,
//! tables and views in the Glue Data Catalog, a workgroup with its saved queries, and QuickSight.
//!
//! It describes what is there and owns none of it: the bucket of the dataset is named, not made, so
//! a stack that is deleted takes metadata with it and no report.
//!
//! The name of the database is part of the texts of views, which are written in base64 where
//! CloudFormation cannot reach. So the name is chosen when the template is made.

mod catalog;
mod parameters;
mod quicksight;
#[cfg(test)]
mod tests;
mod workgroup;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::ddl::Dataset;
use super::saved::{self, Over, Saved, View};
use crate::error::{Error, Result};
use crate::library::Library;

/// Most bytes of a template that CloudFormation reads from a bucket.
const LARGEST_TEMPLATE: usize = 1_000_000;

/// Most resources of a template.
const MOST_RESOURCES: usize = 500;

/// The template, as JSON in ASCII.
///
/// # Errors
/// If Athena takes no database of this name or no dataset at this place, or something is larger
/// than AWS takes it.
pub fn template(dataset: &Dataset, library: &Library) -> Result<String> {
    dataset.check()?;
    if dataset.location.starts_with("s3://arn:") {
        return Err(Error::usage(
            format!("Athena reads no dataset at `{}`", dataset.location),
            "name the bucket, or the alias of the access point in the place of its ARN",
        ));
    }
    let views = saved::views(library, &dataset.database)?;
    let saved = saved::queries(library, &dataset.database, Over::Views)?;
    made(&Content { dataset, views: &views, saved: &saved })
}

/// What a template is made of.
#[derive(Clone, Copy)]
struct Content<'a> {
    dataset: &'a Dataset,
    views: &'a [View],
    saved: &'a [Saved],
}

fn made(content: &Content<'_>) -> Result<String> {
    let mut resources = Resources::default();
    catalog::add(content, &mut resources)?;
    workgroup::add(content, &mut resources);
    quicksight::add(content, &mut resources);
    let count = resources.0.len();
    if count > MOST_RESOURCES {
        return Err(Error::usage(
            format!(
                "the template has {count} resources, and CloudFormation takes {MOST_RESOURCES}"
            ),
            "leave out queries of your own: each of them is a resource",
        ));
    }
    let document = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "credsql: tables, views and saved queries over exported credential reports \
            for Athena, and data sets for QuickSight. Deleting the stack deletes no report.",
        "Metadata": parameters::metadata(content),
        "Parameters": parameters::parameters(content),
        "Conditions": parameters::conditions(content),
        "Resources": resources.0,
        "Outputs": outputs(content),
    });
    let text = ascii(&format!("{document:#}\n"));
    if text.len() > LARGEST_TEMPLATE {
        return Err(Error::usage(
            format!(
                "the template has {} bytes, and CloudFormation takes {LARGEST_TEMPLATE}",
                text.len()
            ),
            "leave out queries of your own",
        ));
    }
    Ok(text)
}

/// What is told when the stack is there.
fn outputs(content: &Content<'_>) -> Value {
    let names: Vec<&str> = content.views.iter().map(|view| view.name).collect();
    let check = format!(
        "credsql check --engine athena --athena-database {} --workgroup ${{WorkGroup}}",
        content.dataset.database
    );
    json!({
        "Database": {
            "Description": "The database of the tables and views.",
            "Value": reference("Database"),
        },
        "Views": {
            "Description": "The views, beside the tables of the dataset.",
            "Value": names.join(", "),
        },
        "WorkGroup": {
            "Description": "The workgroup with the scan limit and the saved queries.",
            "Value": reference("WorkGroup"),
        },
        "CheckCommand": {
            "Description": "Runs the controls on Athena.",
            "Value": substitute(&check),
        },
        "QuickSightDataSource": {
            "Condition": quicksight::CONDITION,
            "Description": "The data source that the data sets of QuickSight read.",
            "Value": attribute("DataSource", "Arn"),
        },
    })
}

/// Resources by logical id.
#[derive(Debug, Default)]
struct Resources(Map<String, Value>);

impl Resources {
    fn add(&mut self, id: &str, resource: Value) {
        self.0.insert(id.to_owned(), resource);
    }
}

/// Logical ids for names, each another: letters and digits are all that CloudFormation allows.
#[derive(Debug, Default)]
struct Ids(BTreeSet<String>);

impl Ids {
    fn make(&mut self, prefix: &str, name: &str) -> String {
        let first = logical_id(prefix, name);
        let mut id = first.clone();
        let mut number = 1;
        while !self.0.insert(id.clone()) {
            number += 1;
            id = format!("{first}{number}");
        }
        id
    }
}

/// `root-not-used` under the prefix `Query` as `QueryRootNotUsed`.
fn logical_id(prefix: &str, name: &str) -> String {
    let mut id = prefix.to_owned();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
    }
    id
}

/// A text of no more than so many bytes, cut between characters if it has to be.
fn at_most(text: &str, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MARK}", text.get(..end).unwrap_or_default().trim_end())
}

/// JSON with escapes in the place of characters beyond ASCII, which only occur in its strings: what
/// stands between here and CloudFormation may think in another encoding.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // writing to a string cannot fail
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

fn reference(name: &str) -> Value {
    json!({ "Ref": name })
}

fn attribute(name: &str, attribute: &str) -> Value {
    json!({ "Fn::GetAtt": [name, attribute] })
}

/// A text in which `${Name}` stands for a parameter or resource.
fn substitute(text: &str) -> Value {
    json!({ "Fn::Sub": text })
}

fn either(condition: &str, yes: Value, no: Value) -> Value {
    let choice = Value::Array(vec![condition.into(), yes, no]);
    Value::Object(Map::from_iter([("Fn::If".to_owned(), choice)]))
}
