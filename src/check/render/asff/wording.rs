//! The texts of a finding.

use super::limits::{self, cut, fit, units};
use super::resource::is_root;
use crate::check::render::is_blank;
use crate::check::verdict::{Control, Verdict};

/// What the control demands, and of whom. The latter is kept if there is not room for both.
pub(super) fn title(control: &Control, account: &str, verdict: &Verdict) -> String {
    let whom = match verdict.user.or(verdict.arn).filter(|user| !is_blank(user)) {
        _ if is_root(verdict) => "root user".to_owned(),
        Some(user) => fit(user, limits::USER_NAME),
        None => format!("account {account}"),
    };
    let what = verdict.credential.filter(|credential| !is_blank(credential));
    let what = what.map(|name| format!(" {}", cut(name, limits::USER_NAME))).unwrap_or_default();
    let end = format!(": {whom}{what}");
    let title = if is_blank(&control.title) { &control.id } else { &control.title };
    format!("{}{end}", fit(title, limits::TITLE - units(&end)))
}

/// What was found and why it matters. None if nothing is said of either.
pub(super) fn description(control: &Control, verdict: &Verdict) -> Option<String> {
    let parts = [verdict.reason, &control.description].map(str::trim);
    let said: Vec<&str> = parts.into_iter().filter(|text| !is_blank(text)).collect();
    let ended = said.first()?.ends_with(['.', '!', '?']);
    Some(fit(&said.join(if ended { " " } else { ". " }), limits::DESCRIPTION))
}

/// What to do about it.
pub(super) fn recommendation(control: &Control) -> Option<String> {
    (!is_blank(&control.remediation)).then(|| fit(&control.remediation, limits::RECOMMENDATION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::render::sample;

    #[test]
    fn titles_name_what_is_judged() {
        let verdict = sample::verdict();
        let titled = |verdict: Verdict| title(&sample::control(), "111122223333", &verdict);
        assert_eq!(titled(verdict), "Access keys are rotated: alice access_key_1");
        assert_eq!(
            titled(Verdict { credential: None, ..verdict }),
            "Access keys are rotated: alice"
        );
        assert_eq!(
            titled(Verdict { user: Some("<root_account>"), ..verdict }),
            "Access keys are rotated: root user access_key_1"
        );
        assert_eq!(
            titled(Verdict { user: None, arn: None, credential: Some(" "), ..verdict }),
            "Access keys are rotated: account 111122223333"
        );
        let untitled = Control { title: " ".to_owned(), ..sample::control() };
        assert_eq!(
            title(&untitled, "111122223333", &verdict),
            "access_keys_rotated: alice access_key_1"
        );
    }

    #[test]
    fn titles_keep_the_limit_and_the_subject() {
        let end = ": alice access_key_1";
        let room = 256 - end.len();
        for (length, expected) in [
            (room, format!("{}{end}", "t".repeat(room))),
            (room + 1, format!("{}…{end}", "t".repeat(room - 1))),
        ] {
            let control = Control { title: "t".repeat(length), ..sample::control() };
            let title = title(&control, "111122223333", &sample::verdict());
            assert_eq!(title, expected);
            assert_eq!(units(&title), 256);
        }
        let long = "👍".repeat(999);
        let verdict = Verdict { user: Some(&long), credential: Some(&long), ..sample::verdict() };
        let control = Control { title: long.clone(), ..sample::control() };
        let title = title(&control, "111122223333", &verdict);
        assert!((250..=256).contains(&units(&title)), "{}", units(&title));
    }

    #[test]
    fn descriptions_join_what_is_said() {
        for (reason, why, expected) in [
            ("Old", "Keys leak.", Some("Old. Keys leak.")),
            ("Old. ", "Keys leak.", Some("Old. Keys leak.")),
            ("Old", " ", Some("Old")),
            ("", "Keys leak.", Some("Keys leak.")),
            ("", "", None),
        ] {
            let control = Control { description: why.to_owned(), ..sample::control() };
            let verdict = Verdict { reason, ..sample::verdict() };
            assert_eq!(description(&control, &verdict).as_deref(), expected);
        }
    }

    #[test]
    fn descriptions_and_recommendations_keep_the_limits() {
        for (length, kept) in [(1024, "d".repeat(1024)), (1025, format!("{}…", "d".repeat(1023)))]
        {
            let control = Control { description: "d".repeat(length), ..sample::control() };
            let verdict = Verdict { reason: "", ..sample::verdict() };
            assert_eq!(description(&control, &verdict), Some(kept));
        }
        for (length, kept) in [(512, "r".repeat(512)), (513, format!("{}…", "r".repeat(511)))] {
            let control = Control { remediation: "r".repeat(length), ..sample::control() };
            assert_eq!(recommendation(&control), Some(kept));
        }
        let none = Control { remediation: "\n".to_owned(), ..sample::control() };
        assert_eq!(recommendation(&none), None);
    }
}
