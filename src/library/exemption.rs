//! Exemptions: alarms that somebody has accepted, with an owner, a reason and an end.
//!
//! ```toml
//! [[exempt]]
//! control    = "console-users-have-mfa"
//! account    = "111122223333"     # optional; patterns such as 1111* may stand in
//! user       = "ci-*"             # account, user and credential
//! credential = "access_key_1"     # optional
//! owner      = "payments team"
//! reason     = "signs in from the build host alone"
//! until      = 2027-01-31         # the last day, in UTC
//! ```

use std::path::{Path, PathBuf};

use glob::Pattern;
use serde::Deserialize;

use super::{Library, LibraryError};
use crate::decode::time;
use crate::report::{DAY, Millis};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exempt: Vec<toml::Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    control: String,
    account: Option<String>,
    user: Option<String>,
    credential: Option<String>,
    owner: String,
    reason: String,
    until: toml::value::Datetime,
}

/// One accepted alarm, or a pattern of them.
#[derive(Debug, Clone)]
pub struct Exemption {
    /// The file it stands in.
    pub file: PathBuf,
    /// The line of its first key, from 1.
    pub line: usize,
    /// The control whose alarms it accepts.
    pub control: String,
    account: Option<Pattern>,
    user: Option<Pattern>,
    credential: Option<Pattern>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day, as it is written.
    pub until: String,
    /// The first instant at which it no longer applies.
    ends: Millis,
}

impl Exemption {
    /// Whether it speaks of this subject, ended or not.
    #[must_use]
    pub fn matches(
        &self,
        control: &str,
        account_id: Option<&str>,
        user: Option<&str>,
        credential: Option<&str>,
    ) -> bool {
        let fits = |pattern: &Option<Pattern>, value: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| value.is_some_and(|text| pattern.matches(text)))
        };
        self.control == control
            && fits(&self.account, account_id)
            && fits(&self.user, user)
            && fits(&self.credential, credential)
    }

    /// Whether it has ended at this time.
    #[must_use]
    pub fn has_ended(&self, at: Millis) -> bool {
        at >= self.ends
    }
}

/// Reads a file of exemptions.
///
/// # Errors
/// What is wrong and in which line: unknown keys, a missing owner, reason or end, a control that
/// does not exist.
pub fn parse(file: &Path, text: &str, library: &Library) -> Result<Vec<Exemption>, LibraryError> {
    let line_of =
        |offset: usize| text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1);
    let error =
        |line: usize, message: String| LibraryError { file: file.to_owned(), line, message };
    let entries: File = toml::from_str(text).map_err(|wrong| {
        let line = wrong.span().map_or(1, |span| line_of(span.start));
        error(line, wrong.message().to_owned())
    })?;
    let exemption = |entry: toml::Spanned<Entry>| {
        let line = line_of(entry.span().start);
        read(file, line, entry.into_inner(), library).map_err(|message| error(line, message))
    };
    entries.exempt.into_iter().map(exemption).collect()
}

fn read(file: &Path, line: usize, entry: Entry, library: &Library) -> Result<Exemption, String> {
    if library.control(&entry.control).is_none() {
        let hint =
            library.nearest(&entry.control).map_or(String::new(), |id| format!("; is it `{id}`?"));
        return Err(format!("there is no control `{}`{hint}", entry.control));
    }
    for (key, text) in [("owner", &entry.owner), ("reason", &entry.reason)] {
        if text.trim().is_empty() {
            return Err(format!("`{key}` is empty: an exemption has somebody to ask and a reason"));
        }
    }
    let until = entry.until.to_string();
    let ends = time::parse(&until)
        .filter(|parsed| parsed.date_only)
        .and_then(|parsed| parsed.millis.checked_add(DAY))
        .ok_or_else(|| {
            format!("`until = {until}` is no date: write the last day, as 2027-01-31")
        })?;
    let pattern = |text: Option<String>| {
        text.map(|text| Pattern::new(&text).map_err(|wrong| format!("`{text}`: {}", wrong.msg)))
            .transpose()
    };
    Ok(Exemption {
        file: file.to_owned(),
        line,
        control: entry.control,
        account: pattern(entry.account)?,
        user: pattern(entry.user)?,
        credential: pattern(entry.credential)?,
        owner: entry.owner,
        reason: entry.reason,
        until,
        ends,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[exempt]]\ncontrol = \"keys-rotated\"\nuser = \"ci-*\"\nowner = \"o\"\nreason = \"r\"\nuntil = 2026-10-01\n";

    fn read(text: &str) -> Result<Vec<Exemption>, String> {
        let library = Library::embedded().expect("the built-in library is good");
        parse(Path::new("exempt.toml"), text, &library).map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_speaks_of_what_it_names_and_ends_after_its_last_day() {
        let entry = read(GOOD).expect("it is good").remove(0);
        let matches = |control, user| entry.matches(control, Some("1"), user, Some("access_key_1"));
        assert!(matches("keys-rotated", Some("ci-7")));
        assert!(!matches("keys-rotated", Some("ann")) && !matches("keys-rotated", None));
        assert!(!matches("root-mfa-enabled", Some("ci-7")));
        let at = |text: &str| time::parse(text).expect("a time").millis;
        assert!(!entry.has_ended(at("2026-10-01T23:59:59Z")));
        assert!(entry.has_ended(at("2026-10-02T00:00:00Z")));
    }

    #[test]
    fn mistakes_are_refused_with_their_line() {
        for (from, to, expected) in [
            (
                "keys-rotated",
                "keys-rotate",
                "exempt.toml:1: there is no control `keys-rotate`; is it `keys-rotated`?",
            ),
            ("owner = \"o\"\n", "", "missing field `owner`"),
            ("until = 2026-10-01\n", "", "missing field `until`"),
            ("\"r\"", "\" \"", "`reason` is empty"),
            ("2026-10-01", "2026-10-01T00:00:00Z", "is no date"),
            ("ci-*", "[ci", "`[ci`"),
            ("user =", "usr =", "exempt.toml:3: unknown field `usr`"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = read(&text).expect_err(from);
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
