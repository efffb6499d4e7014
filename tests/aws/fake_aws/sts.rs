//! AssumeRole and GetCallerIdentity.

use std::collections::BTreeSet;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::request::{Asked, Reply, error, result, xml};
use super::state::{Session, Shared};
use super::world::Behaviour;
use super::{BASE_KEY, SECRET};

pub(super) fn answer(shared: &Shared, asked: &Asked) -> Reply {
    match asked.action.as_str() {
        "sts:AssumeRole" => assume(shared, asked),
        "sts:GetCallerIdentity" => identity(shared, asked),
        _ => error(400, "InvalidAction", "Could not find operation"),
    }
}

fn caller(shared: &Shared) -> String {
    format!("arn:{}:iam::{}:user/caller", shared.world.partition, shared.world.own_account)
}

fn identity(shared: &Shared, asked: &Asked) -> Reply {
    let session = shared.memory().sessions.get(&asked.key).cloned();
    let (account, arn) = match session {
        Some(session) => {
            let id = shared.world.accounts[session.account].id.clone();
            let role = shared.world.role.rsplit('/').next().unwrap_or_default();
            let partition = shared.world.partition;
            let arn = format!("arn:{partition}:sts::{id}:assumed-role/{role}/{}", session.name);
            (id, arn)
        }
        None if asked.key == BASE_KEY => (shared.world.own_account.clone(), caller(shared)),
        None => return unknown_key(),
    };
    result(
        &asked.action,
        &format!("<Arn>{arn}</Arn><UserId>AIDAFAKE</UserId><Account>{account}</Account>"),
    )
}

pub(super) fn unknown_key() -> Reply {
    error(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
}

fn assume(shared: &Shared, asked: &Asked) -> Reply {
    if asked.key != BASE_KEY {
        return unknown_key();
    }
    let mut memory = shared.memory();
    if memory.roles >= shared.world.good_for {
        return error(403, "ExpiredToken", "The security token included in the request is expired");
    }
    let arn = asked.field("RoleArn").unwrap_or_default();
    let account = arn.split(':').nth(4).and_then(|id| shared.account(id)).filter(|account| {
        let (partition, role) = (shared.world.partition, &shared.world.role);
        arn == format!("arn:{partition}:iam::{}:role/{role}", shared.world.accounts[*account].id)
    });
    let behaviour = account.map(|account| shared.world.accounts[account].behaviour);
    let is_trusted = shared.world.external_id.is_none()
        || asked.field("ExternalId") == shared.world.external_id.as_deref();
    let (Some(account), true) = (account, is_trusted && behaviour != Some(Behaviour::DeniedAssume))
    else {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            caller(shared)
        );
        return error(403, "AccessDenied", &message);
    };
    match behaviour {
        Some(Behaviour::HangsAtAssume) => return Reply::Hang,
        Some(Behaviour::RegionDisabled) => {
            return error(403, "RegionDisabledException", "STS is not activated in this region");
        }
        _ => {}
    }
    let name = asked.field("RoleSessionName").unwrap_or_default();
    let policy = asked.field("Policy");
    let allowed = policy.map(actions);
    let stats = &mut memory.stats;
    stats.policies.insert(policy.unwrap_or_default().to_owned());
    stats.session_names.insert(name.to_owned());
    stats.durations.insert(asked.field("DurationSeconds").unwrap_or_default().to_owned());
    memory.roles += 1;
    let key = format!("ASIA{:016}", memory.roles);
    let expires = SystemTime::now() + shared.world.session;
    let session = Session { account, name: name.to_owned(), allowed, expires };
    memory.sessions.insert(key.clone(), session);
    let expiration = DateTime::from(expires).fmt(Format::DateTime).expect("a date");
    result(
        &asked.action,
        &format!(
            "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
             <SessionToken>token-{key}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             <AssumedRoleUser><AssumedRoleId>AROA:{name}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>",
            xml(&arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/"))
        ),
    )
}

/// The actions a policy allows, by exact name. Other statements allow nothing.
fn actions(policy: &str) -> BTreeSet<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap_or_default();
    let many = |value: &serde_json::Value| match value {
        serde_json::Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    };
    many(&policy["Statement"])
        .iter()
        .filter(|statement| statement["Effect"] == "Allow" && statement["Resource"] == "*")
        .flat_map(|statement| many(&statement["Action"]))
        .filter_map(|action| action.as_str().map(str::to_owned))
        .collect()
}
