//! The tables: which reports each shows, and how their rows come to DataFusion.
//!
//! | module | what it does |
//! |---|---|
//! | [`collection`] | all reports of a run and what is known of them |
//! | [`selection`] | which of them a table shows: all once, or the newest of each account |
//! | [`probe`], `inspect` | read a report for its identity alone; for everything there is to tell |
//! | `prune` | leave reports out by filter |
//! | [`scan`] | read the rest, many to a batch |
//! | [`cache`] | keep decoded columns for the next query |
//! | [`journal`] | what happened, to be told at the end |
//! | [`report_table`], [`reports`], [`beside`], [`controls`] | the providers |

pub mod beside;
pub mod cache;
pub mod collection;
pub mod controls;
pub mod inspect;
pub mod journal;
mod near;
pub mod probe;
mod prune;
pub mod report_table;
pub mod reports;
pub mod scan;
pub mod selection;
