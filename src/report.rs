//! The nouns: where a report comes from, which account it is of, when it was generated.

use std::sync::Arc;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Milliseconds in a day of 24 hours.
pub const DAY: Millis = 86_400_000;

/// AWS writes last-used times in steps of up to 15 minutes, so a time this little after the report
/// is not a time in the future.
pub const FUTURE_TOLERANCE: Millis = 15 * 60_000;

/// How the time of a report is known, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeBasis {
    /// `GeneratedTime` of the AWS response.
    Response,
    /// A column `generated_time` in the file.
    Column,
    /// A date in the file name.
    FileName,
    /// A date in a folder of the path or key.
    Key,
    /// The modification time of the file or object.
    Modified,
    /// The time of this run; for standard input, which has no other.
    Run,
}

impl TimeBasis {
    /// Whether such a time says when the report was made, rather than when a file was.
    #[must_use]
    pub fn is_firm(self) -> bool {
        !matches!(self, Self::Modified | Self::Run)
    }

    /// The words of `reports.generated_time_from`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Column => "column",
            Self::FileName => "file name",
            Self::Key => "key",
            Self::Modified => "modification time",
            Self::Run => "run time",
        }
    }
}

/// A time of generation and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratedTime {
    /// The instant; where only the day is known, its midnight in UTC.
    pub millis: Millis,
    /// How it is known.
    pub basis: TimeBasis,
}

impl GeneratedTime {
    /// The last instant that does not lie in the future of this report. A time on the stroke of
    /// midnight stands for a day: the report was made in the course of it. The views apply the same
    /// rule.
    #[must_use]
    pub fn future_limit(self) -> Millis {
        if self.millis.rem_euclid(DAY) == 0 {
            self.millis.saturating_add(DAY - 1000)
        } else {
            self.millis.saturating_add(FUTURE_TOLERANCE)
        }
    }
}

/// What is known of a report before its bytes are read.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Path, key or address, as the user would write it.
    pub source: Arc<str>,
    /// Whether the user named this very file, rather than a folder it was met in.
    pub named: bool,
    /// Size in bytes as listed.
    pub bytes: Option<u64>,
    /// The 12-digit account in the path or key.
    pub account_id: Option<Arc<str>>,
    /// The name of that account, from a source that knows it.
    pub account_name: Option<Arc<str>>,
    /// The best time that can be known without reading: from name, key, modification or run.
    pub time: GeneratedTime,
}

/// One account's rows within one report: the unit that is chosen, superseded and listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// AWS partition, from the ARNs.
    pub partition: Option<Arc<str>>,
    /// 12-digit account id.
    pub account_id: Option<Arc<str>>,
    /// What tells this account from others where `account_id` cannot: the id in the ARNs whatever
    /// its form, or nothing.
    pub foreign_id: Option<Arc<str>>,
    /// Name of the account.
    pub account_name: Option<Arc<str>>,
    /// When the report was generated.
    pub time: GeneratedTime,
    /// Where it was read, or, for a compacted dataset, where it was read first.
    pub source: Arc<str>,
}

/// Which reports are of one account: the newest of each identity is the latest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Known by its id and, outside the partition `aws`, its partition.
    Known(Option<Arc<str>>, Arc<str>),
    /// Unknown: such a report is its own account.
    OfSource(Arc<str>),
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(_, id) => write!(f, "account {id}"),
            Self::OfSource(source) => write!(f, "the unknown account of {source}"),
        }
    }
}

impl Section {
    /// The account this section belongs to.
    #[must_use]
    pub fn account(&self) -> Account {
        match self.account_id.as_ref().or(self.foreign_id.as_ref()) {
            // A report without ARNs does not tell its partition; nearly all accounts are in `aws`.
            Some(id) => {
                let partition = self.partition.as_deref().filter(|partition| *partition != "aws");
                Account::Known(partition.map(Arc::from), Arc::clone(id))
            }
            None => Account::OfSource(Arc::clone(&self.source)),
        }
    }
}
