//! The files that are built in: every `.sql` file of `queries/`. A test compares the two lists.

macro_rules! files {
    ($($id:literal,)*) => {
        &[$(($id, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/", $id, ".sql"))),)*]
    };
}

/// Ids and texts, in alphabetical order.
pub(super) const FILES: &[(&str, &str)] = files![
    "access-review",
    "accounts-ranked-by-risk",
    "console-and-key-on-one-user",
    "console-users-have-mfa",
    "console-users-never-signed-in",
    "credentials-unused-45-days",
    "credentials-unused-90-days",
    "dormant-users",
    "everything-about-a-user",
    "expiring-passwords",
    "inactive-keys-to-delete",
    "inferred-password-expiry",
    "key-age-distribution",
    "keys-by-region-and-service",
    "keys-rotated",
    "keys-used-after-creation",
    "keys-used-from-expected-regions",
    "keys-used-from-expected-services",
    "mfa-coverage-by-account",
    "never-used-keys",
    "no-key-at-setup-by-date",
    "no-key-at-setup-by-use",
    "oldest-keys",
    "one-active-key",
    "password-use-lost-in-2018",
    "passwords-changed",
    "passwords-not-expired",
    "people-who-should-use-identity-center",
    "report-age",
    "report-complete",
    "root-activity",
    "root-hardware-mfa",
    "root-mfa-enabled",
    "root-mfa-enabled-always",
    "root-no-access-keys",
    "root-no-signing-certificates",
    "root-not-used",
    "rotation-not-half-finished",
    "service-accounts",
    "signing-certificates",
    "signing-certificates-inactive",
    "stale-or-failed-reports",
    "users-have-mfa",
    "users-in-many-accounts",
    "users-with-no-credential",
];
