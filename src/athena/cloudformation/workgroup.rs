//! The workgroup, which limits what a query may scan, and the saved queries in it.

use serde_json::{Value, json};

use super::{Content, Ids, Resources, Saved, at_most, catalog, either, parameters, reference};
use crate::schema::EXPORTED;

/// Most characters of the name of a saved query; bytes are no fewer.
const LONGEST_NAME: usize = 128;

/// Most characters of its description.
const LONGEST_DESCRIPTION: usize = 1024;

/// Adds all of it.
pub(super) fn add(content: &Content<'_>, resources: &mut Resources) {
    resources.add("WorkGroup", workgroup());
    let mut ids = Ids::default();
    for saved in content.saved {
        let id = ids.make("Query", &saved.id);
        resources.add(&id, named_query(saved));
    }
    for table in EXPORTED.iter().filter(|table| catalog::is_partitioned(content, table)) {
        let name = table.name;
        let repair = Saved {
            id: format!("register-days-of-{}", name.replace('_', "-")),
            title: format!("Makes the new days of {name} known"),
            description: "To be run after every export, as partitions are not projected. It only \
                adds: a day that is gone from the bucket has to be dropped."
                .to_owned(),
            remarks: Vec::new(),
            sql: format!("MSCK REPAIR TABLE `{}`.`{name}`", content.dataset.database),
        };
        let mut query = named_query(&repair);
        if parameters::can_project(content)
            && let Some(resource) = query.as_object_mut()
        {
            resource.insert("Condition".to_owned(), parameters::REGISTERS.into());
        }
        let id = ids.make("Query", &repair.id);
        resources.add(&id, query);
    }
}

fn workgroup() -> Value {
    let encryption = either(
        parameters::ENCRYPTS_BY_KEY,
        json!({ "EncryptionOption": "SSE_KMS", "KmsKey": reference("ResultsKmsKeyArn") }),
        json!({ "EncryptionOption": "SSE_S3" }),
    );
    let owner = either(
        parameters::HAS_RESULTS_OWNER,
        reference("ResultsBucketAccountId"),
        reference("AWS::AccountId"),
    );
    json!({
        "Type": "AWS::Athena::WorkGroup",
        "Properties": {
            "Name": reference("WorkGroupName"),
            "Description": "Queries over exported credential reports, made by credsql.",
            "State": "ENABLED",
            // A workgroup that has run a query could not be deleted with the stack otherwise.
            "RecursiveDeleteOption": true,
            "WorkGroupConfiguration": {
                "BytesScannedCutoffPerQuery": reference("ScanLimitBytes"),
                "EnforceWorkGroupConfiguration": true,
                "EngineVersion": { "SelectedEngineVersion": "Athena engine version 3" },
                "PublishCloudWatchMetricsEnabled": true,
                "RequesterPaysEnabled": false,
                "ResultConfiguration": {
                    "EncryptionConfiguration": encryption,
                    "ExpectedBucketOwner": owner,
                    "OutputLocation": reference("ResultsLocation"),
                },
            },
            "Tags": [{ "Key": "Application", "Value": "credsql" }],
        },
    })
}

fn named_query(saved: &Saved) -> Value {
    // What its parameters are comes first, as the rest may be cut.
    let words = [&saved.title].into_iter().chain(&saved.remarks).chain([&saved.description]);
    let words: Vec<&str> = words.map(|text| text.trim().trim_end_matches('.')).collect();
    let description = format!("{}.", words.join(". "));
    json!({
        "Type": "AWS::Athena::NamedQuery",
        "Properties": {
            "Name": at_most(&saved.id, LONGEST_NAME),
            "Description": at_most(&description, LONGEST_DESCRIPTION),
            "Database": reference("Database"),
            "WorkGroup": reference("WorkGroup"),
            "QueryString": saved.sql,
        },
    })
}
