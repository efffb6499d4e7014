//! Exit codes: the same four for every command.

use std::process::ExitCode;

/// How a run ended. Of several endings the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, and nothing wrong.
    Done,
    /// At least one control is in alarm.
    Alarm,
    /// Could not do what was asked, in whole or in part.
    Failed,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number a shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Alarm => 1,
            Self::Failed => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
