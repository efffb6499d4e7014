//! What stands beside the reports of an account: the answers of calls that `--enrich` makes.
//!
//! It is asked for once, a minute after the newest report of the organisation, and agrees with that
//! report: the same keys of the same seconds, MFA devices for those who have one.

use std::sync::Arc;

use super::account::{Account, Root};
use super::calendar::{DAY, MINUTE};
use super::people::{self, Password};
use super::random::Dice;
use super::root;
use super::roster;
use super::words::DOMAINS;
use super::{Demo, Enrich};
use crate::beside::{AccessKey, Extras, PasswordPolicy, Summary, UserTag, VirtualMfaDevice};

/// The letters of key ids.
const LETTERS: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What stands beside the reports of an account, which exists at `now`.
pub(super) fn extras(demo: &Demo, account: &Account, name: &str, now: i64) -> Extras {
    let id: Arc<str> = account.id.map(char::from).iter().collect::<String>().into();
    let asked = (now + MINUTE) * 1000;
    let mut extras = Extras::without(Arc::clone(&id), asked, "not allowed: iam:ListUsers");
    extras.account_name = Some(name.into());
    extras.partition = Some(account.partition.into());
    let denied = |number: u32| demo.enrich == Enrich::Partly && account.number % 12 == number;
    if denied(3) {
        // A role without any of the permissions.
        extras.summary = Err("not allowed: iam:GetAccountSummary".into());
        extras.password_policy = Err("not allowed: iam:GetAccountPasswordPolicy".into());
        extras.virtual_mfa_devices = Err("not allowed: iam:ListVirtualMFADevices".into());
        return extras;
    }
    let listed = list(account, &id, now);
    extras.summary = Ok(summary(account, &listed, now));
    extras.password_policy = if denied(1) {
        Err("not allowed: iam:GetAccountPasswordPolicy".into())
    } else {
        Ok(policy(account))
    };
    extras.virtual_mfa_devices = if denied(2) {
        Err("not allowed: iam:ListVirtualMFADevices".into())
    } else {
        Ok(listed.devices)
    };
    extras.access_keys = Ok(listed.keys);
    extras.user_tags = Ok(listed.tags);
    extras
}

/// What the lists of users, keys and devices return.
#[derive(Default)]
struct Listed {
    users: i64,
    devices: Vec<VirtualMfaDevice>,
    /// MFA devices that are no apps.
    hardware: i64,
    keys: Vec<AccessKey>,
    tags: Vec<UserTag>,
}

fn list(account: &Account, id: &str, now: i64) -> Listed {
    let mut listed = Listed::default();
    let prefix = format!("arn:{}:iam::{id}", account.partition);
    listed.root(account, &prefix, now);
    roster::visit(account, now, |name, member| {
        let row = people::row_at(account, member.role, member.dice, member.created, now);
        let name = String::from_utf8_lossy(name);
        let arn: Arc<str> = format!("{prefix}:user/{}{name}", member.path).into();
        let user: Arc<str> = (*name).into();
        let dice = member.dice.part(20);
        listed.users += 1;
        if row.mfa {
            listed.device(&prefix, (&user, &arn), dice.part(0), member.created);
        }
        let extra = (1..).zip(0..member.more_keys).map(|(day, _)| member.created + day * DAY);
        let of_slots = row.keys.iter().filter_map(|key| Some((key.rotated?, key.active)));
        for (created, active) in of_slots.chain(extra.map(|created| (created, true))) {
            listed.keys.push(AccessKey {
                user: Arc::clone(&user),
                arn: Arc::clone(&arn),
                access_key_id: key_id(dice.on(created)),
                status: if active { "Active" } else { "Inactive" }.into(),
                created_time: Some(created * 1000),
            });
        }
        listed.tag(&user, &arn, dice.part(2));
    });
    listed
}

impl Listed {
    /// Every second root user with MFA has an app. Somebody once began to set one up for a root
    /// user who has no MFA, and did not finish.
    fn root(&mut self, account: &Account, prefix: &str, now: i64) {
        let serial_number: Arc<str> = format!("{prefix}:mfa/root-account-mfa-device").into();
        let row = root::row_at(account, now);
        let enabled_time = Some((account.created + DAY) * 1000);
        let arn: Arc<str> = format!("{prefix}:root").into();
        match (row.mfa, account.number % 2) {
            (true, 0) => self.devices.push(VirtualMfaDevice {
                serial_number,
                user: Some((None, arn)),
                enabled_time,
            }),
            (true, _) => self.hardware += 1,
            (false, _) if account.root == Root::Bare => {
                self.devices.push(VirtualMfaDevice {
                    serial_number,
                    user: None,
                    enabled_time: None,
                });
            }
            (false, _) => {}
        }
    }

