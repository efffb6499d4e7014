//! What can be typed about Athena.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::aws::athena::AthenaOptions;
use crate::error::{Error, Result};

/// What runs statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineKind {
    /// This program, over the sources
    Local,
    /// Amazon Athena, over what `credsql export` has written
    Athena,
}

/// Where statements run, if not here.
#[derive(Debug, Args, Clone)]
#[command(next_help_heading = "Athena options")]
pub struct AthenaArgs {
    /// What runs statements. Athena reads an exported dataset and takes no SOURCE; profile, region
    /// and credentials are as for other requests to AWS
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = EngineKind::Local)]
    pub engine: EngineKind,

    /// The database of the exported tables
    #[arg(long, value_name = "NAME")]
    pub athena_database: Option<String>,

    /// The workgroup [default: primary]
    #[arg(long, visible_alias = "athena-workgroup", value_name = "NAME")]
    pub workgroup: Option<String>,

    /// Where Athena puts results, if the workgroup does not say; with `--engine athena`, `--output`
    /// takes such a place as well
    #[arg(long, value_name = "S3 URI", value_parser = place)]
    pub athena_output: Option<String>,

    /// The catalog of the database [default: AwsDataCatalog]
    #[arg(long, value_name = "NAME")]
    pub athena_catalog: Option<String>,
}

impl AthenaArgs {
    /// Takes what is a place for Athena's results out of the files that results are written to: such
    /// files cannot be.
    ///
    /// # Errors
    /// If there are two places.
    pub(super) fn claim(&mut self, outputs: &mut Vec<PathBuf>) -> Result<()> {
        if self.engine == EngineKind::Local {
            return Ok(());
        }
        let is_place = |path: &PathBuf| path.as_os_str().as_encoded_bytes().starts_with(b"s3://");
        for output in outputs.extract_if(.., |path| is_place(path)) {
            let text = output.as_os_str().to_str().unwrap_or_default();
            let given = place(text)
                .map_err(|wrong| Error::usage(format!("{}: {wrong}", output.display()), EXAMPLE))?;
            if self.athena_output.replace(given).is_some() {
                return Err(Error::usage("two places for the results of Athena", "give one"));
            }
        }
        Ok(())
    }

    /// Where statements run; `None`: here.
    ///
    /// # Errors
    /// If something is missing, or given for nothing.
    pub(super) fn options(&self) -> Result<Option<AthenaOptions>> {
        let given = [
            ("--athena-database", &self.athena_database),
            ("--workgroup", &self.workgroup),
            ("--athena-output", &self.athena_output),
            ("--athena-catalog", &self.athena_catalog),
        ];
        if self.engine == EngineKind::Local {
            return match given.iter().find(|(_, value)| value.is_some()) {
                None => Ok(None),
                Some((option, _)) => Err(Error::usage(
                    format!("{option} is for Athena, and statements run here"),
                    format!("add `--engine athena`, or leave out {option}"),
                )),
            };
        }
        if let Some((option, _)) = given.iter().find(|(_, value)| value.as_deref() == Some("")) {
            return Err(Error::usage(format!("{option} is empty"), "give a name"));
        }
        let Some(database) = self.athena_database.clone() else {
            return Err(Error::usage("the database of the exported tables is not named", EXAMPLE));
        };
        Ok(Some(AthenaOptions {
            database,
            workgroup: self.workgroup.clone(),
            output: self.athena_output.clone(),
            catalog: self.athena_catalog.clone(),
        }))
    }
}

const EXAMPLE: &str =
    "credsql check --engine athena --athena-database iam --athena-output s3://bucket/results/";

fn place(text: &str) -> Result<String, String> {
    let bucket = OsStr::new(text).to_str().and_then(|text| text.strip_prefix("s3://"));
    let bucket = bucket.and_then(|rest| rest.split('/').next());
    match bucket {
        Some(bucket) if !bucket.is_empty() => Ok(text.to_owned()),
        _ => Err("write it as s3://bucket/prefix/".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(engine: EngineKind) -> AthenaArgs {
        AthenaArgs {
            engine,
            athena_database: Some("iam".to_owned()),
            workgroup: None,
            athena_output: None,
            athena_catalog: None,
        }
    }

    #[test]
    fn an_output_in_s3_is_where_athena_puts_results() {
        let outputs = || vec![PathBuf::from("a.csv"), PathBuf::from("s3://b/c/")];
        let (mut athena, mut files) = (args(EngineKind::Athena), outputs());
        athena.claim(&mut files).expect("one place");
        assert_eq!(athena.athena_output.as_deref(), Some("s3://b/c/"));
        assert_eq!(files, [PathBuf::from("a.csv")]);
        assert!(athena.claim(&mut outputs()).is_err(), "two places");
        let (mut local, mut files) = (args(EngineKind::Local), outputs());
        local.claim(&mut files).expect("nothing is claimed");
        assert_eq!(files, outputs());
        assert!(args(EngineKind::Athena).claim(&mut vec![PathBuf::from("s3:///x")]).is_err());
    }

    #[test]
    fn nothing_is_given_for_nothing() {
        let local = AthenaArgs { engine: EngineKind::Local, ..args(EngineKind::Athena) };
        let error = local.options().expect_err("it is for Athena");
        assert_eq!(error.to_string(), "--athena-database is for Athena, and statements run here");
        let none = AthenaArgs { athena_database: None, ..args(EngineKind::Athena) };
        assert!(none.options().is_err());
        let empty = AthenaArgs { workgroup: Some(String::new()), ..args(EngineKind::Athena) };
        assert!(empty.options().is_err());
        let good = args(EngineKind::Athena).options().expect("good").expect("Athena");
        assert_eq!(good.database, "iam");
    }
}
