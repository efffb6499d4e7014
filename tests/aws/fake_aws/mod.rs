//! An AWS to talk to on this machine: STS, Organizations and IAM, as far as reports need them, for
//! an organization that a test describes.
//!
//! Clients in the test and processes it starts find it through [`Fake::environment`]. An account is
//! known by the access key that assuming its role gave out; a session may do what the policy that
//! came with it allows, and nothing else.
//!
//! Not `aws-smithy-mocks`, which answers inside one client: here a thousand accounts are answered
//! over real connections, some of them badly.

mod iam;
mod organizations;
mod request;
mod server;
mod state;
mod sts;
mod world;

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub(crate) use state::Stats;
pub(crate) use world::{Behaviour, Member, Organizations, Unit, User, World};

use state::Shared;

/// The caller's own access key.
pub(crate) const BASE_KEY: &str = "AKIABASE000000000000";

/// Its secret, and that of all roles: signatures are not looked at. No output may show it.
pub(crate) const SECRET: &str = "fakesecretfakesecretfakesecretfakesecret";

/// A running AWS. It ends when it is dropped.
pub(crate) struct Fake {
    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) endpoint: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts an AWS with these accounts on a thread of its own.
pub(crate) fn start(world: World) -> Fake {
    let shared = Arc::new(Shared::new(world));
    let (stop, stopped) = oneshot::channel();
    let (ready, endpoint) = std::sync::mpsc::channel();
    let served = Arc::clone(&shared);
    let thread = std::thread::spawn(move || server::run(&served, stopped, &ready));
    let endpoint = endpoint.recv().expect("the fake AWS listens");
    Fake { endpoint, shared, stop: Some(stop), thread: Some(thread) }
}

impl Fake {
    /// What was asked so far.
    pub(crate) fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Environment variables for a process that is to talk to this AWS and to nothing else.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", BASE_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", self.shared.world.region()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/nonexistent/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
