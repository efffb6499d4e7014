//! The files that are built in: every `.sql` file of `queries/` and every `.toml` file of
//! `queries/frameworks/`. A test compares list and folder.

macro_rules! files {
    ($folder:literal, $suffix:literal: $($id:literal,)*) => {
        &[$((
            $id,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $id, ".", $suffix)),
        ),)*]
    };
}

/// Ids and texts, in alphabetical order.
pub(super) const QUERIES: &[(&str, &str)] = files!["queries", "sql":
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
    "password-expiry-enforced",
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

/// Ids and texts of the frameworks, in alphabetical order.
pub(super) const FRAMEWORKS: &[(&str, &str)] = files!["queries/frameworks", "toml":
    "aws-fsbp",
    "aws-security-hub",
    "cis-aws-1.2.0",
    "cis-aws-1.3.0",
    "cis-aws-1.4.0",
    "cis-aws-1.5.0",
    "cis-aws-2.0.0",
    "cis-aws-3.0.0",
    "cis-aws-4.0.0",
    "cis-aws-5.0.0",
    "cis-aws-6.0.0",
    "cis-aws-7.0.0",
    "hipaa",
    "iso-27001-2022",
    "nist-800-53-r5",
    "nist-csf-2.0",
    "pci-dss-3.2.1",
    "pci-dss-4.0.1",
    "soc-2",
];
