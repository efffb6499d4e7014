//! The fleet against a fake AWS over real connections.

mod command;
mod endpoints;
mod fake_aws;
mod fleet;
#[cfg(target_os = "linux")]
mod memory;
mod organization;
mod roles;
mod support;
