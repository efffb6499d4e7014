//! What each table of ours is over the exported tables, in Trino's words.
//!
//! Text from the list of columns and nothing of a user's: names, and times as numbers. An exported
//! table is named with its database, any other name is one of this list.

use super::literal;
use super::render::Target;
use super::saved::VIEWS;
use crate::error::{Error, Result};
use crate::library::views;
use crate::report::Millis;
use crate::schema::{CLOCK, Column, DAY_COLUMN, INTERNAL, Kind, LINEAGE, REPORT, Sentinel, Table};
use crate::table::selection::Scope;

/// What the tables of ours stand on beside each other: which reports are the newest, the newest
/// but one, and the rows of those shown with what each cell said.
const BENEATH: [&str; 3] = ["newest_reports", "previous_reports", "report_states"];

/// A name that [`text`] knows, as the list has it.
pub(super) fn known(name: &str) -> Option<&'static str> {
    Table::named(name).map(|table| table.name)
}

/// A name that [`text`] knows where the views are there: what is neither view nor exported whole.
pub(super) fn known_beside_views(name: &str) -> Option<&'static str> {
    let exported = ["credential_report_history", "credentials_history"];
    known(name).filter(|name| !VIEWS.contains(name) && !exported.contains(name))
}

/// A name that [`text`] knows, or that a text of this list knows beside it.
pub(super) fn known_within(name: &str) -> Option<&'static str> {
    known(name).or_else(|| BENEATH.into_iter().find(|beneath| *beneath == name))
}

/// The query that a table is.
///
/// # Errors
/// If it is nothing that an exported dataset can tell.
pub(super) fn text(name: &str, target: &Target) -> Result<String> {
    Ok(match name {
        "credential_report" => report_rows(target, &[&REPORT, &LINEAGE, &CLOCK]),
        "report_states" => report_rows(target, &[&REPORT, &LINEAGE, &CLOCK, &INTERNAL]),
        "credential_report_history" | "credentials_history" => {
            let columns = table(name)?.columns().map(|column| column_name("", column));
            select(columns, &format!("{} {}", exported(target, name), seen(target)))
        }
        "credential_report_raw" => raw(target),
        "newest_reports" => chosen(target, 1),
        "previous_reports" => chosen(target, 2),
        "credentials" => views::CREDENTIALS.to_owned(),
        "changes" => views::CHANGES.to_owned(),
        "reports" => reports(target)?,
        "controls" => {
            return Err(Error::Sql {
                message: "table `controls` is not on Athena".to_owned(),
                place: None,
                hint: Some("ask for it in a statement of its own, which needs no reports".into()),
            });
        }
        _ => empty(table(name)?),
    })
}

/// The type of a column as Trino casts to it.
pub(super) fn trino_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "VARCHAR",
        Kind::Boolean => "BOOLEAN",
        Kind::Timestamp => "TIMESTAMP",
        Kind::Integer => "BIGINT",
    }
}

/// A name in the quotes that Trino's queries take.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column, after the name of its table with a dot. One is a word of the language.
pub(super) fn column_name(of: &str, column: &Column) -> String {
    let name = column.name;
    if name == "user" { format!("{of}\"user\"") } else { format!("{of}{name}") }
}

fn table(name: &str) -> Result<&'static Table> {
    Table::named(name).ok_or_else(|| Error::usage(format!("there is no table `{name}`"), ""))
}

fn exported(target: &Target, name: &str) -> String {
    format!("{}.{}", quoted(&target.database), quoted(name))
}

pub(super) fn select(columns: impl Iterator<Item = String>, from: &str) -> String {
    let columns: Vec<String> = columns.collect();
    format!("SELECT {} FROM {from}", columns.join(", "))
}

/// What `--as-of` leaves; the day as well, so that later ones are not looked at.
fn seen(target: &Target) -> String {
    match target.as_of.and_then(moment) {
        None => String::new(),
        Some((time, day)) => {
            format!("WHERE generated_time <= {time} AND {DAY_COLUMN} <= {day}")
        }
    }
}

/// A time, and its day as the paths of a dataset have it.
fn moment(as_of: Millis) -> Option<(String, String)> {
    let day = literal::day(as_of)?.to_string();
    Some((literal::instant(as_of)?.to_string(), day.trim_start_matches("DATE ").to_owned()))
}

/// The rows of the reports that the tables of the latest ones show. The large table comes first:
/// without statistics Trino keeps the other side of a join in memory, and reads of the first what
/// can meet it.
fn report_rows(target: &Target, groups: &[&[Column]]) -> String {
    let (of, from) = match target.shown {
        Scope::History => ("", format!("{} {}", history(target), seen(target))),
        Scope::Latest => ("report.", joined(target, "newest_reports")),
        Scope::Previous => ("report.", joined(target, "previous_reports")),
    };
    // The clock of the latest reports alone is another than their own.
    let clock = target.as_of.filter(|_| target.shown == Scope::Latest).and_then(moment);
    let columns = groups.iter().copied().flatten().map(|column| match &clock {
        Some((time, _)) if CLOCK.iter().any(|clock| clock.name == column.name) => {
            format!("{time} AS {}", column.name)
        }
        _ => column_name(of, column),
    });
    select(columns, &from)
}

fn history(target: &Target) -> String {
    exported(target, "credential_report_history")
}

