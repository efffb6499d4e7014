//! The fields a product may add to a finding: the version, the parameters of the control and its
//! further columns.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::limits::{self, cut, fit};
use crate::check::render::RunInfo;
use crate::check::render::is_blank;
use crate::check::verdict::{Control, Verdict};

const PARAMETER: &str = "credsql/parameter/";
const DETAIL: &str = "credsql/detail/";

/// `ProductFields` of a finding. No name starts with `aws/`, which AWS keeps for itself.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(super) fn new(run: &RunInfo, control: &Control, verdict: &Verdict) -> Self {
        let mut fields = Self(BTreeMap::new());
        fields.put("credsql/version", &run.version);
        if let Some(credential) = verdict.credential {
            fields.put("credsql/credential", credential);
        }
        for (name, value) in &control.parameters {
            fields.put(&format!("{PARAMETER}{name}"), value);
        }
        for (name, value) in verdict.details.map(columns).unwrap_or_default() {
            match value {
                Value::Null => {}
                Value::String(text) => fields.put(&format!("{DETAIL}{name}"), &text),
                other => fields.put(&format!("{DETAIL}{name}"), &other.to_string()),
            }
        }
        fields
    }

    /// What comes first stays if there are too many, or two of one name.
    fn put(&mut self, name: &str, value: &str) {
        if self.0.len() < limits::FIELDS && !is_blank(value) {
            let name = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect::<String>();
            let name = cut(&name, limits::FIELD_NAME).to_owned();
            self.0.entry(name).or_insert_with(|| fit(value, limits::FIELD_VALUE));
        }
    }

    /// Drops what can be missed most. False if nothing is left to drop.
    pub(super) fn shrink(&mut self) -> bool {
        let count = self.0.len();
        for prefix in [DETAIL, PARAMETER] {
            self.0.retain(|name, _| !name.starts_with(prefix));
            if self.0.len() < count {
                return true;
            }
        }
        false
    }
}

/// The columns of details, in the order of their names.
fn columns(details: &str) -> BTreeMap<String, Value> {
    serde_json::from_str(details).unwrap_or_default()
}

/// The characters a name may have.
fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || " .:+\\=@_/-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::render::sample;

    fn fields(parameters: &[(&str, &str)], details: &str) -> Fields {
        let parameters =
            parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let control = Control { parameters, ..sample::control() };
        let verdict = Verdict { details: Some(details), ..sample::verdict() };
        Fields::new(&sample::run(), &control, &verdict)
    }

    #[test]
    fn parameters_and_columns_are_fields() {
        let details = r#"{"b":"text","a":91,"none":null,"blank":" ","list":[1,"x"],"yes":true}"#;
        let shown =
            serde_json::to_string(&fields(&[("max_age_days", "90"), ("unset", "")], details));
        assert_eq!(
            shown.unwrap(),
            r#"{"credsql/credential":"access_key_1","credsql/detail/a":"91","credsql/detail/b":"text","credsql/detail/list":"[1,\"x\"]","credsql/detail/yes":"true","credsql/parameter/max_age_days":"90","credsql/version":"0.1.0"}"#
        );
    }

    #[test]
    fn details_that_are_no_object_are_left_out() {
        for details in ["", "[1]", "1", "{", "null", r#"{"a":1e999}"#] {
            assert_eq!(fields(&[], details).0.len(), 2, "{details}");
        }
    }

    #[test]
    fn fields_keep_the_limits() {
        let at = ("n".repeat(128 - PARAMETER.len()), "v".repeat(2048));
        let over = (format!("{}x", at.0), format!("{}x", at.1));
        let kept = fields(&[(&at.0, &at.1)], "{}");
        assert_eq!(kept.0[&format!("{PARAMETER}{}", at.0)], at.1);
        // the name is cut to that of the first, which stays
        let both = fields(&[(&at.0, "first"), (&over.0, &over.1)], "{}");
        assert_eq!(both.0[&format!("{PARAMETER}{}", at.0)], "first");
        let cut = fields(&[("p", &over.1)], "{}");
        assert_eq!(cut.0["credsql/parameter/p"], format!("{}…", "v".repeat(2047)));
        let many: BTreeMap<String, u32> = (0..49).map(|n| (format!("{n:02}"), n)).collect();
        let many = fields(&[], &serde_json::to_string(&many).unwrap());
        assert_eq!(many.0.len(), 50);
        assert!(many.0.contains_key("credsql/version"));
        assert!(many.0.contains_key("credsql/detail/47"));
        assert!(!many.0.contains_key("credsql/detail/48"));
    }

    #[test]
    fn names_have_allowed_characters_only() {
        let odd = fields(&[("ä\"%\n x.y:+\\=@_/-", "1")], "{}");
        assert!(odd.0.contains_key("credsql/parameter/____ x.y:+\\=@_/-"), "{odd:?}");
    }

    #[test]
    fn details_go_before_parameters() {
        let mut fields = fields(&[("p", "1")], r#"{"d":1}"#);
        assert!(fields.shrink());
        assert!(fields.0.contains_key("credsql/parameter/p"));
        assert!(!fields.0.contains_key("credsql/detail/d"));
        assert!(fields.shrink());
        assert!(!fields.shrink());
        assert_eq!(fields.0.len(), 2);
    }
}
