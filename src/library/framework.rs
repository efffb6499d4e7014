//! Frameworks as data: what each asks for, and what could answer where a report cannot.
//!
//! One TOML file each, whose stem is the id that controls name in their headers. Which controls
//! answer a requirement is said once, in the headers; a file says what is required, and which
//! permissions would be needed for what a credential report does not tell.

use std::path::Path;

use serde::Deserialize;

use super::LibraryError;
use super::query::CannedQuery;

/// A benchmark or standard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// The stem of its file.
    #[serde(skip)]
    pub id: String,
    /// Its name and version.
    pub title: String,
    /// Where the requirements, or the mapping to them, can be read.
    pub source: String,
    /// How the list was made, and what a pass does not mean.
    pub note: Option<String>,
    /// Whether only those requirements are listed that credential reports speak to: the framework
    /// asks for much more.
    #[serde(default)]
    pub excerpt: bool,
    /// What it requires, in its own order. Only what concerns identities.
    #[serde(rename = "requirement", default)]
    pub requirements: Vec<Requirement>,
}

/// One thing a framework asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its id in the framework.
    pub id: String,
    /// What must hold, in our words.
    pub title: String,
    /// The level of a CIS profile.
    pub level: Option<u8>,
    /// The permissions that would answer it where reports do not, or not wholly.
    #[serde(default)]
    pub needs: Vec<String>,
    /// No API answers it: somebody has to look.
    #[serde(default)]
    pub manual: bool,
}

impl Framework {
    /// Reads one file.
    ///
    /// # Errors
    /// What is wrong and in which line.
    pub fn parse(id: &str, file: &Path, text: &str) -> Result<Self, LibraryError> {
        let error =
            |line: usize, message: String| LibraryError { file: file.to_owned(), line, message };
        let mut framework: Self = toml::from_str(text).map_err(|wrong| {
            let before = wrong.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            error(before.matches('\n').count() + 1, wrong.message().to_owned())
        })?;
        id.clone_into(&mut framework.id);
        for (position, requirement) in framework.requirements.iter().enumerate() {
            if framework.requirements[..position].iter().any(|other| other.id == requirement.id) {
                let quoted = format!("\"{}\"", requirement.id);
                let line = text.lines().enumerate().filter(|(_, line)| line.contains(&quoted));
                return Err(error(
                    line.last().map_or(1, |(index, _)| index + 1),
                    format!("requirement {} stands here twice", requirement.id),
                ));
            }
        }
        Ok(framework)
    }

    /// The requirement with this id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }
}

impl Requirement {
    /// How far credential reports answer it, in a word; `--enrich` where they do not and what is
    /// asked beside them does.
    #[must_use]
    pub fn answer(&self, controls: &[&CannedQuery]) -> &'static str {
        let by_more = controls.iter().filter(|control| !control.needs.is_empty()).count();
        match controls.len() {
            0 if self.manual => "by hand",
            0 => "no",
            all if by_more == all => "--enrich",
            _ if by_more == 0 && self.needs.is_empty() => "yes",
            _ => "in part",
        }
    }

    /// Why a credential report does not answer it, and what would.
    #[must_use]
    pub fn why_unanswered(&self) -> String {
        if self.manual {
            "a credential report cannot tell: somebody has to look".to_owned()
        } else if self.needs.is_empty() {
            "there is no control for it".to_owned()
        } else {
            format!("a credential report cannot tell; {} can", self.needs.join(", "))
        }
    }
}
