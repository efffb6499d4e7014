//! What AWS says when it does not allow something: who asked, for what, and which policy is in the
//! way.

use aws_smithy_types::error::metadata::ErrorMetadata;

use super::text::clean;
use super::{Kind, Trouble};

/// What a denial tells, as far as it does. Its words are not promised, so every part may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Denial<'a> {
    caller: Option<&'a str>,
    action: Option<&'a str>,
    /// The sort of policy that denies, such as `service control policy`.
    denied_by: Option<&'a str>,
    /// The sort of policy that would have to allow, such as `session policy`.
    missing_in: Option<&'a str>,
}

impl<'a> Denial<'a> {
    fn read(message: &'a str) -> Self {
        let word = |text: &'a str| text.split_whitespace().next();
        let after = |mark: &str| message.split_once(mark).map(|(_, rest)| rest);
        Self {
            caller: after("User: ").and_then(word).filter(|name| name.starts_with("arn:")),
            action: after("perform: ").and_then(word).filter(|name| name.contains(':')),
            denied_by: after("explicit deny in ").and_then(policy),
            missing_in: after("because no ")
                .and_then(|rest| rest.split_once(" allows"))
                .map(|(sort, _)| sort),
        }
    }
}

/// The words before `policy` or `boundary`, with that word, without an article.
fn policy(text: &str) -> Option<&str> {
    let end = ["policy", "boundary"]
        .iter()
        .filter_map(|last| Some(text.find(last)? + last.len()))
        .min()?;
    let words = text.get(..end)?;
    Some(words.trim_start_matches("a ").trim_start_matches("an "))
}

/// A denial in words. `action` is what was asked for, if AWS does not say it.
pub(super) fn trouble(action: &str, meta: &ErrorMetadata) -> Trouble {
    let message = meta.message().unwrap_or_default();
    let denial = Denial::read(message);
    let action = clean(denial.action.unwrap_or(action));
    let mut text = format!("not allowed: {action}");
    if let Some(caller) = denial.caller {
        text = format!("{text}, for {}", clean(caller));
    }
    if let Some(sort) = denial.denied_by {
        text = format!("{text}: a policy says no (explicit deny in a {})", clean(sort));
    } else if let Some(sort) = denial.missing_in {
        text = format!("{text}: no {} allows it", clean(sort));
    }
    Trouble::new(Kind::Denied, text).hint(remedy(&action, &denial))
}

fn remedy(action: &str, denial: &Denial<'_>) -> String {
    let sort = denial.denied_by.or(denial.missing_in).unwrap_or_default();
    if sort.contains("service control") || sort.contains("resource control") {
        return format!(
            "a policy of the organization decides this: its managers can allow {action}, nobody in the account can"
        );
    }
    if sort.contains("session") {
        return "the session was made with fewer rights than its role has: sign in without a session policy".into();
    }
    if action == "sts:AssumeRole" {
        return "both sides must allow it: the trust policy of the role, with the external id if it asks for one, and a policy of the caller".into();
    }
    if denial.denied_by.is_some() {
        return format!("take {action} out of that deny: to allow it elsewhere does not help");
    }
    format!("allow {action} in a policy; `credsql doctor` prints the one that is needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> Trouble {
        trouble(
            "iam:GetCredentialReport",
            &ErrorMetadata::builder().code("AccessDenied").message(message).build(),
        )
    }

    #[test]
    fn a_missing_permission_is_named_with_the_caller() {
        let trouble = told(
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:GetCredentialReport \
             on resource: * because no identity-based policy allows the iam:GetCredentialReport action",
        );
        assert_eq!(
            trouble.message,
            "not allowed: iam:GetCredentialReport, for arn:aws:iam::123456789012:user/bob: \
             no identity-based policy allows it"
        );
        assert!(trouble.hint.unwrap_or_default().contains("credsql doctor"));
    }

    #[test]
    fn a_deny_of_the_organization_sends_to_the_organization() {
        for end in [
            "service control policy",
            "service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
        ] {
            let trouble = told(&format!(
                "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: \
                 iam:GenerateCredentialReport on resource: * with an explicit deny in a {end}"
            ));
            assert!(
                trouble.message.contains("not allowed: iam:GenerateCredentialReport"),
                "{trouble}"
            );
            assert!(
                trouble.message.ends_with("(explicit deny in a service control policy)"),
                "{trouble}"
            );
            assert!(trouble.hint.unwrap_or_default().contains("organization"));
        }
    }

    #[test]
    fn a_deny_in_the_account_says_that_allowing_does_not_help() {
        for sort in ["identity-based policy", "permissions boundary"] {
            let article = if sort.starts_with('i') { "an" } else { "a" };
            let trouble = told(&format!(
                "User: arn:aws:iam::1:user/b is not authorized to perform: iam:X on resource: * with an explicit deny in {article} {sort}"
            ));
            assert!(trouble.message.contains(&format!("deny in a {sort}")), "{trouble}");
            assert!(trouble.hint.unwrap_or_default().contains("does not help"));
        }
    }

    #[test]
    fn a_bare_denial_names_what_was_asked() {
        for message in ["Access Denied", "", "User: bob is not authorized to perform: nothing"] {
            assert_eq!(told(message).message, "not allowed: iam:GetCredentialReport", "{message}");
        }
    }
}
