use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::*;
use crate::schema::{DAY_COLUMN, EXPORTED, Kind, Table};

fn dataset() -> Dataset {
    Dataset {
        database: "audit".to_owned(),
        location: "s3://reports/dataset/".to_owned(),
        by_account: false,
        first_day: "2025-06-30".to_owned(),
    }
}

/// The template of the library as it is.
fn whole(dataset: &Dataset) -> Value {
    let library = Library::embedded().expect("the library is read by tests");
    read(&template(dataset, &library).unwrap())
}

fn read(text: &str) -> Value {
    assert!(text.is_ascii() && text.ends_with("}\n"));
    serde_json::from_str(text).unwrap()
}

/// The template of a few things.
fn part(views: &[View], saved: &[Saved]) -> Result<String> {
    made(&Content { dataset: &dataset(), views, saved })
}

fn saved(id: &str) -> Saved {
    Saved {
        id: id.to_owned(),
        title: "Keys are rotated".to_owned(),
        description: "Why — it matters.".to_owned(),
        remarks: vec!["days: the oldest age (here 90)".to_owned()],
        sql: "SELECT \"user\"\nFROM credentials".to_owned(),
    }
}

fn view(name: &str, sql: &str) -> View {
    let table = Table::named(name).unwrap();
    View {
        name: table.name,
        doc: table.doc,
        columns: table.columns().collect(),
        sql: sql.to_owned(),
    }
}

fn table<'a>(template: &'a Value, id: &str) -> &'a Value {
    let table = &template["Resources"][id]["Properties"]["TableInput"];
    assert!(table.is_object(), "{id}");
    table
}

fn names(columns: &Value) -> Vec<&str> {
    columns.as_array().unwrap().iter().map(|column| column["Name"].as_str().unwrap()).collect()
}

#[test]
fn tables_have_the_columns_of_the_files_and_the_day() {
    let template = whole(&dataset());
    for exported in EXPORTED {
        let table = table(&template, &logical_id("Table", exported.name));
        assert_eq!(table["Name"], exported.name);
        let columns = &table["StorageDescriptor"]["Columns"];
        assert_eq!(names(columns), exported.columns().map(|c| c.name).collect::<Vec<_>>());
        for (column, wanted) in columns.as_array().unwrap().iter().zip(exported.columns()) {
            let kind = match wanted.kind {
                Kind::Text => "string",
                Kind::Boolean => "boolean",
                Kind::Timestamp => "timestamp",
                Kind::Integer => "bigint",
            };
            assert_eq!(column["Type"], kind, "{}", wanted.name);
        }
        // The reports that could not be read are of no day, and have to be seen all the same.
        let days = if exported.name == "reports" { vec![] } else { vec![DAY_COLUMN] };
        assert_eq!(names(&table["PartitionKeys"]), days);
        let projects = table["Parameters"]["Fn::If"].is_array();
        assert_eq!(projects, exported.name != "reports");
        let location = format!("${{DataLocation}}/{}/", exported.name);
        assert_eq!(table["StorageDescriptor"]["Location"]["Fn::Sub"], location);
    }
    assert_eq!(template["Parameters"]["DataLocation"]["Default"], "s3://reports/dataset");
    assert_eq!(template["Parameters"]["FirstDay"]["Default"], "2025-06-30");
}

#[test]
fn an_account_in_the_paths_is_in_no_file_and_not_projected() {
    let template = whole(&Dataset { by_account: true, ..dataset() });
    for exported in EXPORTED {
        let table = table(&template, &logical_id("Table", exported.name));
        assert_eq!(names(&table["PartitionKeys"]), [DAY_COLUMN, "account_id"]);
        assert!(!names(&table["StorageDescriptor"]["Columns"]).contains(&"account_id"));
        assert_eq!(table["Parameters"]["classification"], "parquet");
        let repair = format!("register-days-of-{}", exported.name);
        let repair = &template["Resources"][logical_id("Query", &repair)];
        assert!(repair["Condition"].is_null());
        let sql = format!("MSCK REPAIR TABLE `audit`.`{}`", exported.name);
        assert_eq!(repair["Properties"]["QueryString"], sql);
    }
    assert!(template["Parameters"]["FirstDay"].is_null());
}

#[test]
fn a_view_is_what_athena_makes_of_its_statement() {
    let sql = "SELECT '${DataLocation} ü \"it''s\"' FROM \"audit\".\"changes\"";
    let view = view("changes", sql);
    let template = read(&part(std::slice::from_ref(&view), &[]).unwrap());
    let table = table(&template, "ViewChanges");
    let text = table["ViewOriginalText"].as_str().unwrap();
    let encoded = text.strip_prefix("/* Presto View: ").unwrap().strip_suffix(" */").unwrap();
    let definition: Value =
        serde_json::from_slice(&BASE64_STANDARD.decode(encoded).unwrap()).unwrap();
    assert_eq!(definition["originalSql"], sql);
    assert_eq!(definition["catalog"], "awsdatacatalog");
    assert_eq!(definition["schema"], "audit");
    let columns = definition["columns"].as_array().unwrap();
    assert_eq!(columns.len(), view.columns.len());
    for (column, wanted) in columns.iter().zip(&view.columns) {
        assert_eq!(column["name"], wanted.name);
        let kind = match wanted.kind {
            Kind::Text => "varchar",
            Kind::Boolean => "boolean",
            Kind::Timestamp => "timestamp(3)",
            Kind::Integer => "bigint",
        };
        assert_eq!(column["type"], kind);
    }
    assert_eq!(
        names(&table["StorageDescriptor"]["Columns"]),
        view.columns.iter().map(|column| column.name).collect::<Vec<_>>()
    );
    assert_eq!(table["Parameters"]["presto_view"], "true");
    assert_eq!(table["TableType"], "VIRTUAL_VIEW");
}

