//! What a finding is about, in the terms of the AWS Security Finding Format.

use serde::Serialize;

use super::limits::{self, fit};
use crate::check::render::is_blank;
use crate::check::verdict::Verdict;

/// The one resource of a finding: an IAM user, or the account for its root user and for what is
/// judged of the whole account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Resource {
    r#type: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<&'static str>,
    region: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    aws_iam_user: User,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_name: String,
}

impl Resource {
    pub(super) fn new(account: &str, verdict: &Verdict, region: &str) -> Self {
        let user = verdict.user.filter(|user| !is_blank(user));
        let arn = verdict.arn.filter(|arn| !is_blank(arn));
        let partition = listed(partition(arn, region));
        let region = region.to_owned();
        // without an ARN, a name is what IAM itself tells users apart by
        match arn.or(user) {
            Some(id) if !is_root(verdict) => Self {
                r#type: "AwsIamUser",
                id: fit(id, limits::RESOURCE_ID),
                partition,
                region,
                details: user.map(|user| Details {
                    aws_iam_user: User { user_name: fit(user, limits::USER_NAME) },
                }),
            },
            _ => Self {
                r#type: "AwsAccount",
                id: format!("AWS::::Account:{account}"),
                partition,
                region,
                details: None,
            },
        }
    }
}

/// Whether a verdict is on the root user of an account.
pub(super) fn is_root(verdict: &Verdict) -> bool {
    verdict.user == Some("<root_account>")
        || verdict.arn.is_some_and(|arn| arn.splitn(6, ':').nth(5) == Some("root"))
}

/// The partition of an ARN, or else of the region.
pub(super) fn partition<'a>(arn: Option<&'a str>, region: &str) -> &'a str {
    arn.and_then(|arn| arn.strip_prefix("arn:")?.split(':').next())
        .filter(|name| {
            name.starts_with("aws") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        })
        .unwrap_or_else(|| of_region(region))
}

fn of_region(region: &str) -> &'static str {
    [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ]
    .into_iter()
    .find_map(|(prefix, partition)| region.starts_with(prefix).then_some(partition))
    .unwrap_or("aws")
}

/// The value `Partition` has for a partition. It may only be one of a list, which misses some and
/// spells two unlike ARNs do; it may be left out, too.
fn listed(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("aws"),
        "aws-cn" => Some("aws-cn"),
        "aws-us-gov" => Some("aws-us-gov"),
        "aws-iso" => Some("aws-us-iso"),
        "aws-iso-b" => Some("aws-us-iso-b"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::render::sample;

    fn shown(verdict: &Verdict, region: &str) -> Value {
        serde_json::to_value(Resource::new("111122223333", verdict, region)).unwrap()
    }

    #[test]
    fn a_user_is_a_user() {
        assert_eq!(
            shown(&sample::verdict(), "eu-central-1"),
            json!({
                "Type": "AwsIamUser",
                "Id": "arn:aws:iam::111122223333:user/alice",
                "Partition": "aws",
                "Region": "eu-central-1",
                "Details": { "AwsIamUser": { "UserName": "alice" } },
            })
        );
        let nameless = Verdict { user: None, ..sample::verdict() };
        assert_eq!(shown(&nameless, "us-east-1")["Type"], "AwsIamUser");
        assert_eq!(shown(&nameless, "us-east-1").get("Details"), None);
        let unlocated = Verdict { arn: None, ..sample::verdict() };
        assert_eq!(shown(&unlocated, "us-east-1")["Id"], "alice");
    }

    #[test]
    fn root_and_account_are_the_account() {
        let account = Verdict { user: None, arn: None, ..sample::verdict() };
        let root = Verdict {
            user: Some("<root_account>"),
            arn: Some("arn:aws-cn:iam::111122223333:root"),
            ..sample::verdict()
        };
        let expected = |partition: &str| {
            json!({
                "Type": "AwsAccount",
                "Id": "AWS::::Account:111122223333",
                "Partition": partition,
                "Region": "cn-north-1",
            })
        };
        assert_eq!(shown(&account, "cn-north-1"), expected("aws-cn"));
        assert_eq!(shown(&root, "cn-north-1"), expected("aws-cn"));
        assert_eq!(shown(&Verdict { user: None, ..root }, "cn-north-1"), expected("aws-cn"));
        assert_eq!(shown(&Verdict { arn: None, ..root }, "cn-north-1"), expected("aws-cn"));
    }

    #[test]
    fn a_user_called_root_is_a_user() {
        let arn = "arn:aws:iam::111122223333:user/x:root";
        let verdict = Verdict { user: Some("root"), arn: Some(arn), ..sample::verdict() };
        assert_eq!(shown(&verdict, "us-east-1")["Id"], arn);
    }

    #[test]
    fn partitions_come_from_the_arn_or_the_region() {
        for (arn, region, expected) in [
            (Some("arn:aws-us-gov:iam::1:root"), "us-east-1", "aws-us-gov"),
            (Some("arn:aws/../x:iam::1:root"), "us-east-1", "aws"),
            (Some("nothing"), "us-gov-west-1", "aws-us-gov"),
            (None, "cn-north-1", "aws-cn"),
            (None, "us-iso-east-1", "aws-iso"),
            (None, "us-isob-east-1", "aws-iso-b"),
            (None, "eusc-de-east-1", "aws-eusc"),
            (None, "ap-southeast-2", "aws"),
        ] {
            assert_eq!(partition(arn, region), expected, "{arn:?} {region}");
        }
        assert_eq!(listed("aws-iso"), Some("aws-us-iso"));
        assert_eq!(listed("aws-eusc"), None);
    }

    #[test]
    fn long_names_are_cut() {
        let (user, arn) = ("u".repeat(65), "a".repeat(2049));
        let verdict = Verdict { user: Some(&user), arn: Some(&arn), ..sample::verdict() };
        let shown = shown(&verdict, "us-east-1");
        assert_eq!(shown["Id"], format!("{}…", "a".repeat(2047)));
        assert_eq!(shown["Details"]["AwsIamUser"]["UserName"], format!("{}…", "u".repeat(63)));
    }
}
