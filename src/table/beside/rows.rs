//! Facts as cells, in the order of the columns.

use std::borrow::Cow;
use std::sync::Arc;

use super::Beside;
use crate::beside::{AccessKey, Call, Extras, PasswordPolicy, Summary, UserTag, VirtualMfaDevice};
use crate::report::Millis;
use crate::schema::{
    ACCESS_KEY_IDS, BESIDE, BESIDE_USER, COLLECTED, Column, ENRICHMENT, PASSWORD_POLICY, SUMMARY,
    SUMMARY_MORE, USER_TAGS, VIRTUAL_MFA_DEVICES,
};

/// How reports write the root user.
const ROOT_USER: &str = "<root_account>";

/// The columns of `access_key_ids` that a list of keys tells; the view adds the others.
const LISTED_OF_KEY: usize = 4;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// Of a column of text.
    Text(Option<Cow<'a, str>>),
    /// Of flags.
    Flag(Option<bool>),
    /// Of times.
    Time(Option<Millis>),
    /// Of numbers.
    Number(Option<i64>),
}

/// The columns of a table.
pub(super) fn columns(of: Beside) -> impl Iterator<Item = &'static Column> {
    let listed = ACCESS_KEY_IDS.split_at(LISTED_OF_KEY).0;
    let middle: [&'static [Column]; 2] = match of {
        Beside::AccountSummary => [&SUMMARY, &SUMMARY_MORE],
        Beside::PasswordPolicy => [&PASSWORD_POLICY, &[]],
        Beside::VirtualMfaDevices => [&VIRTUAL_MFA_DEVICES, &[]],
        Beside::AccessKeys => [&BESIDE_USER, listed],
        Beside::UserTags => [&BESIDE_USER, &USER_TAGS],
        Beside::Enrichment => [&ENRICHMENT, &[]],
    };
    BESIDE.iter().chain(middle.into_iter().flatten()).chain(&COLLECTED)
}

/// The rows of one account. None where nothing could be had.
pub(super) fn rows(of: Beside, extras: &Extras) -> Box<dyn Iterator<Item = Vec<Cell<'_>>> + '_> {
    match of {
        Beside::AccountSummary => {
            Box::new(extras.summary.iter().map(|known| whole(extras, summary(known))))
        }
        Beside::PasswordPolicy => {
            Box::new(extras.password_policy.iter().map(|known| whole(extras, policy(*known))))
        }
        Beside::VirtualMfaDevices => {
            let devices = extras.virtual_mfa_devices.iter().flatten();
            Box::new(devices.map(|known| whole(extras, device(known))))
        }
        Beside::AccessKeys => {
            let keys = extras.access_keys.iter().flatten();
            Box::new(keys.map(|known| whole(extras, key(known))))
        }
        Beside::UserTags => {
            let tags = extras.user_tags.iter().flatten();
            Box::new(tags.map(|known| whole(extras, tag(known))))
        }
        Beside::Enrichment => Box::new(extras.calls().map(|known| whole(extras, call(known)))),
    }
}

/// A row with whose it is before and the time behind.
fn whole<'a>(extras: &'a Extras, middle: Vec<Cell<'a>>) -> Vec<Cell<'a>> {
    let mut row = vec![
        text(&extras.account_id),
        Cell::Text(extras.account_name.as_deref().map(Cow::Borrowed)),
        Cell::Text(extras.partition.as_deref().map(Cow::Borrowed)),
    ];
    row.extend(middle);
    row.push(Cell::Time(Some(extras.collected_time)));
    row
}

fn text(text: &Arc<str>) -> Cell<'_> {
    Cell::Text(Some(Cow::Borrowed(text)))
}

/// `AccountMFAEnabled` stands in column `account_mfa_enabled`: the same letters.
fn is_named(column: &Column, key: &str) -> bool {
    let letters = column.name.bytes().filter(|byte| *byte != b'_');
    letters.eq(key.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn summary(summary: &Summary) -> Vec<Cell<'static>> {
    let of = |column: &Column| {
        let named = summary.iter().find(|(key, _)| is_named(column, key));
        Cell::Number(named.map(|(_, number)| *number))
    };
    let mut cells: Vec<Cell<'static>> = SUMMARY.iter().map(of).collect();
    let is_more = |key: &str| !SUMMARY.iter().any(|column| is_named(column, key));
    let more: serde_json::Map<String, serde_json::Value> = summary
        .iter()
        .filter(|(key, _)| is_more(key))
        .map(|(key, number)| (key.clone(), (*number).into()))
        .collect();
    cells.push(Cell::Text(Some(Cow::Owned(serde_json::Value::Object(more).to_string()))));
    cells
}

fn policy(policy: Option<PasswordPolicy>) -> Vec<Cell<'static>> {
    let flag = |flag: fn(&PasswordPolicy) -> bool| Cell::Flag(policy.as_ref().map(flag));
    let number =
        |number: fn(&PasswordPolicy) -> Option<i64>| Cell::Number(policy.as_ref().and_then(number));
    vec![
        Cell::Flag(Some(policy.is_some())),
        number(|policy| policy.minimum_length),
        flag(|policy| policy.uppercase),
        flag(|policy| policy.lowercase),
        flag(|policy| policy.numbers),
        flag(|policy| policy.symbols),
        number(|policy| policy.reuse_prevention),
        flag(|policy| policy.expire),
        number(|policy| policy.max_age_days),
        Cell::Flag(policy.and_then(|policy| policy.hard_expiry)),
        flag(|policy| policy.users_may_change),
    ]
}

