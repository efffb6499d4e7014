//! Reports, and what stands beside them.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::request::{Asked, Reply, error, result, xml};
use super::state::{Progress, Session, Shared};
use super::sts::unknown_key;
use super::world::{Behaviour, Member};

pub(super) fn answer(shared: &Shared, asked: &Asked) -> Reply {
    let mut memory = shared.memory();
    // The caller's own account answers for the caller's own credentials.
    let session = match memory.sessions.get(&asked.key).cloned() {
        Some(session) => session,
        None if asked.key == super::BASE_KEY => match shared.account(&shared.world.own_account) {
            Some(account) => own(account),
            None => return denied(shared, &shared.world.own_account, asked, ""),
        },
        None => return unknown_key(),
    };
    let member = &shared.world.accounts[session.account];
    if session.expires <= SystemTime::now() || member.behaviour == Behaviour::ExpiredToken {
        return error(403, "ExpiredToken", "The security token included in the request is expired");
    }
    if session.allowed.as_ref().is_some_and(|allowed| !allowed.contains(&asked.action)) {
        *memory.stats.beyond_policy.entry(asked.action.clone()).or_default() += 1;
        let reason = format!(" because no session policy allows the {} action", asked.action);
        return denied(shared, &member.id, asked, &reason);
    }
    let progress = memory.progress.entry(session.account).or_default();
    if let Some(reply) = badly(member.behaviour, progress) {
        return reply;
    }
    match asked.action.as_str() {
        "iam:GenerateCredentialReport" => generate(shared, asked, member, progress),
        "iam:GetCredentialReport" => get(shared, asked, member, progress),
        _ => beside(shared, asked, member),
    }
}

fn own(account: usize) -> Session {
    let expires = SystemTime::now() + Duration::from_mins(15);
    Session { account, name: "caller".to_owned(), allowed: None, expires }
}

fn denied(shared: &Shared, id: &str, asked: &Asked, reason: &str) -> Reply {
    let (partition, role) = (shared.world.partition, &shared.world.role);
    let message = format!(
        "User: arn:{partition}:sts::{id}:assumed-role/{role}/session is not authorized to perform: {} on \
         resource: *{reason}",
        asked.action
    );
    error(403, "AccessDenied", &message)
}

fn badly(behaviour: Behaviour, progress: &mut Progress) -> Option<Reply> {
    let mut still = |times: usize| {
        let is_bad = progress.bad < times;
        progress.bad = progress.bad.saturating_add(1);
        is_bad
    };
    match behaviour {
        Behaviour::Throttles(times) if still(times) => {
            Some(error(400, "Throttling", "Rate exceeded"))
        }
        Behaviour::Closes(times) if still(times) => Some(Reply::Close),
        Behaviour::Breaks(times) if still(times) => {
            Some(error(500, "ServiceFailure", "The request processing has failed"))
        }
        Behaviour::Hangs => Some(Reply::Hang),
        Behaviour::Skewed => Some(error(
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z (20260101T003000Z - 15 min.)",
        )),
        _ => None,
    }
}

fn generate(shared: &Shared, asked: &Asked, member: &Member, progress: &mut Progress) -> Reply {
    let state = match member.behaviour {
        Behaviour::DeniedGenerate | Behaviour::NoReport => {
            return denied(shared, &member.id, asked, "");
        }
        Behaviour::NeverCompletes => "INPROGRESS",
        Behaviour::Polls(times) => {
            progress.polls += 1;
            match progress.polls {
                polls if polls > times => "COMPLETE",
                1 => "STARTED",
                _ => "INPROGRESS",
            }
        }
        _ => "COMPLETE",
    };
    result(&asked.action, &format!("<State>{state}</State><Description>{state}</Description>"))
}

fn get(shared: &Shared, asked: &Asked, member: &Member, progress: &mut Progress) -> Reply {
    match member.behaviour {
        Behaviour::DeniedGet => return denied(shared, &member.id, asked, ""),
        Behaviour::NoReport => return error(410, "ReportNotPresent", "No report exists"),
        Behaviour::NeverCompletes => {
            return error(404, "ReportInProgress", "A report is in progress");
        }
        Behaviour::Polls(times) if progress.polls == 0 && times > 0 => {
            return error(410, "ReportNotPresent", "No report exists");
        }
        Behaviour::Polls(times) if progress.polls <= times => {
            return error(404, "ReportInProgress", "A report is in progress");
        }
        Behaviour::Expires if !std::mem::replace(&mut progress.expired, true) => {
            return error(410, "ReportExpired", "The report has expired");
        }
        _ => {}
    }
    let content = STANDARD.encode(member.report(shared.world.partition, shared.world.more_rows));
    let generated = shared.world.generated;
    result(
        &asked.action,
        &format!(
            "<Content>{content}</Content><ReportFormat>text/csv</ReportFormat>\
             <GeneratedTime>{generated}</GeneratedTime>"
        ),
    )
}

