//! What a finding is known by.

use std::io;

use sha2::{Digest, Sha256};

use super::limits::{self, cut};
use crate::check::render::is_blank;
use crate::check::verdict::{Control, Verdict};

/// The account a finding belongs to, and what tells it from the others there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity<'a> {
    pub(super) account: &'a str,
    pub(super) id: String,
}

impl<'a> Identity<'a> {
    /// None if the account is not known.
    pub(super) fn of(
        region: &str,
        control: &Control,
        verdict: &Verdict<'a>,
    ) -> io::Result<Option<Self>> {
        let Some(account) = verdict.account_id.filter(|id| is_account(id)) else {
            return Ok(None);
        };
        Ok(Some(Self { account, id: id(region, account, control, verdict)? }))
    }
}

/// The same in every run for the same control, user and credential, so that an import updates the
/// finding of the one before.
///
/// Users are told apart by name where it is known: moving one to another path changes the ARN.
fn id(region: &str, account: &str, control: &Control, verdict: &Verdict) -> io::Result<String> {
    let user = verdict.user.filter(|user| !is_blank(user));
    let arn = if user.is_none() { verdict.arn } else { None };
    // as JSON, lest two subjects become one by where their parts meet
    let digest = Sha256::digest(serde_json::to_vec(&(
        &control.id,
        account,
        (user, arn, verdict.credential),
    ))?);
    let digest = digest.first_chunk::<16>().map_or(0, |start| u128::from_be_bytes(*start));
    // the rest with its separators, and a number if needed, is shorter than half
    let control = cut(&control.id, limits::ID / 2);
    Ok(format!("{region}/{account}/credsql/{control}/{digest:032x}"))
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::check::render::sample;
    use crate::check::verdict::Status;

    fn id_of(control: &Control, verdict: Verdict) -> String {
        Identity::of("eu-central-1", control, &verdict).unwrap().unwrap().id
    }

    #[test]
    fn an_account_has_twelve_digits() {
        for account_id in [
            None,
            Some(""),
            Some("11112222333"),
            Some("1111222233334"),
            Some("11112222333x"),
            Some("١١١١٢٢"),
        ] {
            let verdict = Verdict { account_id, ..sample::verdict() };
            assert_eq!(Identity::of("us-east-1", &sample::control(), &verdict).unwrap(), None);
        }
        let verdict = Verdict { account_id: Some("000000000012"), ..sample::verdict() };
        let identity = Identity::of("us-east-1", &sample::control(), &verdict).unwrap().unwrap();
        assert_eq!(identity.account, "000000000012");
    }

    #[test]
    fn an_id_outlives_what_may_change() {
        let (control, verdict) = (sample::control(), sample::verdict());
        let id = id_of(&control, verdict);
        // to change it makes every finding a new one
        assert_eq!(
            id,
            "eu-central-1/111122223333/credsql/access_keys_rotated/7f6108bd47f846fea179c9f88fb0d50d"
        );
        let later = Verdict {
            status: Status::Ok,
            reason: "rotated",
            generated_time: None,
            details: None,
            arn: Some("arn:aws:iam::111122223333:user/moved/alice"),
            ..verdict
        };
        let changed = Control { title: "Other".to_owned(), parameters: vec![], ..control.clone() };
        assert_eq!(id_of(&changed, later), id);
        let unlocated = Verdict { arn: None, ..verdict };
        assert_eq!(id_of(&control, unlocated), id);
    }

    #[test]
    fn ids_tell_subjects_apart() {
        let (control, verdict) = (sample::control(), sample::verdict());
        let ids: Vec<String> = [
            verdict,
            Verdict { account_id: Some("444455556666"), ..verdict },
            Verdict { user: Some("bob"), ..verdict },
            Verdict { credential: Some("access_key_2"), ..verdict },
            Verdict { credential: None, ..verdict },
            Verdict { user: None, ..verdict },
            Verdict { user: None, arn: None, ..verdict },
            Verdict { user: None, arn: Some("alice"), ..verdict },
            Verdict { user: Some("alice\",\"access_key_1"), credential: None, ..verdict },
        ]
        .into_iter()
        .map(|verdict| id_of(&control, verdict))
        .chain([
            id_of(&Control { id: "other".to_owned(), ..control.clone() }, verdict),
            id_of(&Control { id: "c".repeat(256), ..control.clone() }, verdict),
            id_of(&Control { id: "c".repeat(257), ..control.clone() }, verdict),
        ])
        .collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:#?}");
        assert!(ids.iter().all(|id| id.len() <= 512));
    }
}