fn joined(target: &Target, chosen: &str) -> String {
    format!(
        "{} AS report INNER JOIN {chosen} AS chosen ON report.{DAY_COLUMN} = chosen.{DAY_COLUMN} AND {}",
        history(target),
        same_report("report")
    )
}

/// Whether a row and a report chosen are of one.
fn same_report(row: &str) -> String {
    format!(
        "{row}.source = chosen.source AND {row}.generated_time = chosen.generated_time \
         AND coalesce({row}.account_id, '') = coalesce(chosen.account_id, '') \
         AND coalesce({row}.partition, '') = coalesce(chosen.partition, '')"
    )
}

/// The newest report of each account, or the one before it.
///
/// As in [`crate::report::Account`]: an account goes by its id and, outside `aws`, its partition;
/// if it has no id of twelve digits by what its ARNs have there, else by its source. ARNs are read
/// only for those, being most of the bytes. Of two reports of one time that whose source is first.
fn chosen(target: &Target, place: u8) -> String {
    let rows = |condition: &str, partition: &str, account: &str| {
        let seen = seen(target);
        let seen = if seen.is_empty() { "WHERE".to_owned() } else { format!("{seen} AND") };
        format!(
            "SELECT {DAY_COLUMN}, partition, account_id, source, generated_time, \
             {partition} AS account_partition, {account} AS account \
             FROM {} {seen} {condition} \
             GROUP BY {DAY_COLUMN}, partition, account_id, source, generated_time",
            history(target)
        )
    };
    let in_arns =
        "max(CASE WHEN arn LIKE 'arn:%:%:%:%:%' THEN nullif(split_part(arn, ':', 5), '') END)";
    let known = rows("account_id IS NOT NULL", "coalesce(partition, 'aws')", "account_id");
    let others = rows(
        "account_id IS NULL",
        // No partition is empty: a source is no account's id.
        &format!("CASE WHEN {in_arns} IS NULL THEN '' ELSE coalesce(partition, 'aws') END"),
        &format!("coalesce({in_arns}, source)"),
    );
    format!(
        "SELECT {DAY_COLUMN}, partition, account_id, source, generated_time FROM (\
         SELECT {DAY_COLUMN}, partition, account_id, source, generated_time, \
         dense_rank() OVER (PARTITION BY account_partition, account ORDER BY generated_time DESC NULLS LAST) AS place, \
         min(source) OVER (PARTITION BY account_partition, account, generated_time) AS first_source \
         FROM ({known} UNION ALL {others}) AS reports_of_accounts\
         ) AS ranked WHERE place = {place} AND source = first_source"
    )
}

/// Cells as they were delivered: what has a value in today's spelling of AWS, what has none as the
/// word that its letter stands for. So a dataset reads here as it does when it is a source.
fn raw(target: &Target) -> String {
    let report = REPORT.iter().enumerate().map(|(position, column)| {
        let name = column_name("", column);
        let value = match column.kind {
            Kind::Text => name.clone(),
            Kind::Boolean | Kind::Integer => format!("CAST({name} AS VARCHAR)"),
            Kind::Timestamp => rfc3339(&name),
        };
        let words = Sentinel::ALL.map(|sentinel| {
            let letter = crate::decode::cell::State::Sentinel(sentinel).letter();
            format!("WHEN '{letter}' THEN '{}'", sentinel.text())
        });
        format!(
            "coalesce({value}, CASE substr(cell_states, {}, 1) {} \
             WHEN 'm' THEN NULL WHEN 'u' THEN NULL ELSE '' END) AS {name}",
            position + 1,
            words.join(" ")
        )
    });
    let lineage = LINEAGE.iter().map(|column| column_name("", column));
    let rest = crate::schema::RAW.iter().map(null);
    let from = format!("{} {}", history(target), seen(target));
    select(report.chain(lineage).chain(rest), &from)
}

/// A time as [`crate::decode::time::format`] writes it. The cast has a blank or a `T` between day
/// and time.
fn rfc3339(time: &str) -> String {
    let text = format!("CAST({time} AS VARCHAR)");
    format!(
        "replace(substr({text}, 1, 19), ' ', 'T') || \
         CASE WHEN date_trunc('second', {time}) = {time} THEN '' ELSE substr({text}, 20, 4) END || 'Z'"
    )
}

/// The exported table, with what it leaves out because the next export would make it wrong.
fn reports(target: &Target) -> Result<String> {
    let columns = table("reports")?.columns().map(|column| match column.name {
        "is_latest" => {
            "found.status IN ('ok', 'warning') AND chosen.source IS NOT NULL AS is_latest".into()
        }
        _ => column_name("found.", column),
    });
    let seen = target.as_of.and_then(moment).map_or(String::new(), |(time, _)| {
        format!(" WHERE found.generated_time <= {time} OR found.generated_time IS NULL")
    });
    let from = format!(
        "{} AS found LEFT JOIN newest_reports AS chosen ON {}{seen}",
        exported(target, "reports"),
        same_report("found")
    );
    Ok(select(columns, &from))
}

/// What is not exported is not known, as without `--enrich`.
fn empty(table: &Table) -> String {
    let columns: Vec<String> = table.columns().map(null).collect();
    format!("SELECT {} WHERE false", columns.join(", "))
}

fn null(column: &Column) -> String {
    format!("CAST(NULL AS {}) AS {}", trino_type(column.kind), column_name("", column))
}
