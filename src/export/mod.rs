//! A Parquet dataset that any engine reads, and files for QuickSight.
//!
//! ```text
//! reports ─► calendar ─► read ─► parts ─────────────► destination
//!            day by day  in order  credential_report_history   each day put in place
//!                                  └► derive ─► credentials_history, reports
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | `calendar` | which reports go to which day, in which order |
//! | `shelf` | takes files apart that hold several reports |
//! | `ordered`, `read` | rows in that order, decoded on all cores |
//! | `parts` | Parquet files |
//! | `derive` | the tables that are made of reports |
//! | `by_account` | a folder for each account, for those who want it |
//! | `day` | one day: prepared, compared, put in place |
//! | [`destination`], [`folder`], [`bucket`] | where a dataset lies |
//! | [`run`] | all days |
//! | [`quicksight`] | CSV and manifests, for QuickSight without Athena |
//!
//! A day is replaced as a whole: it is made of the reports at hand and of those that are there and
//! are not at hand, so that an export of one account never takes the others away, and the same
//! reports always make the same bytes.

pub mod bucket;
mod by_account;
mod calendar;
mod day;
mod derive;
pub mod destination;
pub mod folder;
mod ordered;
mod parts;
pub mod quicksight;
mod read;
pub mod run;
mod shelf;
