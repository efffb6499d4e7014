//! Athena as the engine: the statements of this program over an exported dataset.
//!
//! A statement is written once, in the subset of SQL that DataFusion and Athena (Trino) share; here
//! it is rendered for Athena. Everything in it that is a table of ours becomes a common table
//! expression over the exported tables ([`crate::schema::EXPORTED`]), so that nothing but these
//! need exist there, and `--as-of` works.
//!
//! | module | what it does |
//! |---|---|
//! | [`render`] | a statement with its parameters as text that Athena runs |
//! | [`saved`] | the views and the canned queries as texts to keep in Athena |
//! | [`ddl`] | the scripts that make a dataset known to Athena |
//! | [`cloudformation`] | all of these as one template, with QuickSight |
//! | `scope` | which names of a statement are tables of ours |
//! | `tables` | what each of these is over the exported tables |
//! | `place` | parameters and the time of the run, put where they belong |
//! | `literal` | values as typed literals |
//! | `spelling` | what the two engines spell or take for granted differently |
//! | `elsewhere` | a planned statement, turned into one that runs on Athena |
//! | [`engine`] | runs texts on Athena, a few at a time, and stops them |
//! | [`rows`], `typed` | a statement on Athena as a table; its values from their texts |
//! | [`meter`] | queries, bytes read, about what they cost |

pub mod cloudformation;
pub mod ddl;
pub(crate) mod elsewhere;
pub mod engine;
mod literal;
pub mod meter;
mod place;
pub mod render;
pub mod rows;
pub mod saved;
mod scope;
mod spelling;
mod tables;
mod typed;
