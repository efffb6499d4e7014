//! What is asked when the stack is made, and how the console shows it.

use serde_json::{Map, Value, json};

use super::{Content, quicksight};

/// Holds if Athena finds the days by itself.
pub(super) const PROJECTS: &str = "ProjectsPartitions";

/// Holds if days have to be made known.
pub(super) const REGISTERS: &str = "RegistersPartitions";

/// Holds if a key of one's own encrypts results.
pub(super) const ENCRYPTS_BY_KEY: &str = "EncryptsByKey";

/// Holds if results go to a bucket of another account.
pub(super) const HAS_RESULTS_OWNER: &str = "HasResultsOwner";

/// A place in S3 without a slash at its end. Athena takes neither empty folders in a path nor ARNs of
/// access points; the alias of an access point looks like a bucket. The rest is what
/// [`Dataset::check`](crate::athena::ddl::Dataset::check) refuses.
const LOCATION: &str = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/'`$\\]+)*$";

/// Whether the template offers projection. Accounts cannot be projected: Athena would want every
/// query to name one.
pub(super) fn can_project(content: &Content<'_>) -> bool {
    !content.dataset.by_account
}

/// A parameter with the words that the console shows.
struct Parameter {
    name: &'static str,
    label: &'static str,
    group: &'static str,
    definition: Value,
}

const DATA: &str = "The dataset";
const RESULTS: &str = "Queries and their results";
const QUICKSIGHT: &str = "QuickSight";

fn list(content: &Content<'_>) -> Vec<Parameter> {
    let mut list = data(content);
    list.extend(results());
    list.extend(for_quicksight());
    list
}

fn data(content: &Content<'_>) -> Vec<Parameter> {
    let location = json!({
        "Type": "String",
        "Description": "What was given to credsql export --to: s3://bucket/prefix, without a slash \
            at its end.",
        "AllowedPattern": LOCATION,
        "ConstraintDescription": "must be s3://bucket/prefix without a slash at its end",
        "Default": content.dataset.location.trim_end_matches('/'),
    });
    let first = json!({
        "Type": "String",
        "Description": "The first day that Athena looks for, as 2026-01-31. Earlier days are not \
            seen; each day without a report costs a little time. Unused without projection.",
        "AllowedPattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        "ConstraintDescription": "must be a day such as 2026-01-31",
        "Default": content.dataset.first_day,
    });
    let mut list = vec![Parameter {
        name: "DataLocation",
        label: "Location",
        group: DATA,
        definition: location,
    }];
    if can_project(content) {
        list.push(Parameter {
            name: "FirstDay",
            label: "First day",
            group: DATA,
            definition: first,
        });
        list.push(Parameter {
            name: "PartitionProjection",
            label: "Projection of days",
            group: DATA,
            definition: json!({
                "Type": "String",
                "Default": "true",
                "Description": "true: Athena finds new days by itself, and other engines have to \
                    be told of them. false: days are registered in the catalog after every export, \
                    by the saved queries register-days-of-...",
                "AllowedValues": ["true", "false"],
            }),
        });
    }
    list
}

fn results() -> Vec<Parameter> {
    let one = |name, label, definition| Parameter { name, label, group: RESULTS, definition };
    vec![
        one(
            "ResultsLocation",
            "Location of results",
            json!({
                "Type": "String",
                "Description": "Where Athena writes the results of queries, which tell what the \
                    reports tell: s3://bucket/prefix, not below the dataset. Let old ones expire.",
                "AllowedPattern": LOCATION.replace(")*$", ")*/?$"),
                "ConstraintDescription": "must be s3://bucket/prefix",
            }),
        ),
        one(
            "ResultsKmsKeyArn",
            "KMS key of results",
            json!({
                "Type": "String",
                "Default": "",
                "Description": "The KMS key that encrypts results. Empty: the key of S3.",
                "AllowedPattern":
                    "^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$",
                "ConstraintDescription": "must be empty, or the ARN of a KMS key",
            }),
        ),
        one(
            "ResultsBucketAccountId",
            "Account of the bucket of results",
            json!({
                "Type": "String",
                "Default": "",
                "Description": "The account that owns the bucket of results. Empty: this account. \
                    Results never go to a bucket of anybody else.",
                "AllowedPattern": "^$|^[0-9]{12}$",
                "ConstraintDescription": "must be empty, or 12 digits",
            }),
        ),
        one(
            "WorkGroupName",
            "Name of the workgroup",
            json!({
                "Type": "String",
                "Default": "credsql",
                "Description": "A new workgroup. It is deleted with the stack, with all that was \
                    saved in it.",
                "AllowedPattern": "^[a-zA-Z0-9._-]{1,128}$",
                "ConstraintDescription": "must be up to 128 letters, digits and ._-",
            }),
        ),
        one(
            "ScanLimitBytes",
            "Most bytes that a query may scan",
            json!({
                "Type": "Number",
                "Default": 107_374_182_400_u64,
                "Description": "Athena ends a query that scans more; it is paid by bytes scanned. \
                    100 GiB are about as many reports as 10,000 accounts make in ten years.",
                "MinValue": 10_000_000,
                "MaxValue": 7_000_000_000_000_000_000_u64,
            }),
        ),
    ]
}

