//! Controls judged over reports: which ones, what they say, who gets to read it.
//!
//! ```text
//! library ─► choice ─► run ──────────────► render ─► terminal, csv, json, junit, asff, …
//!                       │ SQL of each control
//!                       ▼
//!                     judged ─► judge (age, exemptions, what is new) ─► tally
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`verdict`] | the nouns: status, control as it is run, one verdict |
//! | [`choice`] | which controls, with which values of their parameters |
//! | [`contract`] | what a control must return, checked by planning alone |
//! | [`judged`] | the rows of a control as verdicts |
//! | `asked` | what was asked for beside the reports, and what became of it |
//! | [`judge`] | what the run itself adds: too old, exempt, not new |
//! | [`baseline`] | the alarms of the report before |
//! | [`tally`] | counts, the worst, and what the exit code is made of |
//! | [`facts`] | the reports that are judged, and those that could not be |
//! | [`run`] | all of it in order, each report decoded once |
//! | [`render`] | one file per form |
//! | [`evidence`] | a folder for an auditor |

mod asked;
pub mod baseline;
pub mod choice;
pub mod contract;
pub mod evidence;
pub mod facts;
pub mod judge;
pub mod judged;
pub mod render;
pub mod run;
pub mod tally;
pub mod verdict;