fn device(device: &VirtualMfaDevice) -> Vec<Cell<'_>> {
    let is_root = device.is_of_root();
    let user = device.user.as_ref().and_then(|(name, _)| match name {
        _ if is_root => Some(Cow::Borrowed(ROOT_USER)),
        Some(name) => Some(Cow::Borrowed(&**name)),
        None => None,
    });
    let arn = device.user.as_ref().map(|(_, arn)| Cow::Borrowed(&**arn));
    vec![
        text(&device.serial_number),
        Cell::Text(user),
        Cell::Text(arn),
        Cell::Flag(Some(device.user.is_some())),
        Cell::Flag(Some(is_root)),
        Cell::Time(device.enabled_time),
    ]
}

fn key(key: &AccessKey) -> Vec<Cell<'_>> {
    vec![
        text(&key.user),
        text(&key.arn),
        text(&key.access_key_id),
        text(&key.status),
        Cell::Flag(Some(&*key.status == "Active")),
        Cell::Time(key.created_time),
    ]
}

fn tag(tag: &UserTag) -> Vec<Cell<'_>> {
    vec![text(&tag.user), text(&tag.arn), text(&tag.key), text(&tag.value)]
}

fn call(call: Call<'_>) -> Vec<Cell<'_>> {
    let word = |word| Cell::Text(Some(Cow::Borrowed(word)));
    let rows = call.outcome.ok().and_then(|rows| i64::try_from(rows).ok());
    let error = Cell::Text(call.outcome.err().map(Cow::Borrowed));
    vec![word(call.action), word(call.table), Cell::Number(rows), error]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Kind;

    /// Everything that can be told, once.
    fn full() -> Extras {
        let mut extras = Extras::without("111122223333".into(), 5, "not asked");
        extras.summary = Ok([("AccountMFAEnabled", 1), ("NewThing", 7)]
            .map(|(key, number)| (key.to_owned(), number))
            .into());
        extras.password_policy = Ok(None);
        let serial = "arn:aws:iam::111122223333:mfa/root-account-mfa-device";
        extras.virtual_mfa_devices = Ok(vec![VirtualMfaDevice {
            serial_number: serial.into(),
            user: Some((None, "arn:aws:iam::111122223333:root".into())),
            enabled_time: Some(1),
        }]);
        let (user, arn): (Arc<str>, Arc<str>) = ("ann".into(), "a".into());
        extras.access_keys = Ok(vec![AccessKey {
            user: Arc::clone(&user),
            arn: Arc::clone(&arn),
            access_key_id: "AKIA".into(),
            status: "Inactive".into(),
            created_time: Some(2),
        }]);
        extras.user_tags = Ok(vec![UserTag { user, arn, key: "team".into(), value: "".into() }]);
        extras
    }

    const ALL: [Beside; 6] = [
        Beside::AccountSummary,
        Beside::PasswordPolicy,
        Beside::VirtualMfaDevices,
        Beside::AccessKeys,
        Beside::UserTags,
        Beside::Enrichment,
    ];

    #[test]
    fn every_cell_is_of_the_kind_of_its_column() {
        let extras = full();
        for of in ALL {
            let rows: Vec<_> = rows(of, &extras).collect();
            assert_eq!(rows.len(), if of == Beside::Enrichment { 5 } else { 1 }, "{of:?}");
            let kinds: Vec<Kind> = columns(of).map(|column| column.kind).collect();
            let found: Vec<Kind> = rows[0]
                .iter()
                .map(|cell| match cell {
                    Cell::Text(_) => Kind::Text,
                    Cell::Flag(_) => Kind::Boolean,
                    Cell::Time(_) => Kind::Timestamp,
                    Cell::Number(_) => Kind::Integer,
                })
                .collect();
            assert_eq!(found, kinds, "{of:?}");
        }
    }

    #[test]
    fn what_could_not_be_had_has_no_rows() {
        let extras = Extras::without("111122223333".into(), 5, "not allowed");
        for of in ALL.into_iter().filter(|of| *of != Beside::Enrichment) {
            assert_eq!(rows(of, &extras).count(), 0, "{of:?}");
        }
        let told: Vec<Vec<Cell<'_>>> = rows(Beside::Enrichment, &extras).collect();
        let error = Cell::Text(Some("not allowed".into()));
        assert!(told.iter().all(|row| row.contains(&error) && row.contains(&Cell::Number(None))));
    }

    #[test]
    fn numbers_stand_under_their_names_and_unknown_ones_are_kept() {
        let extras = full();
        let row = rows(Beside::AccountSummary, &extras).next().expect("a row");
        let cell = |name: &str| {
            let place = columns(Beside::AccountSummary).position(|column| column.name == name);
            row[place.expect(name)].clone()
        };
        assert_eq!(cell("account_mfa_enabled"), Cell::Number(Some(1)));
        assert_eq!(cell("users"), Cell::Number(None));
        assert_eq!(cell("more"), Cell::Text(Some(r#"{"NewThing":7}"#.into())));
    }

    /// The names that the SDK knows; each has a column.
    #[test]
    fn every_documented_number_has_a_column() {
        let keys = aws_sdk_iam::types::SummaryKeyType::values();
        let without: Vec<&&str> =
            keys.iter().filter(|key| !SUMMARY.iter().any(|column| is_named(column, key))).collect();
        assert_eq!(without, Vec::<&&str>::new());
        assert_eq!(keys.len(), SUMMARY.len());
    }
}
