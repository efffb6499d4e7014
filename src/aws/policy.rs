//! The least that must be allowed, as IAM policies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What every live report needs.
pub const REPORT_ACTIONS: [&str; 2] = ["iam:GenerateCredentialReport", "iam:GetCredentialReport"];

/// What `--enrich` needs beside it, of things that are no user's.
pub const ENRICH_ACCOUNT_ACTIONS: [&str; 4] = [
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
];

/// What `--enrich` needs beside it, for each user.
pub const ENRICH_USER_ACTIONS: [&str; 2] = ["iam:ListAccessKeys", "iam:ListUserTags"];

/// Most characters of a session policy (STS API Reference, AssumeRole, `Policy`).
pub const SESSION_POLICY_LIMIT: usize = 2048;

/// Something that a run does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Making and getting the report of an account.
    LiveReport,
    /// What is fetched beside it.
    Enrich,
    /// The accounts of the organization.
    OrganizationAccounts,
    /// The accounts below organizational units.
    OrganizationalUnits,
    /// Becoming a role in other accounts.
    AssumeRole {
        /// Its name, with its path if it has one, or the arn of one role.
        role: String,
    },
    /// Reading reports from S3.
    ReadBucket {
        /// The name of the bucket.
        bucket: String,
        /// What the keys begin with; empty for all.
        prefix: String,
    },
    /// Writing reports to S3.
    WriteBucket {
        /// The name of the bucket.
        bucket: String,
        /// What the keys begin with; empty for all.
        prefix: String,
    },
    /// Objects encrypted with a KMS key of one's own.
    Kms,
}

