//! QuickSight over Athena: a data source, data sets that are imported every day.

use serde_json::{Value, json};

use super::{Content, Resources, attribute, logical_id, reference, substitute};
use crate::schema::{Column, EXPORTED, Kind, Table};

/// Holds if somebody is to see data sets.
pub(super) const CONDITION: &str = "UsesQuickSight";

/// Tables worth a data set: one row per user, per credential, per difference, per report.
const SHOWN: [&str; 4] = ["credential_report", "credentials", "changes", "reports"];

/// What the owner of a data source may do: QuickSight knows owners and viewers by their whole set of
/// actions, and shows any other set as neither.
const SOURCE_OWNER: [&str; 6] = [
    "quicksight:DescribeDataSource",
    "quicksight:DescribeDataSourcePermissions",
    "quicksight:PassDataSource",
    "quicksight:UpdateDataSource",
    "quicksight:DeleteDataSource",
    "quicksight:UpdateDataSourcePermissions",
];

/// What the owner of a data set may do.
const SET_OWNER: [&str; 18] = [
    "quicksight:DescribeDataSet",
    "quicksight:DescribeDataSetPermissions",
    "quicksight:PassDataSet",
    "quicksight:UpdateDataSet",
    "quicksight:DeleteDataSet",
    "quicksight:UpdateDataSetPermissions",
    "quicksight:DescribeIngestion",
    "quicksight:ListIngestions",
    "quicksight:CreateIngestion",
    "quicksight:CancelIngestion",
    "quicksight:DescribeRefreshSchedule",
    "quicksight:ListRefreshSchedules",
    "quicksight:CreateRefreshSchedule",
    "quicksight:UpdateRefreshSchedule",
    "quicksight:DeleteRefreshSchedule",
    "quicksight:DescribeDataSetRefreshProperties",
    "quicksight:PutDataSetRefreshProperties",
    "quicksight:DeleteDataSetRefreshProperties",
];

/// Adds all of it.
pub(super) fn add(content: &Content<'_>, resources: &mut Resources) {
    resources.add("DataSource", data_source());
    for name in SHOWN {
        // A data set shows a view, or a table of the dataset as it is there.
        let is_view = content.views.iter().any(|view| view.name == name);
        let exported = EXPORTED.iter().find(|table| table.name == name);
        let (table, stands_on) = match (is_view, Table::named(name), exported) {
            (true, Some(table), _) => (table, logical_id("View", name)),
            (false, _, Some(table)) => (table, logical_id("Table", name)),
            _ => continue,
        };
        let set = logical_id("DataSet", name);
        resources.add(&set, data_set(content, table, &stands_on));
        resources.add(&logical_id("Refresh", name), refresh(name, &set));
    }
}

fn permissions(actions: &[&str]) -> Value {
    json!([{ "Principal": reference("QuickSightPrincipalArn"), "Actions": actions }])
}

/// The id of a data set, another in each stack.
fn set_id(table: &str) -> Value {
    substitute(&format!("${{AWS::StackName}}-{}", table.replace('_', "-")))
}

fn data_source() -> Value {
    json!({
        "Type": "AWS::QuickSight::DataSource",
        "Condition": CONDITION,
        "Properties": {
            "AwsAccountId": reference("AWS::AccountId"),
            "DataSourceId": substitute("${AWS::StackName}-athena"),
            "Name": "credsql",
            "Type": "ATHENA",
            "DataSourceParameters": { "AthenaParameters": { "WorkGroup": reference("WorkGroup") } },
            "SslProperties": { "DisableSsl": false },
            "Permissions": permissions(&SOURCE_OWNER),
            "Tags": [{ "Key": "Application", "Value": "credsql" }],
        },
    })
}

fn data_set(content: &Content<'_>, table: &Table, stands_on: &str) -> Value {
    let columns: Vec<Value> = table.columns().map(input_column).collect();
    json!({
        "Type": "AWS::QuickSight::DataSet",
        "Condition": CONDITION,
        "DependsOn": [stands_on],
        "Properties": {
            "AwsAccountId": reference("AWS::AccountId"),
            "DataSetId": set_id(table.name),
            "Name": format!("{} {}", content.dataset.database, table.name),
            "ImportMode": "SPICE",
            // An import that fails, for want of permission or of days, is to be seen in QuickSight;
            // it should not take the stack with it.
            "IngestionWaitPolicy": { "WaitForSpiceIngestion": false },
            "PhysicalTableMap": {
                (table.name.replace('_', "-")): {
                    "RelationalTable": {
                        "DataSourceArn": attribute("DataSource", "Arn"),
                        "Catalog": "AwsDataCatalog",
                        "Schema": reference("Database"),
                        "Name": table.name,
                        "InputColumns": columns,
                    },
                },
            },
            "Permissions": permissions(&SET_OWNER),
            "Tags": [{ "Key": "Application", "Value": "credsql" }],
        },
    })
}

fn refresh(table: &str, set: &str) -> Value {
    json!({
        "Type": "AWS::QuickSight::RefreshSchedule",
        "Condition": CONDITION,
        // By its id, since a reference to a data set has the account in it as well.
        "DependsOn": [set],
        "Properties": {
            "AwsAccountId": reference("AWS::AccountId"),
            "DataSetId": set_id(table),
            "Schedule": {
                "ScheduleId": "daily",
                "RefreshType": "FULL_REFRESH",
                "ScheduleFrequency": {
                    "Interval": "DAILY",
                    "TimeOfTheDay": reference("RefreshTime"),
                    "TimeZone": "UTC",
                },
            },
        },
    })
}

fn input_column(column: &Column) -> Value {
    let kind = match column.kind {
        Kind::Text => "STRING",
        // BIT would be shown as a number.
        Kind::Boolean => "BOOLEAN",
        Kind::Timestamp => "DATETIME",
        Kind::Integer => "INTEGER",
    };
    json!({ "Name": column.name, "Type": kind })
}
