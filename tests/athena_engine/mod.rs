//! Statements and checks on Athena give what they give here.

mod fake_athena;
mod refusals;
mod same;
mod stopping;
