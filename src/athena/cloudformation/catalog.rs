//! The Glue Data Catalog: the database, the exported tables, the views.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};

use super::{
    Content, Resources, View, at_most, either, logical_id, parameters, reference, substitute,
};
use crate::athena::ddl::{file_columns, hive_type};
use crate::error::{Error, Result};
use crate::schema::{Column, DAY_COLUMN, EXPORTED, Kind, Table};

/// Most characters of a column's comment; bytes are no fewer.
const LONGEST_COMMENT: usize = 255;

/// Most bytes of a view in the Data Catalog.
const LARGEST_VIEW: usize = 409_600;

/// The catalog under which Athena knows the Glue Data Catalog.
const CATALOG: &str = "awsdatacatalog";

/// Adds all of it.
///
/// # Errors
/// If a view is too long.
pub(super) fn add(content: &Content<'_>, resources: &mut Resources) -> Result<()> {
    resources.add("Database", database(content));
    for table in EXPORTED {
        resources.add(&logical_id("Table", table.name), glue_table(&external(content, table)));
    }
    for view in content.views {
        resources.add(&logical_id("View", view.name), glue_table(&presto_view(content, view)?));
    }
    Ok(())
}

/// Whether the paths of an exported table are its partitions. In the plain layout those of `reports`
/// are not: projection cannot show the partition of reports without a time, which are those that
/// could not be read. Athena reads all files below the location of a table without partitions, and
/// a row per report is little to read.
pub(super) fn is_partitioned(content: &Content<'_>, table: &Table) -> bool {
    content.dataset.by_account || table.name != "reports"
}

fn database(content: &Content<'_>) -> Value {
    json!({
        "Type": "AWS::Glue::Database",
        "Properties": {
            "CatalogId": reference("AWS::AccountId"),
            // Without a name it would get one that Athena cannot use.
            "DatabaseInput": {
                "Name": content.dataset.database,
                "Description": "Credential reports of IAM, exported by credsql.",
            },
        },
    })
}

fn glue_table(input: &Value) -> Value {
    json!({
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": reference("AWS::AccountId"),
            "DatabaseName": reference("Database"),
            "TableInput": input,
        },
    })
}

fn external(content: &Content<'_>, table: &Table) -> Value {
    let keys = content.dataset.partition_columns();
    let mut partitions = Vec::new();
    if is_partitioned(content, table) {
        partitions.push(json!({
            "Name": DAY_COLUMN,
            "Type": hive_type(Kind::Text),
            "Comment": "The UTC day of generated_time",
        }));
        let in_paths = table.columns().filter(|column| keys.contains(&column.name));
        partitions.extend(in_paths.map(glue_column));
    }
    json!({
        "Name": table.name,
        "Description": table.doc,
        // Without it, statements that define something fail with a NullPointerException.
        "TableType": "EXTERNAL_TABLE",
        "Parameters": table_parameters(content, table),
        "PartitionKeys": partitions,
        "StorageDescriptor": {
            "Columns": file_columns(table, keys).map(glue_column).collect::<Vec<_>>(),
            "Location": substitute(&format!("${{DataLocation}}/{}/", table.name)),
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "Parameters": { "serialization.format": "1" },
            },
        },
    })
}

/// Athena finds the days by itself if they are projected, in the folders named after them.
fn table_parameters(content: &Content<'_>, table: &Table) -> Value {
    let plain = json!({ "EXTERNAL": "TRUE", "classification": "parquet" });
    if !parameters::can_project(content) || !is_partitioned(content, table) {
        return plain;
    }
    let mut projected = plain.as_object().cloned().unwrap_or_else(Map::new);
    let key = |name: &str| format!("projection.{DAY_COLUMN}.{name}");
    projected.insert("projection.enabled".to_owned(), "true".into());
    projected.insert(key("type"), "date".into());
    projected.insert(key("format"), "yyyy-MM-dd".into());
    projected.insert(key("range"), substitute("${FirstDay},NOW"));
    projected.insert(key("interval"), "1".into());
    projected.insert(key("interval.unit"), "DAYS".into());
    either(parameters::PROJECTS, projected.into(), plain)
}

/// A view as Athena keeps its own: the statement in JSON in base64 in a comment.
fn presto_view(content: &Content<'_>, view: &View) -> Result<Value> {
    let typed = |column: &&Column| json!({ "name": column.name, "type": trino_type(column.kind) });
    let columns: Vec<Value> = view.columns.iter().map(typed).collect();
    let definition = json!({
        "originalSql": view.sql,
        "catalog": CATALOG,
        "schema": content.dataset.database,
        "columns": columns,
    });
    let text = format!("/* Presto View: {} */", BASE64_STANDARD.encode(definition.to_string()));
    if text.len() > LARGEST_VIEW {
        return Err(Error::usage(
            format!("the view {} is too long for the Data Catalog", view.name),
            format!("its {} bytes in base64 must not be more than {LARGEST_VIEW}", text.len()),
        ));
    }
    Ok(json!({
        "Name": view.name,
        "Description": view.doc,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": { "presto_view": "true", "comment": "Presto View" },
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": view.columns.iter().copied().map(glue_column).collect::<Vec<_>>(),
            "SerdeInfo": {},
        },
        "ViewExpandedText": "/* Presto View */",
        "ViewOriginalText": text,
    }))
}

fn glue_column(column: &Column) -> Value {
    json!({
        "Name": column.name,
        "Type": hive_type(column.kind),
        "Comment": at_most(column.doc, LONGEST_COMMENT),
    })
}

/// The type in a statement. A timestamp of the Data Catalog has three digits below the second.
fn trino_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "varchar",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "timestamp(3)",
        Kind::Integer => "bigint",
    }
}
