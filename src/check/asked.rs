//! What was asked for beside the reports, as far as verdicts depend on it: a control that needs more
//! than reports is run only if more was asked for, and what was asked for and refused is the run's
//! trouble, not the reports'.

use std::collections::BTreeMap;

use super::judged::Judged;
use super::verdict::Status;
use crate::beside::Extras;
use crate::library::query::CannedQuery;

/// What was asked for, by account.
#[derive(Debug)]
pub(super) struct Asked<'a>(BTreeMap<&'a str, &'a Extras>);

impl<'a> Asked<'a> {
    pub(super) fn of(extras: &[&'a Extras]) -> Self {
        Self(extras.iter().map(|extras| (&*extras.account_id, *extras)).collect())
    }

    /// Why a control can judge nothing in this run, if so.
    pub(super) fn why_open(&self, query: &CannedQuery) -> Option<String> {
        if query.needs.is_empty() || !self.0.is_empty() {
            return None;
        }
        let needs = query.needs.join(", ");
        Some(format!("needs --enrich: a credential report cannot tell; {needs} can"))
    }

    /// Rows that would be told, had AWS answered what it was asked, say why it did not. Returns how
    /// many.
    pub(super) fn explain(&self, rows: &mut Judged) -> u64 {
        let mut refused = 0;
        for row in 0..rows.len() {
            let verdict = rows.verdict(row);
            let asked = verdict.account_id.and_then(|account_id| self.0.get(account_id));
            let (true, Some(extras), Some(needs)) = (verdict.unanswerable, asked, rows.needs(row))
            else {
                continue;
            };
            let why = needs.split(',').find_map(|action| extras.why_missing(action.trim()));
            if let Some(why) = why {
                let reason = format!("this was asked for with --enrich and not told: {why}");
                rows.change(row, Status::Unknown, reason);
                refused += 1;
            }
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::verdict::Verdict;

    #[test]
    fn what_was_refused_is_the_trouble_of_the_run() {
        let mut denied =
            Extras::without("1".into(), 0, "not allowed: iam:GetAccountPasswordPolicy");
        denied.virtual_mfa_devices = Ok(Vec::new());
        let asked = Asked::of(&[&denied]);
        let of = |account_id| Verdict {
            account_id: Some(account_id),
            unanswerable: true,
            ..Verdict::bare(Status::Unknown, "needs --enrich")
        };
        // `Judged::of` knows no permission by name: rows of a statement do.
        let mut rows = Judged::of(&[of("1"), of("2")]);
        assert_eq!(asked.explain(&mut rows), 0);
        assert!(rows.verdicts().all(|verdict| verdict.unanswerable));
        let mut rows = Judged::needing(&[of("1"), of("2")], "iam:GetAccountPasswordPolicy");
        assert_eq!(asked.explain(&mut rows), 1);
        let (first, second) = (rows.verdict(0), rows.verdict(1));
        assert!(!first.unanswerable && second.unanswerable, "nobody asked the second");
        assert!(first.reason.ends_with("not allowed: iam:GetAccountPasswordPolicy"));
        let mut rows = Judged::needing(&[of("1")], "iam:ListVirtualMFADevices");
        assert_eq!(asked.explain(&mut rows), 0);
        assert!(rows.verdict(0).unanswerable, "that was told: the control's own affair");
    }
}