#[test]
fn everything_of_quicksight_is_for_those_who_use_it() {
    let template = whole(&dataset());
    let mut sets = Vec::new();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        assert_eq!(
            kind.starts_with("AWS::QuickSight::"),
            resource["Condition"] == "UsesQuickSight"
        );
        if kind == "AWS::QuickSight::DataSet" {
            let physical = resource["Properties"]["PhysicalTableMap"].as_object().unwrap();
            assert_eq!(physical.len(), 1, "{id}");
            let relational = &physical.values().next().unwrap()["RelationalTable"];
            let name = relational["Name"].as_str().unwrap();
            let on = table(&template, resource["DependsOn"][0].as_str().unwrap());
            assert_eq!(on["Name"], name);
            let columns = names(&on["StorageDescriptor"]["Columns"]);
            assert_eq!(names(&relational["InputColumns"]), columns);
            sets.push(name.to_owned());
        }
    }
    assert_eq!(sets, ["changes", "credential_report", "credentials", "reports"]);
}

#[test]
fn names_that_become_one_id_become_two() {
    let template = read(&part(&[], &[saved("a-b"), saved("a_b"), saved("A-B")]).unwrap());
    for (id, name) in [("QueryAB", "a-b"), ("QueryAB2", "a_b"), ("QueryAB3", "A-B")] {
        assert_eq!(template["Resources"][id]["Properties"]["Name"], name);
    }
}

#[test]
fn words_are_cut_and_what_is_too_large_for_aws_is_refused() {
    let mut long = saved("long");
    let template = read(&part(&[], std::slice::from_ref(&long)).unwrap());
    assert_eq!(
        template["Resources"]["QueryLong"]["Properties"]["Description"],
        "Keys are rotated. days: the oldest age (here 90). Why — it matters."
    );
    long.description = "ü".repeat(2000);
    let template = read(&part(&[], &[long]).unwrap());
    let description = template["Resources"]["QueryLong"]["Properties"]["Description"].as_str();
    let description = description.unwrap();
    assert!(description.len() <= 1024 && description.ends_with("ü…"), "{description}");

    let many: Vec<Saved> = (0..500).map(|number| saved(&format!("q{number}"))).collect();
    let error = part(&[], &many).unwrap_err().to_string();
    assert!(error.contains("CloudFormation takes 500"), "{error}");
    let mut large = saved("large");
    large.sql = "x".repeat(1_000_000);
    let error = part(&[], &[large]).unwrap_err().to_string();
    assert!(error.contains("CloudFormation takes 1000000"), "{error}");
    let error = part(&[view("changes", &"x".repeat(400_000))], &[]).unwrap_err();
    assert_eq!(error.to_string(), "the view changes is too long for the Data Catalog");
}

#[test]
fn places_that_athena_does_not_read_are_refused() {
    let library = Library::embedded().expect("the library is read by tests");
    for location in ["reports/", "s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/name"] {
        let dataset = Dataset { location: location.to_owned(), ..dataset() };
        let error = template(&dataset, &library).unwrap_err().to_string();
        assert_eq!(error, format!("Athena reads no dataset at `{location}`"));
    }
}

#[test]
fn everything_that_is_referred_to_is_there() {
    fn refer(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    match (key.as_str(), inner) {
                        ("Ref" | "Condition", Value::String(name)) => found.push(name.clone()),
                        ("Fn::GetAtt" | "Fn::If" | "DependsOn", Value::Array(parts)) => {
                            found.extend(parts[0].as_str().map(str::to_owned));
                        }
                        ("Fn::Sub", Value::String(text)) => {
                            let names = text.split("${").skip(1);
                            found.extend(
                                names.filter_map(|rest| Some(rest.split_once('}')?.0.into())),
                            );
                        }
                        _ => {}
                    }
                    refer(inner, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| refer(value, found)),
            _ => {}
        }
    }
    for by_account in [false, true] {
        let template = whole(&Dataset { by_account, ..dataset() });
        let mut found = Vec::new();
        refer(&template, &mut found);
        assert!(found.len() > 50);
        for name in found {
            let is_there = name.starts_with("AWS::")
                || ["Parameters", "Resources", "Conditions"]
                    .iter()
                    .any(|section| !template[section][&name].is_null());
            assert!(is_there, "{name}");
        }
    }
}
