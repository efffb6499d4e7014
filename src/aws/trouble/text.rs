//! Texts from elsewhere, made fit to be shown: nothing secret, nothing that moves a cursor, not
//! without end.

/// The command that renews a sign-in with IAM Identity Center.
pub(super) const SSO_LOGIN: &str = "aws sso login";
/// The command that signs in with the console's credentials.
pub(super) const LOGIN: &str = "aws login";
/// The command that sets up a profile.
pub(super) const CONFIGURE_SSO: &str = "aws configure sso";

/// Most characters of a text of somebody else's.
const LONGEST: usize = 400;

/// First letters of the ids of access keys, permanent and temporary, and of bearer tokens.
const KEY_IDS: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];

/// Where a secret stood.
const HIDDEN: &str = "(hidden)";

/// A text of somebody else's in one line, without control characters, credentials and a final stop.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&without_secrets(word));
        if out.chars().count() > LONGEST {
            out = out.chars().take(LONGEST).collect();
            out.push('…');
            break;
        }
    }
    out.retain(is_visible);
    if out.ends_with('.') && !out.ends_with("..") {
        out.pop();
    }
    out
}

/// Whether a letter shows itself and does nothing to its neighbours: marks of direction can make a
/// text read as another.
fn is_visible(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Hides those parts of a word that look like a credential.
fn without_secrets(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut run = String::new();
    for letter in word.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=') {
            run.push(letter);
        } else {
            out.push_str(shown(&run));
            run.clear();
            out.push(letter);
        }
    }
    out.push_str(shown(&run));
    out
}

fn shown(run: &str) -> &str {
    if run.split(['/', '=']).any(is_key_id) || is_secret(run) { HIDDEN } else { run }
}

/// An access key id: four letters that say so, then sixteen capital letters and digits.
fn is_key_id(word: &str) -> bool {
    (16..=128).contains(&word.len())
        && KEY_IDS.iter().any(|start| word.starts_with(start))
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A secret key has 40 letters of base64, a session token hundreds. Paths of roles can be as long as
/// a secret key, but fewer of their letters are capital ones.
fn is_secret(run: &str) -> bool {
    let count = |is: fn(&u8) -> bool| run.bytes().filter(is).count();
    let is_mixed = count(u8::is_ascii_digit) >= 1
        && count(u8::is_ascii_lowercase) >= 5
        && count(u8::is_ascii_uppercase) * 5 >= run.len();
    run.len() >= 100 || (run.len() >= 36 && is_mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_goes_and_lines_become_one() {
        assert_eq!(clean("not\x1b[31m here\r\n\tat all."), "not [31m here at all");
        assert_eq!(clean("wait..."), "wait...");
        assert_eq!(clean("a\u{202e}b\u{200b}c"), "abc");
    }

    #[test]
    fn credentials_are_hidden_wherever_they_stand() {
        for secret in [
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
            &"FwoGZXIvYXdzEBYaD".repeat(8),
        ] {
            for text in [
                secret.to_owned(),
                format!("key={secret}, again"),
                format!("Credential={secret}/20261125/us-east-1"),
                format!("<Id>{secret}</Id>"),
                format!("\"{secret}\""),
            ] {
                let shown = clean(&text);
                assert!(!shown.contains(secret) && shown.contains(HIDDEN), "{shown}");
            }
        }
    }

    #[test]
    fn names_stay() {
        for name in [
            "arn:aws:sts::123456789012:assumed-role/OrganizationAccountAccessRole/some-session-name",
            "arn:aws:iam::123456789012:role/a/path/OrganizationAccountAccessRole",
            "arn:aws:organizations::123456789012:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4",
            "/home/someone/.aws/sso/cache/da39a3ee5e6b4b0d3255bfef95601890afd80709.json",
            "AKIA",
        ] {
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn no_text_is_endless() {
        let shown = clean(&"word ".repeat(1000));
        assert!(shown.chars().count() <= LONGEST + 1 && shown.ends_with('…'), "{shown}");
        assert_eq!(clean(&"é".repeat(5000)).chars().count(), LONGEST + 1);
    }
}
