//! The accounts of an organization, or those of them that the user wants.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::aws::access::Access;
use crate::aws::trouble::{Kind, Result, Trouble};
use aws_sdk_organizations::Client;
use aws_sdk_organizations::config::http::HttpResponse;
use aws_sdk_organizations::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_organizations::types::{Account as Listed, AccountState, AccountStatus};
use futures::{StreamExt, TryStreamExt, stream};

use crate::aws::given::Given;

/// Units asked about at a time: Organizations answers but a few requests each second.
const UNITS_AT_ONCE: usize = 4;

/// Which accounts a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// All of the organization.
    Organization,
    /// Those in these organizational units (`ou-…`) or roots (`r-…`), however deep.
    Units(Vec<String>),
    /// Those the user listed. Organizations is not asked.
    Given(Vec<Given>),
}

/// What the user said of the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where they come from.
    pub among: Among,
    /// Ids of accounts that are left out, and reported as left out.
    pub exclude: BTreeSet<String>,
}

/// Whether an account is visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// It is not, for this reason: `suspended`, `pending closure`, `excluded`.
    Skipped(String),
}

/// An account. Its address for mail is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Its name, if Organizations or the user's list tells it.
    pub name: Option<String>,
    /// Whether it is visited.
    pub state: State,
}

/// Lists the accounts, each once: by id, or as the user listed them.
///
/// The SDK finds the endpoint of Organizations for the partition of the configured region.
///
/// # Errors
/// If Organizations refuses or has none; a part of the accounts is never taken for all.
pub async fn accounts(access: &Access, choice: &Choice) -> Result<Vec<Account>> {
    let mut accounts = match &choice.among {
        Among::Organization => all(&access.organizations()).await?,
        Among::Units(units) => within(&access.organizations(), units).await?,
        Among::Given(given) => given.iter().map(taken).collect(),
    };
    for account in &mut accounts {
        if choice.exclude.contains(&account.id) {
            account.state = State::Skipped("excluded".to_owned());
        }
    }
    Ok(accounts)
}

fn taken(given: &Given) -> Account {
    Account { id: given.id.clone(), name: given.name.clone(), state: State::Active }
}

async fn all(client: &Client) -> Result<Vec<Account>> {
    let mut found = BTreeMap::new();
    let mut pages = client.list_accounts().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("organizations:ListAccounts", &error))?;
        keep(page.accounts.unwrap_or_default(), &mut found)?;
    }
    Ok(found.into_values().collect())
}

/// Goes down level by level. A unit that was named and lies in another one that was named is asked
/// about once.
async fn within(client: &Client, units: &[String]) -> Result<Vec<Account>> {
    let mut found = BTreeMap::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut level = units.to_vec();
    while !level.is_empty() {
        level.retain(|unit| seen.insert(unit.clone()));
        let answers: Vec<(Vec<Listed>, Vec<String>)> = stream::iter(level)
            .map(|unit| async move {
                Ok::<_, Trouble>((members(client, &unit).await?, below(client, &unit).await?))
            })
            .buffer_unordered(UNITS_AT_ONCE)
            .try_collect()
            .await?;
        level = Vec::new();
        for (members, below) in answers {
            keep(members, &mut found)?;
            level.extend(below);
        }
    }
    Ok(found.into_values().collect())
}

async fn members(client: &Client, unit: &str) -> Result<Vec<Listed>> {
    let action = "organizations:ListAccountsForParent";
    let mut accounts = Vec::new();
    let mut pages = client.list_accounts_for_parent().parent_id(unit).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| unit_refused(action, unit, &error))?;
        accounts.extend(page.accounts.unwrap_or_default());
    }
    Ok(accounts)
}

async fn below(client: &Client, unit: &str) -> Result<Vec<String>> {
    let action = "organizations:ListOrganizationalUnitsForParent";
    let mut units = Vec::new();
    let request = client.list_organizational_units_for_parent().parent_id(unit);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| unit_refused(action, unit, &error))?;
        units
            .extend(page.organizational_units.unwrap_or_default().into_iter().filter_map(|u| u.id));
    }
    Ok(units)
}

/// An account may be met again: it can move while pages are read.
fn keep(listed: Vec<Listed>, found: &mut BTreeMap<String, Account>) -> Result<()> {
    for account in listed {
        let state = state(&account);
        let Some(id) = account.id else {
            return Err(Trouble::new(Kind::Other, "organizations listed an account without an id"));
        };
        found.insert(id.clone(), Account { id, name: account.name, state });
    }
    Ok(())
}

/// `State` tells more than the older `Status`; compatible servers may know only the latter.
fn state(account: &Listed) -> State {
    let word = match (account.state(), account.status()) {
        (Some(state), _) => state.as_str(),
        (None, Some(status)) => status.as_str(),
        (None, None) => AccountStatus::Active.as_str(),
    };
    if word == AccountState::Active.as_str() {
        State::Active
    } else {
        State::Skipped(word.to_ascii_lowercase().replace('_', " "))
    }
}

fn refused<E>(action: &str, error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut trouble = Trouble::of(action, error);
    if trouble.code.as_deref() == Some("AWSOrganizationsNotInUseException") {
        trouble.kind = Kind::NotFound;
        trouble.message = "the account of these credentials is in no organization".into();
        return trouble.hint(
            "use credentials of the management account, or name accounts with `--accounts FILE`",
        );
    }
    if trouble.kind == Kind::Denied {
        trouble.message +=
            "; only the management account and delegated administrators can be allowed it";
        return trouble
            .hint("name the accounts with `--accounts FILE`: then organizations is not asked");
    }
    trouble
}

fn unit_refused<E>(action: &str, unit: &str, error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let mut trouble = refused(action, error);
    if let Some("ParentNotFoundException" | "InvalidInputException") = trouble.code.as_deref() {
        trouble.kind = Kind::NotFound;
        trouble.message = format!("the organization has no unit or root `{unit}`");
        return trouble.hint("ids look like ou-ab12-cdefgh34, and r-ab12 for the root");
    }
    trouble
}