fn beside(shared: &Shared, asked: &Asked, member: &Member) -> Reply {
    let named = || {
        let name = asked.field("UserName")?;
        member.users.iter().find(|user| user.name == name)
    };
    let inner = match asked.action.as_str() {
        "iam:ListAccountAliases" => {
            let aliases: Vec<String> = member.alias.iter().map(|alias| xml(alias)).collect();
            list("AccountAliases", &aliases, asked, 100)
        }
        "iam:GetAccountSummary" => format!(
            "<SummaryMap><entry><key>Users</key><value>{}</value></entry><entry><key>AccountMFAEnabled</key>\
             <value>1</value></entry></SummaryMap>",
            member.users.len()
        ),
        "iam:GetAccountPasswordPolicy" if member.has_password_policy => {
            "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true\
             </RequireSymbols><ExpirePasswords>false</ExpirePasswords></PasswordPolicy>"
                .to_owned()
        }
        "iam:GetAccountPasswordPolicy" => {
            let message =
                format!("The Password Policy with domain name {} cannot be found.", member.id);
            return error(404, "NoSuchEntity", &message);
        }
        "iam:ListVirtualMFADevices" => {
            list("VirtualMFADevices", &devices(shared, member), asked, shared.world.page)
        }
        "iam:ListUsers" => list("Users", &users(shared, member), asked, shared.world.page),
        "iam:ListAccessKeys" | "iam:ListUserTags" => {
            let Some(user) = named() else {
                return error(404, "NoSuchEntity", "The user cannot be found.");
            };
            let (name, key, created) = (xml(&user.name), &user.key, user.created);
            if asked.action == "iam:ListUserTags" {
                list("Tags", &[format!("<Key>owner</Key><Value>{name}</Value>")], asked, 100)
            } else {
                let key = format!(
                    "<UserName>{name}</UserName><AccessKeyId>{key}</AccessKeyId><Status>Active</Status>\
                     <CreateDate>{created}</CreateDate>"
                );
                list("AccessKeyMetadata", &[key], asked, 100)
            }
        }
        _ => return error(400, "InvalidAction", "Could not find operation"),
    };
    result(&asked.action, &inner)
}

fn users(shared: &Shared, member: &Member) -> Vec<String> {
    let (partition, id) = (shared.world.partition, &member.id);
    let user = |(number, user): (usize, &super::User)| {
        let (name, created) = (xml(&user.name), user.created);
        format!(
            "<Path>/</Path><UserName>{name}</UserName><UserId>AIDA{id}{number:04}</UserId>\
             <Arn>arn:{partition}:iam::{id}:user/{name}</Arn><CreateDate>{created}</CreateDate>"
        )
    };
    member.users.iter().enumerate().map(user).collect()
}

fn devices(shared: &Shared, member: &Member) -> Vec<String> {
    users(shared, member)
        .into_iter()
        .zip(&member.users)
        .map(|(inner, user)| {
            format!(
                "<SerialNumber>arn:{}:iam::{}:mfa/{}</SerialNumber><User>{inner}</User>\
                 <EnableDate>{}</EnableDate>",
                shared.world.partition,
                member.id,
                xml(&user.name),
                user.created
            )
        })
        .collect()
}

/// A page of a list, from where the marker says.
fn list(name: &str, things: &[String], asked: &Asked, page: usize) -> String {
    let from: usize = asked.field("Marker").and_then(|marker| marker.parse().ok()).unwrap_or(0);
    let next = from + page;
    let is_more = next < things.len();
    let mut text = format!("<{name}>");
    for thing in things.iter().skip(from).take(page) {
        write!(text, "<member>{thing}</member>").expect("a text takes all");
    }
    write!(text, "</{name}><IsTruncated>{is_more}</IsTruncated>").expect("a text takes all");
    if is_more {
        write!(text, "<Marker>{next}</Marker>").expect("a text takes all");
    }
    text
}
