//! What was entered, kept for the next time: in the user's state directory, for the user alone.

use std::path::PathBuf;

/// Entries that are kept.
pub(super) const ENTRIES: usize = 5_000;

/// The file, in a directory that is made if need be. `None` if there is no place for it, which is no
/// reason not to work.
///
/// The place is that of the XDG base directory specification, "state data".
pub(super) fn file() -> Option<PathBuf> {
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("state")))?;
    let folder = state.join("credsql");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

/// Whether an entry must not be kept: it has a key of AWS in it, or what looks like the secret of
/// one or a session token.
///
/// The prefixes of keys: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
/// A secret access key has 40 characters of base64.
pub(super) fn is_secret(entry: &str) -> bool {
    let is_id = |word: &str| {
        word.len() >= 16
            && ["AKIA", "ASIA", "ABSK", "ACCA"].iter().any(|prefix| word.starts_with(prefix))
    };
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+');
    entry.split(|c: char| !c.is_ascii_alphanumeric()).any(is_id)
        || entry.split(|c| !is_base64(c)).any(looks_like_secret)
}

/// Long enough, and characters of all kinds: a SHA-1 has no capitals. Paths are base64 too, but
/// seldom of just this length.
fn looks_like_secret(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let is_long =
        if word.contains('/') { word.len() == 40 || word.len() >= 100 } else { word.len() >= 40 };
    is_long
        && has(char::is_ascii_digit)
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_their_secrets_are_told_from_sql() {
        // The example of AWS's own documentation.
        assert!(is_secret("SELECT 'AKIAIOSFODNN7EXAMPLE'"));
        assert!(is_secret("\\set secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        assert!(is_secret("\\n x id=AKIAIOSFODNN7EXAMPLE"));
        assert!(is_secret("\\set x secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        assert!(is_secret("arn:aws:iam::1:user/AKIAIOSFODNN7EXAMPLE"));
        let token = format!("\\set token '{}=='", "IQoJb3JpZ2luX2VjEJr/".repeat(10));
        assert!(is_secret(&token));
        assert!(!is_secret(
            "\\add /srv/Reports/2026/october/all-accounts/Production/credential-report.csv"
        ));
        assert!(!is_secret("SELECT * FROM credentials WHERE kind = 'access_key'"));
        assert!(!is_secret("SELECT sha256 = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'"));
        assert!(!is_secret("AKIA"));
    }
}
