//! The scripts that make an exported dataset known to Athena: database, tables, views, and every
//! canned query. Each is one statement, since Athena runs one at a time.

use super::saved::{self, Over, Saved, View};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::schema::{Column, DAY_COLUMN, EXPORTED, Kind, Table};

/// What the scripts are about.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The database to make the tables in.
    pub database: String,
    /// Where the dataset lies: `s3://bucket/prefix`.
    pub location: String,
    /// Whether it is partitioned by account as well.
    pub by_account: bool,
    /// The first day of the dataset, as `2026-10-31`, for tables that need to know.
    pub first_day: String,
}

/// A script.
#[derive(Debug, Clone)]
pub struct Script {
    /// The name of its file. In order of name they can be run.
    pub name: String,
    /// One statement with a semicolon; remarks before it.
    pub text: String,
}

/// Every script.
///
/// # Errors
/// If Athena takes no database of this name or no dataset at this place.
pub fn scripts(dataset: &Dataset, library: &Library) -> Result<Vec<Script>> {
    dataset.check()?;
    let mut scripts = vec![database(dataset)];
    for table in EXPORTED {
        scripts.push(plain_table(dataset, table));
        scripts.extend(table_without_upkeep(dataset, table));
        scripts.push(partitions(dataset, table));
    }
    scripts.extend(saved::views(library, &dataset.database)?.iter().map(|v| view(dataset, v)));
    let queries = saved::queries(library, &dataset.database, Over::Tables)?;
    scripts.extend(queries.iter().map(query));
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}

/// All scripts one after the other, each under its name.
#[must_use]
pub fn joined(scripts: &[Script]) -> String {
    let titled = scripts.iter().map(|script| format!("-- {}\n{}", script.name, script.text));
    titled.collect::<Vec<_>>().join("\n")
}

impl Dataset {
    /// Refuses what cannot be written into a script as it is.
    ///
    /// # Errors
    /// If Athena takes no database of this name or no dataset at this place.
    pub fn check(&self) -> Result<()> {
        let database = &self.database;
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        // Source: Athena User Guide, "Name databases, tables, and columns".
        if database.is_empty() || database.len() > 255 || !database.chars().all(is_plain) {
            return Err(Error::usage(
                format!("Athena takes no database named `{database}`"),
                "at most 255 lower-case letters, digits and underscores",
            ));
        }
        let location = &self.location;
        let is_bad = |c: char| c.is_control() || matches!(c, '\'' | '\\' | '$' | '`');
        let bucket = location.strip_prefix("s3://").unwrap_or_default();
        if bucket.is_empty() || bucket.starts_with('/') || location.chars().any(is_bad) {
            return Err(Error::usage(
                format!("Athena reads no dataset at `{location}`"),
                "name its place in S3, as `--location s3://bucket/prefix`",
            ));
        }
        Ok(())
    }

    /// The folder of a table.
    #[must_use]
    pub fn folder(&self, table: &Table) -> String {
        format!("{}/{}/", self.location.trim_end_matches('/'), table.name)
    }

    /// The columns that are in the paths, not in the files.
    #[must_use]
    pub fn partition_columns(&self) -> &'static [&'static str] {
        if self.by_account { &[DAY_COLUMN, ACCOUNT] } else { &[DAY_COLUMN] }
    }
}

/// The column of the other partitioning.
const ACCOUNT: &str = "account_id";

/// The columns of the files of a table, as `partitions` leaves them.
pub fn file_columns(
    table: &Table,
    partitions: &'static [&'static str],
) -> impl Iterator<Item = &'static Column> + use<> {
    table.columns().filter(|column| !partitions.contains(&column.name))
}

/// The type of a column in Hive's words.
#[must_use]
pub fn hive_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "timestamp",
        Kind::Integer => "bigint",
    }
}

fn database(dataset: &Dataset) -> Script {
    Script {
        name: "1-database.sql".to_owned(),
        text: format!("CREATE DATABASE IF NOT EXISTS `{}`;\n", dataset.database),
    }
}

