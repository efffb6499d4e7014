//! Why AWS did not do what was asked, in words for the person who asked.
//!
//! The SDK tells failures as a chain of errors, each naming the next, and leaves it to the reader to
//! find out which of them matters. Here the chain is read once, and what comes out says what
//! happened, to whom, and what to do next.

mod answer;
mod clock;
mod credentials;
mod denial;
mod reach;
mod text;

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub(crate) use text::clean;

/// What sort of trouble: what a caller decides by. Words are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The caller may not do this.
    Denied,
    /// There are no credentials, or they cannot be used.
    NoCredentials,
    /// Credentials were good and are no longer.
    Expired,
    /// AWS asked to slow down, again and again.
    Throttled,
    /// AWS itself failed: not our doing, and perhaps over in a minute.
    Service,
    /// What was named does not exist.
    NotFound,
    /// It is not what it was when it was listed.
    Changed,
    /// It took longer than it may.
    Timeout,
    /// No connection, or one that broke.
    Network,
    /// The user interrupted the run.
    Interrupted,
    /// Anything else.
    Other,
}

/// A failure, told in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The sort.
    pub kind: Kind,
    /// The error code of AWS, if it came with one.
    pub code: Option<String>,
    /// What happened, lower case, without a final stop. It holds no credential.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Trouble {
    /// A trouble of this kind.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), hint: None }
    }

    /// Puts an error of the SDK into words. `action` is the IAM action that was tried, such as
    /// `iam:GetCredentialReport`: it is what a denial names.
    #[must_use]
    pub fn of<E>(action: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        match error {
            SdkError::TimeoutError(_) => reach::timed_out(action, error),
            // Credentials are fetched while a request is made, so their troubles come as its own.
            SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => {
                credentials::trouble(error).unwrap_or_else(|| reach::trouble(action, error))
            }
            SdkError::ResponseError(answer) => reach::unreadable(action, error, answer.raw()),
            SdkError::ServiceError(answer) => {
                answer::trouble(action, answer.err().meta(), answer.raw())
            }
            _ => Self::new(Kind::Other, format!("{action} failed: {}", clean(&error.to_string()))),
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says where it happened: an account, a bucket, a file.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{}: {}", clean(place), self.message);
        self
    }

    /// Makes the commands in the hint those of a profile, when the user named one.
    #[must_use]
    pub fn for_profile(mut self, profile: Option<&str>) -> Self {
        let quoted = profile.and_then(|profile| shlex::try_quote(profile).ok());
        if let (Some(hint), Some(profile)) = (&mut self.hint, quoted) {
            for command in [text::SSO_LOGIN, text::LOGIN, text::CONFIGURE_SSO] {
                let whole = format!("`{command}`");
                *hint = hint.replace(&whole, &format!("`{command} --profile {}`", clean(&profile)));
            }
        }
        self
    }

    /// The user interrupted the run.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted")
    }

    /// Whether it may be over soon, so that asking again a little later makes sense.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Service)
    }

    /// Adds the error code.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.code = Some(clean(code));
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Trouble {}

/// Results of what speaks to AWS.
pub type Result<T, E = Trouble> = std::result::Result<T, E>;

/// An error and all that it came from. What an I/O error wraps is one of them: the standard
/// library's own walk leaves it out.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
    .take(MAX_CHAIN)
}

/// Longer chains are a fault of somebody else.
const MAX_CHAIN: usize = 64;

#[cfg(test)]
mod tests;