    /// Three of four users with MFA have an app; one of ten of these has an old one left over.
    fn device(&mut self, prefix: &str, user: (&Arc<str>, &Arc<str>), mut dice: Dice, created: i64) {
        let (name, arn) = user;
        if !dice.percent(75) {
            self.hardware += 1;
            return;
        }
        let days = dice.between(0, 30);
        self.devices.push(VirtualMfaDevice {
            serial_number: format!("{prefix}:mfa/{name}").into(),
            user: Some((Some(Arc::clone(name)), Arc::clone(arn))),
            enabled_time: Some((created + days * DAY) * 1000),
        });
        if dice.percent(10) {
            self.devices.push(VirtualMfaDevice {
                serial_number: format!("{prefix}:mfa/{name}-old-phone").into(),
                user: None,
                enabled_time: None,
            });
        }
    }

    fn tag(&mut self, user: &Arc<str>, arn: &Arc<str>, mut dice: Dice) {
        let mut add = |key: &str, value: &str| {
            self.tags.push(UserTag {
                user: Arc::clone(user),
                arn: Arc::clone(arn),
                key: key.into(),
                value: value.into(),
            });
        };
        if dice.percent(70) {
            add("team", dice.pick(&DOMAINS));
        }
        if dice.percent(30) {
            add("ticket", &format!("IAM-{}", dice.between(100, 5000)));
        }
    }
}

fn key_id(mut dice: Dice) -> Arc<str> {
    let mut id = String::from("AKIADEMO");
    id.extend((0..12).map(|_| char::from(dice.pick(&LETTERS))));
    id.into()
}

/// Where passwords expire there is a policy; elsewhere it is strong, missing, or somewhere between.
fn policy(account: &Account) -> Option<PasswordPolicy> {
    let strong = PasswordPolicy {
        minimum_length: Some(14),
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        users_may_change: true,
        expire: account.expiry,
        max_age_days: account.expiry.then_some(90),
        reuse_prevention: Some(24),
        hard_expiry: Some(false),
    };
    match account.number % 4 {
        0 => Some(strong),
        1 if !account.expiry => None,
        2 => Some(PasswordPolicy { minimum_length: Some(8), reuse_prevention: None, ..strong }),
        _ => Some(PasswordPolicy { symbols: false, reuse_prevention: Some(5), ..strong }),
    }
}

fn summary(account: &Account, listed: &Listed, now: i64) -> Summary {
    let row = root::row_at(account, now);
    let has = |has: bool| i64::from(has);
    let has_password = matches!(row.password, Password::Root(_) | Password::RootOldWords(_));
    let in_use = listed.devices.iter().filter(|device| device.user.is_some()).count();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut dice = account.dice.part(21);
    [
        ("AccessKeysPerUserQuota", 2),
        ("AccountAccessKeysPresent", has(row.keys.iter().any(|key| key.rotated.is_some()))),
        ("AccountMFAEnabled", has(row.mfa)),
        ("AccountPasswordPresent", has(has_password)),
        (
            "AccountSigningCertificatesPresent",
            has(row.certificates.iter().any(|certificate| certificate.rotated.is_some())),
        ),
        ("GlobalEndpointTokenVersion", 1),
        ("Groups", dice.between(2, 20)),
        ("GroupsPerUserQuota", 10),
        ("GroupsQuota", 300),
        ("MFADevices", count(listed.devices.len()) + listed.hardware),
        ("MFADevicesInUse", count(in_use) + listed.hardware),
        ("Policies", dice.between(5, 120)),
        ("PoliciesQuota", 1500),
        ("Roles", dice.between(20, 400)),
        ("RolesQuota", 1000),
        ("ServerCertificates", 0),
        ("SigningCertificatesPerUserQuota", 2),
        ("Users", listed.users),
        ("UsersQuota", 5000),
    ]
    .map(|(key, number)| (key.to_owned(), number))
    .into()
}