fn for_quicksight() -> Vec<Parameter> {
    let one = |name, label, definition| Parameter { name, label, group: QUICKSIGHT, definition };
    vec![
        one(
            "QuickSightPrincipalArn",
            "Owner of the data sets",
            json!({
                "Type": "String",
                "Default": "",
                "Description": "The ARN of a QuickSight user or group. Empty: nothing for \
                    QuickSight. QuickSight itself must be allowed to use Athena and both buckets.",
                "AllowedPattern": "^$|^arn:aws[a-z-]*:quicksight:[a-z0-9-]+:[0-9]{12}:(user|group)/.+$",
                "ConstraintDescription": "must be empty, or the ARN of a QuickSight user or group",
            }),
        ),
        one(
            "RefreshTime",
            "Time of the daily import",
            json!({
                "Type": "String",
                "Default": "06:00",
                "Description": "When QuickSight imports every day, in UTC: some time after the \
                    export.",
                "AllowedPattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                "ConstraintDescription": "must be a time such as 06:00",
            }),
        ),
    ]
}

/// The parameters by name.
pub(super) fn parameters(content: &Content<'_>) -> Map<String, Value> {
    list(content).into_iter().map(|one| (one.name.to_owned(), one.definition)).collect()
}

/// How the console shows them, and how the template is deployed.
pub(super) fn metadata(content: &Content<'_>) -> Value {
    let list = list(content);
    let groups = [DATA, RESULTS, QUICKSIGHT].map(|group| {
        let names: Vec<&str> =
            list.iter().filter(|one| one.group == group).map(|one| one.name).collect();
        json!({ "Label": { "default": group }, "Parameters": names })
    });
    let labels: Map<String, Value> =
        list.iter().map(|one| (one.name.to_owned(), json!({ "default": one.label }))).collect();
    json!({
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": groups,
            "ParameterLabels": labels,
        },
        "Deploy": deploy(content),
    })
}

/// JSON has no comments, so the commands are data. A template of more than 51,200 bytes goes through
/// a bucket.
fn deploy(content: &Content<'_>) -> Vec<String> {
    let mut lines = vec![
        "aws cloudformation deploy".to_owned(),
        "--stack-name credsql-athena".to_owned(),
        "--template-file credsql-athena.json".to_owned(),
        "--s3-bucket exampleorg-templates".to_owned(),
        "--parameter-overrides".to_owned(),
        format!("DataLocation={}", content.dataset.location.trim_end_matches('/')),
    ];
    if can_project(content) {
        lines.push(format!("FirstDay={}", content.dataset.first_day));
    }
    lines.push("ResultsLocation=s3://exampleorg-athena-results/credsql".to_owned());
    lines
}

/// The conditions by name.
pub(super) fn conditions(content: &Content<'_>) -> Map<String, Value> {
    let is_given = |name: &str| json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": name }, ""] }] });
    let projects =
        |wanted: &str| json!({ "Fn::Equals": [{ "Ref": "PartitionProjection" }, wanted] });
    let mut conditions = Map::from_iter([
        (quicksight::CONDITION.to_owned(), is_given("QuickSightPrincipalArn")),
        (ENCRYPTS_BY_KEY.to_owned(), is_given("ResultsKmsKeyArn")),
        (HAS_RESULTS_OWNER.to_owned(), is_given("ResultsBucketAccountId")),
    ]);
    if can_project(content) {
        conditions.insert(PROJECTS.to_owned(), projects("true"));
        conditions.insert(REGISTERS.to_owned(), projects("false"));
    }
    conditions
}