/// The policy for these needs, in this partition. The same needs make the same policy, in whatever
/// order they come.
#[must_use]
pub fn policy(partition: &str, needs: &[Need]) -> Value {
    let mut sorted = needs.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut sids = BTreeMap::new();
    let mut statements = Vec::new();
    for need in &sorted {
        for statement in statements_for(partition, need, &sorted) {
            statements.push(statement.numbered(&mut sids));
        }
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The policy as text, for people.
#[must_use]
pub fn policy_text(partition: &str, needs: &[Need]) -> String {
    format!("{:#}", policy(partition, needs))
}

/// The policy of a session in a member account: exactly the actions of a run, whatever else the role
/// may do.
#[must_use]
pub fn session_policy(enrich: bool) -> String {
    let actions = actions(enrich);
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The actions of a run in an account.
#[must_use]
pub fn actions(enrich: bool) -> Vec<&'static str> {
    let mut actions = REPORT_ACTIONS.to_vec();
    if enrich {
        actions.extend(ENRICH_ACCOUNT_ACTIONS);
        actions.extend(ENRICH_USER_ACTIONS);
    }
    actions
}

/// One statement that allows something.
struct Statement {
    sid: &'static str,
    actions: Vec<&'static str>,
    resource: String,
    condition: Option<Value>,
}

impl Statement {
    fn new(sid: &'static str, actions: &[&'static str], resource: impl Into<String>) -> Self {
        Self { sid, actions: actions.to_vec(), resource: resource.into(), condition: None }
    }

    /// As JSON; a Sid that was there before gets a number, since each must be its own.
    fn numbered(self, sids: &mut BTreeMap<&'static str, usize>) -> Value {
        let count = sids.entry(self.sid).or_default();
        *count += 1;
        let sid = if *count == 1 { self.sid.to_owned() } else { format!("{}{count}", self.sid) };
        let mut statement = Map::new();
        statement.insert("Sid".into(), sid.into());
        statement.insert("Effect".into(), "Allow".into());
        statement.insert("Action".into(), self.actions.into());
        statement.insert("Resource".into(), self.resource.into());
        if let Some(condition) = self.condition {
            statement.insert("Condition".into(), condition);
        }
        statement.into()
    }
}

fn statements_for(partition: &str, need: &Need, all: &[Need]) -> Vec<Statement> {
    match need {
        Need::LiveReport => vec![Statement::new("CredentialReport", &REPORT_ACTIONS, "*")],
        Need::Enrich => vec![
            Statement::new("EnrichAccount", &ENRICH_ACCOUNT_ACTIONS, "*"),
            Statement::new(
                "EnrichUsers",
                &ENRICH_USER_ACTIONS,
                format!("arn:{partition}:iam::*:user/*"),
            ),
        ],
        Need::OrganizationAccounts => {
            vec![Statement::new("OrganizationAccounts", &["organizations:ListAccounts"], "*")]
        }
        Need::OrganizationalUnits => vec![Statement::new(
            "OrganizationalUnits",
            &[
                "organizations:ListAccountsForParent",
                "organizations:ListOrganizationalUnitsForParent",
            ],
            "*",
        )],
        Need::AssumeRole { role } => {
            vec![Statement::new("MemberRole", &["sts:AssumeRole"], role_arn(partition, role))]
        }
        Need::ReadBucket { bucket, prefix } => vec![
            listing("ListReports", partition, bucket, prefix),
            Statement::new("ReadReports", &["s3:GetObject"], objects(partition, bucket, prefix)),
        ],
        // Whether a report is there already can be told from a denial only by who may list and get.
        Need::WriteBucket { bucket, prefix } => vec![
            listing("ListCollected", partition, bucket, prefix),
            Statement::new(
                "WriteCollected",
                &["s3:GetObject", "s3:PutObject"],
                objects(partition, bucket, prefix),
            ),
        ],
        Need::Kms => vec![kms(partition, all)],
    }
}

fn role_arn(partition: &str, role: &str) -> String {
    if role.starts_with("arn:") {
        return role.to_owned();
    }
    format!("arn:{partition}:iam::*:role/{}", literal(role.trim_start_matches('/')))
}

fn objects(partition: &str, bucket: &str, prefix: &str) -> String {
    format!("arn:{partition}:s3:::{bucket}/{}*", literal(prefix))
}

fn listing(sid: &'static str, partition: &str, bucket: &str, prefix: &str) -> Statement {
    let mut statement =
        Statement::new(sid, &["s3:ListBucket"], format!("arn:{partition}:s3:::{bucket}"));
    if !prefix.is_empty() {
        let pattern = format!("{}*", literal(prefix));
        statement.condition = Some(json!({ "StringLike": { "s3:prefix": pattern } }));
    }
    statement
}

/// The key is not known here, but that S3 uses it is.
fn kms(partition: &str, all: &[Need]) -> Statement {
    let writes = all.iter().any(|need| matches!(need, Need::WriteBucket { .. }));
    let actions: &[&'static str] =
        if writes { &["kms:Decrypt", "kms:GenerateDataKey"] } else { &["kms:Decrypt"] };
    let domain = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let mut statement =
        Statement::new("EncryptedReports", actions, format!("arn:{partition}:kms:*:*:key/*"));
    statement.condition =
        Some(json!({ "StringLike": { "kms:ViaService": format!("s3.*.{domain}") } }));
    statement
}

/// A text that stands for itself in a policy, where stars and dollars mean more.
fn literal(text: &str) -> String {
    text.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(needs: &[Need]) -> Vec<Value> {
        policy("aws", needs)["Statement"].as_array().expect("a list").clone()
    }

    fn bucket(prefix: &str) -> Need {
        Need::ReadBucket { bucket: "logs".into(), prefix: prefix.into() }
    }

    #[test]
    fn a_live_report_takes_two_actions() {
        let expected = json!([{
            "Sid": "CredentialReport", "Effect": "Allow", "Resource": "*",
            "Action": ["iam:GenerateCredentialReport", "iam:GetCredentialReport"],
        }]);
        assert_eq!(Value::from(statements(&[Need::LiveReport])), expected);
    }

    #[test]
    fn a_session_may_do_what_the_run_does_and_fits() {
        let two: Value = serde_json::from_str(&session_policy(false)).expect("JSON");
        let actions_of_two = ["iam:GenerateCredentialReport", "iam:GetCredentialReport"];
        let statement = json!({ "Effect": "Allow", "Action": actions_of_two, "Resource": "*" });
        assert_eq!(two, json!({ "Version": "2012-10-17", "Statement": [statement] }));
        for enrich in [false, true] {
            let text = session_policy(enrich);
            assert!(text.len() <= SESSION_POLICY_LIMIT, "{}", text.len());
            let policy: Value = serde_json::from_str(&text).expect("JSON");
            let allowed: Vec<&str> = policy["Statement"][0]["Action"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(allowed, actions(enrich));
        }
        assert_eq!((actions(false).len(), actions(true).len()), (2, 8));
    }

    #[test]
    fn what_a_session_may_do_the_role_may_do() {
        let list = |needs: &[Need]| {
            let mut actions: Vec<String> = statements(needs)
                .iter()
                .flat_map(|statement| statement["Action"].as_array().expect("a list").clone())
                .filter_map(|action| action.as_str().map(ToOwned::to_owned))
                .collect();
            actions.sort();
            actions
        };
        let mut enriched = actions(true);
        enriched.sort_unstable();
        assert_eq!(list(&[Need::LiveReport, Need::Enrich]), enriched);
    }

    #[test]
    fn a_prefix_limits_listing_and_reading() {
        let told = statements(&[bucket("iam/")]);
        assert_eq!(told[0]["Resource"], "arn:aws:s3:::logs");
        assert_eq!(told[0]["Condition"]["StringLike"]["s3:prefix"], "iam/*");
        assert_eq!(told[1]["Resource"], "arn:aws:s3:::logs/iam/*");
        let told = statements(&[bucket("")]);
        assert_eq!(told[0].get("Condition"), None);
        assert_eq!(told[1]["Resource"], "arn:aws:s3:::logs/*");
    }

    #[test]
    fn stars_in_a_prefix_are_letters() {
        assert_eq!(
            statements(&[bucket("a*b?c$d")])[1]["Resource"],
            "arn:aws:s3:::logs/a${*}b${?}c${$}d*"
        );
    }

    #[test]
    fn a_role_is_named_or_given_whole() {
        let resource = |role: &str| {
            policy("aws-cn", &[Need::AssumeRole { role: role.into() }])["Statement"][0]["Resource"]
                .clone()
        };
        assert_eq!(resource("credsql"), "arn:aws-cn:iam::*:role/credsql");
        assert_eq!(resource("/audit/credsql"), "arn:aws-cn:iam::*:role/audit/credsql");
        assert_eq!(
            resource("arn:aws:iam::123456789012:role/x"),
            "arn:aws:iam::123456789012:role/x"
        );
    }

    #[test]
    fn keys_are_for_writing_only_if_something_is_written() {
        let write = Need::WriteBucket { bucket: "logs".into(), prefix: String::new() };
        let kms = |needs: &[Need]| statements(needs).last().expect("a statement")["Action"].clone();
        assert_eq!(kms(&[Need::Kms, bucket("")]), json!(["kms:Decrypt"]));
        assert_eq!(kms(&[Need::Kms, write]), json!(["kms:Decrypt", "kms:GenerateDataKey"]));
    }

    #[test]
    fn order_does_not_matter_and_every_sid_is_its_own() {
        let needs = [bucket("a"), Need::LiveReport, bucket("b"), Need::LiveReport];
        let mut turned = needs.clone();
        turned.reverse();
        assert_eq!(policy("aws", &needs), policy("aws", &turned));
        let told = statements(&needs);
        let mut sids: Vec<&str> = told.iter().filter_map(|it| it["Sid"].as_str()).collect();
        assert_eq!(sids.len(), 5);
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), 5, "{told:?}");
        assert!(sids.iter().all(|sid| sid.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }
}