fn plain_table(dataset: &Dataset, table: &Table) -> Script {
    let remarks = "-- Athena knows the days of this table once it is told of them, after each export:\n\
                   -- by MSCK REPAIR TABLE, or for one day and much faster by\n";
    let folder = dataset.folder(table);
    let by_hand = if dataset.by_account {
        "dt='2026-10-31', account_id='111122223333'"
    } else {
        "dt='2026-10-31'"
    };
    let path = by_hand.replace('\'', "").replace(", ", "/");
    let mut example = format!(
        "--   ALTER TABLE `{}`.`{}` ADD IF NOT EXISTS PARTITION ({by_hand})\n--   LOCATION '{folder}{path}/'\n",
        dataset.database, table.name
    );
    if table.name == "reports" {
        example.push_str(
            "-- Reports that could not be read may lie in dt=__HIVE_DEFAULT_PARTITION__, which has to be told\n\
             -- of as well: who adds days one by one runs MSCK REPAIR TABLE for this table all the same.\n",
        );
    }
    let partitions = dataset.partition_columns();
    let create = create(dataset, table, partitions, &[]);
    Script {
        name: format!("2-table-{}.sql", table.name),
        text: format!("{remarks}{example}{create}"),
    }
}

/// The same table so that new days need no telling: in place of the plain one.
fn table_without_upkeep(dataset: &Dataset, table: &Table) -> Option<Script> {
    // Accounts would have to be listed, or named in every query.
    if dataset.by_account {
        return None;
    }
    let name = format!("6-table-{}-without-upkeep.sql", table.name);
    let instead =
        format!("-- In place of 2-table-{}.sql, and without its partitions. ", table.name);
    if table.name == "reports" {
        let remarks = "This table is read whole, with no partitions at all: a report that\n\
                       -- could not be read may be of no known day, and projection would not show it.\n";
        let create = create(dataset, table, &[], &[]);
        return Some(Script { name, text: format!("{instead}{remarks}{create}") });
    }
    let remarks = "New days are there as soon as they are exported, in Athena; other\n\
                   -- engines do not know projection. Days before the first in the range are not shown.\n";
    let folder = dataset.folder(table);
    let projection = [
        ("projection.enabled", "true".to_owned()),
        ("projection.dt.type", "date".to_owned()),
        ("projection.dt.format", "yyyy-MM-dd".to_owned()),
        ("projection.dt.range", format!("{},NOW", dataset.first_day)),
        ("projection.dt.interval", "1".to_owned()),
        ("projection.dt.interval.unit", "DAYS".to_owned()),
        ("storage.location.template", format!("{folder}dt=${{dt}}/")),
    ];
    let create = create(dataset, table, dataset.partition_columns(), &projection);
    Some(Script { name, text: format!("{instead}{remarks}{create}") })
}

fn create(
    dataset: &Dataset,
    table: &Table,
    partitions: &'static [&'static str],
    properties: &[(&str, String)],
) -> String {
    let column = |column: &Column| {
        let (name, doc) = (column.name, commented(column.doc));
        format!("  `{name}` {} COMMENT '{doc}'", hive_type(column.kind))
    };
    let columns: Vec<String> = file_columns(table, partitions).map(column).collect();
    let partitioned = if partitions.is_empty() {
        String::new()
    } else {
        let names: Vec<String> = partitions.iter().map(|name| format!("`{name}` string")).collect();
        format!("PARTITIONED BY ({})\n", names.join(", "))
    };
    let zstd = [("parquet.compression", "ZSTD".to_owned())];
    let properties = zstd.iter().chain(properties);
    let properties: Vec<String> =
        properties.map(|(name, value)| format!("  '{name}'='{value}'")).collect();
    format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `{}`.`{}` (\n{}\n)\nCOMMENT '{}'\n{partitioned}\
         STORED AS PARQUET\nLOCATION '{}'\nTBLPROPERTIES (\n{}\n);\n",
        dataset.database,
        table.name,
        columns.join(",\n"),
        commented(table.doc),
        dataset.folder(table),
        properties.join(",\n")
    )
}

/// A text within quotes, as Hive wants it.
fn commented(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

/// Without remarks: Athena takes none before this statement.
fn partitions(dataset: &Dataset, table: &Table) -> Script {
    Script {
        name: format!("3-partitions-{}.sql", table.name),
        text: format!("MSCK REPAIR TABLE `{}`.`{}`;\n", dataset.database, table.name),
    }
}

fn view(dataset: &Dataset, view: &View) -> Script {
    Script {
        name: format!("4-view-{}.sql", view.name),
        text: format!(
            "-- {}\nCREATE OR REPLACE VIEW \"{}\".\"{}\" AS\n{};\n",
            view.doc, dataset.database, view.name, view.sql
        ),
    }
}

fn query(query: &Saved) -> Script {
    let remarks = query.remarks.iter().map(|remark| format!("-- {}\n", remark.replace('\n', " ")));
    let remarks: String = remarks.collect();
    Script {
        name: format!("5-query-{}.sql", query.id),
        text: format!("-- {}\n{remarks}{};\n", query.title.replace('\n', " "), query.sql),
    }
}

#[cfg(test)]
mod tests;
