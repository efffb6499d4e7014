//! Everything that speaks to AWS. The types of its SDK stay in here: callers see reports, accounts,
//! objects, and troubles in words.
//!
//! | module | what it does |
//! |---|---|
//! | [`options`] | what the user says of AWS, as plain data |
//! | [`access`], `transport` | profile, region, credentials, HTTP: what clients are made from |
//! | [`calls`] | waiting for AWS from code that blocks |
//! | [`trouble`] | why AWS did not do what was asked, in words |
//! | [`identity`], [`report`], [`enrich`] | who we are; the report of one account; what stands beside it |
//! | [`given`], [`organization`] | the accounts: listed by the user, or by Organizations |
//! | [`role_options`], [`role`], [`fleet`] | a role assumed in each account, all accounts visited |
//! | [`policy`], [`doctor`] | the least that a run must be allowed; whether it is |
//! | [`s3`] | buckets: listed, read, written |
//! | [`athena`] | statements run over an exported dataset |

pub mod access;
pub mod athena;
mod breaker;
pub mod calls;
pub mod doctor;
pub mod enrich;
pub mod fleet;
pub mod given;
pub mod identity;
pub mod options;
pub mod organization;
mod pauses;
pub mod policy;
pub mod report;
pub mod role;
pub mod role_options;
mod role_session;
pub mod s3;
#[cfg(test)]
pub(crate) mod scripted;
pub mod transport;
pub mod trouble;
