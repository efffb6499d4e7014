//! Accounts and units, page by page.

use serde_json::{Value, json};

use super::request::{Asked, Reply};
use super::state::Shared;
use super::world::{Member, Organizations};

pub(super) fn answer(shared: &Shared, asked: &Asked) -> Reply {
    match shared.world.organizations {
        Organizations::Fine => {}
        Organizations::Denied => {
            return error(
                "AccessDeniedException",
                "You don't have permissions to access this resource.",
            );
        }
        Organizations::NotInUse => {
            let message = "Your account is not a member of an organization.";
            return error("AWSOrganizationsNotInUseException", message);
        }
        Organizations::Throttles(times) => {
            let mut memory = shared.memory();
            if memory.throttled < times {
                memory.throttled += 1;
                return error("TooManyRequestsException", "Rate exceeded");
            }
        }
    }
    let parent = asked.json["ParentId"].as_str().unwrap_or_default();
    let members = |wanted: &dyn Fn(&Member) -> bool| -> Vec<Value> {
        shared
            .world
            .accounts
            .iter()
            .filter(|member| wanted(member))
            .map(|m| account(shared, m))
            .collect()
    };
    let is_known = parent == "r-root" || shared.world.units.iter().any(|unit| unit.id == parent);
    match asked.action.as_str() {
        "organizations:ListAccounts" => page(shared, asked, "Accounts", members(&|_| true)),
        _ if !is_known => {
            error("ParentNotFoundException", "We can't find a root or OU with that id.")
        }
        "organizations:ListAccountsForParent" => {
            page(shared, asked, "Accounts", members(&|member| member.unit == parent))
        }
        "organizations:ListOrganizationalUnitsForParent" => {
            let units = shared.world.units.iter().filter(|unit| unit.parent == parent);
            let units = units.map(|unit| json!({"Id": unit.id, "Name": unit.id}));
            page(shared, asked, "OrganizationalUnits", units.collect())
        }
        _ => error("UnknownOperationException", "no such operation"),
    }
}

fn account(shared: &Shared, member: &Member) -> Value {
    let mut account = json!({
        "Id": member.id,
        "Arn": format!("arn:aws:organizations::1:account/o-1/{}", member.id),
        "Email": format!("root+{}@example.com", member.id),
        "Name": member.name,
        "Status": if member.state == "CLOSED" { "SUSPENDED" } else { member.state },
    });
    if shared.world.tells_state {
        account["State"] = member.state.into();
    }
    account
}

/// The first page is empty and has a token: AWS may answer so, and a client must go on.
fn page(shared: &Shared, asked: &Asked, name: &str, all: Vec<Value>) -> Reply {
    let size = shared.world.page;
    let from: Option<usize> = asked.json["NextToken"].as_str().and_then(|token| token.parse().ok());
    let (things, next) = match from {
        None => (Vec::new(), Some(0)),
        Some(from) => {
            let next = (from + size < all.len()).then_some(from + size);
            (all.into_iter().skip(from).take(size).collect(), next)
        }
    };
    let mut answer = json!({ name: things });
    if let Some(next) = next {
        answer["NextToken"] = next.to_string().into();
    }
    Reply::Json(200, answer.to_string())
}

fn error(code: &str, message: &str) -> Reply {
    Reply::Json(400, json!({"__type": code, "Message": message}).to_string())
}
