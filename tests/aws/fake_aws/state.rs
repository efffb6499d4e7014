//! What the fake AWS remembers: sessions, how far reports are, and what was asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::world::World;

/// Counts, for tests to look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    /// Requests for each action: `iam:GetCredentialReport`.
    pub(crate) requests: BTreeMap<String, usize>,
    /// Requests that a session policy did not allow.
    pub(crate) beyond_policy: BTreeMap<String, usize>,
    /// Requests being answered at one time, at most; hanging ones are not counted.
    pub(crate) peak: usize,
    /// Connections made.
    pub(crate) connections: usize,
    /// Session policies, session names and durations that came with AssumeRole.
    pub(crate) policies: BTreeSet<String>,
    pub(crate) session_names: BTreeSet<String>,
    pub(crate) durations: BTreeSet<String>,
    /// For which region and service requests were signed: `eu-central-1/sts`.
    pub(crate) scopes: BTreeSet<String>,
}

impl Stats {
    pub(crate) fn of(&self, action: &str) -> usize {
        self.requests.get(action).copied().unwrap_or(0)
    }
}

/// A role that was assumed.
#[derive(Clone)]
pub(super) struct Session {
    /// Its account, by place in the world.
    pub(super) account: usize,
    pub(super) name: String,
    /// Actions, if a policy came with it.
    pub(super) allowed: Option<BTreeSet<String>>,
    pub(super) expires: SystemTime,
}

/// How far an account is.
#[derive(Default)]
pub(super) struct Progress {
    /// Requests that were answered badly, as far as that is counted.
    pub(super) bad: usize,
    pub(super) polls: usize,
    pub(super) expired: bool,
}

#[derive(Default)]
pub(super) struct Memory {
    pub(super) stats: Stats,
    pub(super) active: usize,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) progress: HashMap<usize, Progress>,
    pub(super) throttled: usize,
    pub(super) roles: usize,
}

/// The world and what happened in it.
pub(super) struct Shared {
    pub(super) world: World,
    accounts: HashMap<String, usize>,
    memory: Mutex<Memory>,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        let ids = world.accounts.iter().map(|account| account.id.clone());
        Self { accounts: ids.zip(0..).collect(), memory: Mutex::default(), world }
    }

    pub(super) fn account(&self, id: &str) -> Option<usize> {
        self.accounts.get(id).copied()
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> Stats {
        self.memory().stats.clone()
    }
}

/// A request being answered. It is over when this is dropped, also if the client went away.
pub(super) struct Active<'a>(&'a Shared);

impl<'a> Active<'a> {
    pub(super) fn begin(shared: &'a Shared, action: &str, scope: &str) -> Self {
        let mut memory = shared.memory();
        *memory.stats.requests.entry(action.to_owned()).or_default() += 1;
        if !memory.stats.scopes.contains(scope) {
            memory.stats.scopes.insert(scope.to_owned());
        }
        memory.active += 1;
        memory.stats.peak = memory.stats.peak.max(memory.active);
        Self(shared)
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.memory().active -= 1;
    }
}
