//! Reports kept as they are: every report of the sources, its untouched bytes, in one layout that
//! every reader here understands.
//!
//! ```text
//! sources ─► taken ─► layout ─► destination ─► DIR or s3://bucket/prefix
//!            bytes, account,   the key         nothing is replaced,
//!            time, sha256                      nothing is written twice
//! ```
//!
//! ```text
//! date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z.csv
//! date=2026-11-25/account_id=111122223333/credential_report_111122223333_20261125T140300Z.csv.meta.json
//! _manifests/date=2026-11-25/collect_0123456789abcdef.json
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`taken`] | reads one report: its bytes, whose it is, of when; refuses what cannot be told |
//! | [`layout`] | keys, and that they read back as what they say |
//! | [`facts`] | what is kept beside a report |
//! | [`destination`] | what a place for reports can do, and which key a report gets there |
//! | [`folder`], [`bucket`] | a directory; a bucket |
//! | [`run`] | all reports, many at once, told in order |
//! | [`manifest`] | the list of what was kept and what failed |
//! | [`template`] | CloudFormation templates around it |
//!
//! There is no state but the destination: a run that was killed is run again.

pub mod bucket;
pub mod destination;
pub mod facts;
pub mod folder;
pub mod layout;
pub mod manifest;
pub mod run;
pub mod taken;
pub mod template;
