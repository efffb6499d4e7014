//! What access keys are used for: services and regions.

use super::account::Account;
use super::random::Dice;

/// The service and region that a key, whose user has these dice, called at `time`: nearly always
/// the same. There is no region for a service without regions.
pub(super) fn target(
    account: &Account,
    mut dice: Dice,
    time: i64,
) -> (&'static str, Option<&'static str>) {
    let (mut service, mut global) = dice.pick(&SERVICES);
    let region = if dice.percent(15) { second_region(account) } else { account.region };
    if dice.on(time).percent(8) {
        (service, global) = ("sts", true);
    }
    (service, (!global).then_some(region))
}

fn second_region(account: &Account) -> &'static str {
    match account.partition {
        "aws-us-gov" => "us-gov-east-1",
        "aws-cn" => "cn-northwest-1",
        _ => "us-east-2",
    }
}

/// Services as reports name them, and whether they come without a region.
const SERVICES: [(&str, bool); 18] = [
    ("s3", true),
    ("s3", true),
    ("s3", false),
    ("ec2", false),
    ("ec2", false),
    ("sts", true),
    ("iam", true),
    ("dynamodb", false),
    ("sqs", false),
    ("sns", false),
    ("lambda", false),
    ("ecr", false),
    ("monitoring", false),
    ("logs", false),
    ("ses", false),
    ("kms", false),
    ("athena", false),
    ("secretsmanager", false),
];
