//! What every run has, whether a command or the shell drives it: the reports and sessions it works
//! on, where results go, what is said on standard error, the clock, and Ctrl-C.

pub(crate) mod clock;
pub(crate) mod collect_log;
pub(crate) mod conclude;
pub(crate) mod destination;
pub(crate) mod exit;
pub(crate) mod interrupt;
pub(crate) mod new_file;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod telling;
pub(crate) mod workspace;
