//! The one list of columns: every table, its columns, their kinds, sentinels and meanings.
//!
//! Everything that needs to know a column walks these lists: the Arrow schema, the decoder, the
//! header check, `credsql schema`, the README. Column names of the report are written as literals
//! here and in `.sql` files, nowhere else.
//!
//! Source of names and meanings: AWS IAM User Guide, "Get credential reports for your AWS account"
//! (`id_credentials_getting-report`), corrected by what AWS is seen to write.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds, as SQL sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// An instant in UTC with millisecond resolution.
    Timestamp,
    /// A signed 64-bit whole number.
    Integer,
}

impl Kind {
    /// The Arrow type of a column of this kind. Text is a string view: account ids and most other
    /// cells fit inline, which makes filters and groups on them cheap.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some(Arc::from("UTC"))),
            Self::Integer => DataType::Int64,
        }
    }

    /// The word for this kind in `credsql schema` and in the README.
    #[must_use]
    pub fn sql_name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Integer => "integer",
        }
    }
}

/// The words AWS writes where a cell has no value. They are three different facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentinel {
    /// `N/A`
    NotApplicable,
    /// `no_information`
    NoInformation,
    /// `not_supported`
    NotSupported,
}

impl Sentinel {
    /// All sentinels, for those who search a cell for one.
    pub const ALL: [Self; 3] = [Self::NotApplicable, Self::NoInformation, Self::NotSupported];

    /// The sentinel as AWS spells it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotApplicable => "N/A",
            Self::NoInformation => "no_information",
            Self::NotSupported => "not_supported",
        }
    }
}

/// One column of one table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name in SQL; for report columns also the name in the header that AWS writes.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Names under which other tools export the same column.
    pub aliases: &'static [&'static str],
    /// The sentinels AWS writes here and what each of them means.
    pub sentinels: &'static [(Sentinel, &'static str)],
    /// Which values can be listed, for those who look for one.
    pub values: Values,
    /// One line for a reader.
    pub doc: &'static str,
}

/// The values of a column of text, as far as they can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// No list can be given.
    Any,
    /// These, and no others or few.
    OneOf(&'static [&'static str]),
    /// Those that the reports of the run have.
    Known(Domain),
}

/// Columns that share their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// Account ids.
    Account,
    /// Names of accounts.
    AccountName,
    /// Names of users.
    User,
    /// Regions that keys were used in.
    Region,
    /// Services that keys were used for.
    Service,
}

/// A table or view that SQL can name.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The name in SQL.
    pub name: &'static str,
    /// What one row stands for, and what else to know.
    pub doc: &'static str,
    /// Its columns in order, as groups that tables share.
    pub columns: &'static [&'static [Column]],
}

impl Table {
    /// The columns in order.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns.iter().copied().flatten()
    }

    /// The Arrow schema of the table.
    #[must_use]
    pub fn arrow_schema(&self) -> SchemaRef {
        arrow_schema(self.columns())
    }

    /// The table with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }
}

use Kind::{Boolean, Integer, Text, Timestamp};
use Sentinel::{NoInformation, NotApplicable, NotSupported};

/// How many columns AWS documents; the last may be absent from a report without a word.
pub const REPORT_WIDTH: usize = 23;

/// Position of `user` in [`REPORT`].
pub const USER: usize = 0;
/// Position of `arn` in [`REPORT`].
pub const ARN: usize = 1;
/// Position of `user_creation_time` in [`REPORT`].
pub const USER_CREATION_TIME: usize = 2;
/// Position of `password_enabled` in [`REPORT`].
pub const PASSWORD_ENABLED: usize = 3;
/// Position of `password_last_changed` in [`REPORT`].
pub const PASSWORD_LAST_CHANGED: usize = 5;
/// Position of `password_next_rotation` in [`REPORT`], the one date that may lie in the future.
pub const PASSWORD_NEXT_ROTATION: usize = 6;
/// Position of `additional_credentials_info` in [`REPORT`].
pub const ADDITIONAL_CREDENTIALS_INFO: usize = 22;

const fn text(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Text, aliases: &[], sentinels: &[], values: Values::Any, doc }
}

const fn flag(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Boolean, aliases: &[], sentinels: &[], values: Values::Any, doc }
}

const fn time(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Timestamp, aliases: &[], sentinels: &[], values: Values::Any, doc }
}

const fn number(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Integer, aliases: &[], sentinels: &[], values: Values::Any, doc }
}

impl Column {
    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn known(mut self, domain: Domain) -> Self {
        self.values = Values::Known(domain);
        self
    }

    const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = Values::OneOf(values);
        self
    }

    const fn may_be(mut self, sentinels: &'static [(Sentinel, &'static str)]) -> Self {
        self.sentinels = sentinels;
        self
    }
}

const NO_KEY: &str = "no access key in this slot";
const KEY_NEVER_USED: &str =
    "no key in this slot, or never used since AWS began to record it on 2015-04-22";
const NO_REGION: &str = "never used, or the service last used is a global one such as s3";
const NO_CERT: &str = "no signing certificate in this slot";

/// The columns of the report, in AWS's order and spelling.
pub const REPORT: [Column; REPORT_WIDTH] = [
    text("user", "Name of the IAM user; the root user is written <root_account>")
        .known(Domain::User)
        .alias(&["user_name"]),
    text("arn", "ARN of the user; the only place where a report names its account")
        .alias(&["user_arn"]),
    time("user_creation_time", "When the user was created; for root, the account"),
    flag("password_enabled", "Whether the user has a console password").may_be(&[(
        NotSupported,
        "old reports and GovCloud do not tell whether root has a password",
    )]),
    time("password_last_used", "Last sign-in with the password, to within 5 minutes").may_be(&[
        (NoInformation, "never used, or not since AWS began to record it on 2014-10-20"),
        (NotApplicable, "the user has no password"),
    ]),
    time("password_last_changed", "When the password was last set").may_be(&[
        (NotApplicable, "the user has no password"),
        (NotSupported, "old reports do not tell for root"),
    ]),
    time(
        "password_next_rotation",
        "When the password expires, if the account's policy expires passwords",
    )
    .may_be(&[
        (NotApplicable, "no password, or passwords do not expire in this account"),
        (NotSupported, "always for root"),
    ]),
    flag("mfa_active", "Whether the user has an MFA device; the report does not tell which kind"),
    flag(
        "access_key_1_active",
        "Whether the key in slot 1 is active; false is an inactive key or no key",
    )
    .alias(&["access_key1_active"]),
    time(
        "access_key_1_last_rotated",
        "When the key in slot 1 was created; an inactive key keeps its date",
    )
    .alias(&["access_key1_last_rotated"])
    .may_be(&[(NotApplicable, NO_KEY)]),
    time("access_key_1_last_used_date", "Last use of the key in slot 1, to within 15 minutes")
        .alias(&["access_key1_last_used_date"])
        .may_be(&[(NotApplicable, KEY_NEVER_USED)]),
    text("access_key_1_last_used_region", "Region of that use")
        .known(Domain::Region)
        .alias(&["access_key1_last_used_region"])
        .may_be(&[(NotApplicable, NO_REGION)]),
    text("access_key_1_last_used_service", "Service of that use, as its endpoint namespace")
        .known(Domain::Service)
        .alias(&["access_key1_last_used_service"])
        .may_be(&[(NotApplicable, KEY_NEVER_USED)]),
    flag("access_key_2_active", "As access_key_1_active, for slot 2; a slot number is not an age")
        .alias(&["access_key2_active"]),
    time("access_key_2_last_rotated", "As access_key_1_last_rotated, for slot 2")
        .alias(&["access_key2_last_rotated"])
        .may_be(&[(NotApplicable, NO_KEY)]),
    time("access_key_2_last_used_date", "As access_key_1_last_used_date, for slot 2")
        .alias(&["access_key2_last_used_date"])
        .may_be(&[(NotApplicable, KEY_NEVER_USED)]),
    text("access_key_2_last_used_region", "As access_key_1_last_used_region, for slot 2")
        .known(Domain::Region)
        .alias(&["access_key2_last_used_region"])
        .may_be(&[(NotApplicable, NO_REGION)]),
    text("access_key_2_last_used_service", "As access_key_1_last_used_service, for slot 2")
        .known(Domain::Service)
        .alias(&["access_key2_last_used_service"])
        .may_be(&[(NotApplicable, KEY_NEVER_USED)]),
    flag("cert_1_active", "Whether the X.509 signing certificate in slot 1 is active")
        .alias(&["cert1_active"]),
    time(
        "cert_1_last_rotated",
        "When that certificate was uploaded; an inactive one keeps its date",
    )
    .alias(&["cert1_last_rotated"])
    .may_be(&[(NotApplicable, NO_CERT)]),
    flag("cert_2_active", "As cert_1_active, for slot 2").alias(&["cert2_active"]),
    time("cert_2_last_rotated", "As cert_1_last_rotated, for slot 2")
        .alias(&["cert2_last_rotated"])
        .may_be(&[(NotApplicable, NO_CERT)]),
    text(
        "additional_credentials_info",
        "Set when the user has more keys or certificates than the row can show",
    )
    .may_be(&[(NotApplicable, "nothing more than the row shows")]),
];

/// The same columns where every cell is the text that was delivered.
pub const REPORT_AS_TEXT: [Column; REPORT_WIDTH] = as_text(REPORT);

const fn as_text(mut columns: [Column; REPORT_WIDTH]) -> [Column; REPORT_WIDTH] {
    let mut position = 0;
    while position < REPORT_WIDTH {
        columns[position].kind = Text;
        position += 1;
    }
    columns
}

/// The columns that say whose row it is, which a narrow terminal shows first.
pub const KEYS: [&str; 3] = ["account_id", "account_name", "user"];

/// Two columns that are enough to say it.
pub const WHOSE: [&str; 2] = ["account_id", "user"];

/// The column that says the same as these at length.
pub const LONG_KEY: &str = "arn";

/// The columns credsql adds to every row of a report.
pub const LINEAGE: [Column; 6] = [
    text(
        "account_id",
        "12-digit account id, from the ARNs of the report; NULL when it cannot be known",
    )
    .known(Domain::Account),
    text("account_name", "Name of the account; NULL unless the source tells it")
        .known(Domain::AccountName),
    text("partition", "AWS partition: aws, aws-cn, aws-us-gov, …").one_of(&[
        "aws",
        "aws-cn",
        "aws-us-gov",
    ]),
    flag("is_root", "Whether the row is the root user of the account"),
    time("generated_time", "When AWS made the report; table reports says how that is known"),
    text("source", "Where the report was read: path, key or address"),
];

/// The clock of the report tables.
pub const CLOCK: [Column; 1] = [time(
    "clock_time",
    "The time at which ages are measured: generated_time, or --as-of for the latest reports",
)];

/// What the views need and `SELECT *` does not show.
pub const INTERNAL: [Column; 1] = [text(
    "cell_states",
    "One letter per report column: v value, a N/A, i no_information, s not_supported, e empty, m missing column, u unreadable",
)];

/// The Arrow schema of some columns.
pub fn arrow_schema<'a>(columns: impl IntoIterator<Item = &'a Column>) -> SchemaRef {
    let field = |column: &Column| Field::new(column.name, column.kind.data_type(), true);
    Arc::new(Schema::new(columns.into_iter().map(field).collect::<Vec<_>>()))
}

/// Columns that only the raw table has.
pub const RAW: [Column; 2] = [
    number("line", "Line of the row in its file; NULL where there are no lines"),
    text(
        "extras",
        "Cells under columns that AWS does not document, as a JSON object; (line) is a broken row as delivered",
    ),
];

/// The columns of `reports`.
pub const REPORTS: [Column; 14] = [
    text("source", "Where the report was read: path, key or address"),
    text(
        "account_id",
        "12-digit account id, from the ARNs of the report; NULL when it cannot be known",
    ).known(Domain::Account),
    text("account_name", "Name of the account; NULL unless the source tells it").known(Domain::AccountName),
    text("partition", "AWS partition: aws, aws-cn, aws-us-gov, …").one_of(&["aws", "aws-cn", "aws-us-gov"]),
    time("generated_time", "When AWS made the report"),
    text(
        "generated_time_from",
        "How that is known: response, column, file name, key, modification time, run time",
    ),
    text(
        "status",
        "ok, warning, failed, skipped (not a report) or superseded (the same report is read elsewhere)",
    )
    .one_of(&["ok", "warning", "failed", "skipped", "superseded"]),
    number("rows", "Rows of this account in the report"),
    number("bytes", "Size as found"),
    text("sha256", "SHA-256 of the bytes as found, in hexadecimal"),
    text("format", "What the bytes were: csv, gzip csv, json response, parquet, …"),
    flag("is_latest", "Whether table credential_report shows this report"),
    text("warnings", "JSON array of what a reader should know about the report"),
    text("error", "Why the report could not be read"),
];

const KINDS: &[&str] = &["password", "access_key", "signing_certificate"];

const CHANGE_WORDS: &[&str] = &[
    "user_added",
    "user_removed",
    "mfa_enabled",
    "mfa_disabled",
    "password_enabled",
    "password_disabled",
    "password_changed",
    "access_key_created",
    "access_key_rotated",
    "access_key_activated",
    "access_key_deactivated",
    "access_key_removed",
    "signing_certificate_created",
    "signing_certificate_activated",
    "signing_certificate_deactivated",
    "signing_certificate_removed",
    "root_used",
];

/// The columns of `credentials`.
pub const CREDENTIALS: [Column; 21] = [
    text("account_id", "12-digit account id; NULL when it cannot be known").known(Domain::Account),
    text("account_name", "Name of the account; NULL unless the source tells it")
        .known(Domain::AccountName),
    text("user", "Name of the IAM user; the root user is written <root_account>")
        .known(Domain::User),
    text("arn", "ARN of the user"),
    flag("is_root", "Whether the row belongs to the root user of the account"),
    time("user_creation_time", "When the user was created; tells users of the same name apart"),
    text("kind", "password, access_key or signing_certificate").one_of(KINDS),
    number("slot", "1 or 2 for keys and certificates; not an identity and not an age"),
    flag("active", "Whether it can be used; NULL when the report cannot tell whether it exists"),
    time("created_time", "password_last_changed, or last_rotated of the key or certificate"),
    time("last_used_time", "Last use, as far as the report tells"),
    text("last_used_region", "Region of the last use of a key").known(Domain::Region),
    text("last_used_service", "Service of the last use of a key").known(Domain::Service),
    text(
        "last_used_status",
        "used, never or unknown; unknown: the report did not carry it or it could not be read",
    )
    .one_of(&["used", "never", "unknown"]),
    number(
        "age_days",
        "Whole days from created_time to the clock; NULL if unknown or in the future",
    ),
    number(
        "idle_days",
        "Whole days since last use; never used: since creation; NULL if unknown or in the future",
    ),
    text("idle_basis", "What idle_days counts from: last_used, created or user_created").one_of(&[
        "last_used",
        "created",
        "user_created",
    ]),
    time(
        "next_rotation_time",
        "When a password expires, if the account's policy expires passwords",
    ),
    text(
        "next_rotation_status",
        "Of a password: expires, expired, never or unknown; unknown: the report did not carry it",
    )
    .one_of(&["expires", "expired", "never", "unknown"]),
    time("generated_time", "When AWS made the report"),
    text("source", "Where the report was read"),
];

/// The columns of `changes`.
pub const CHANGES: [Column; 16] = [
    text("account_id", "12-digit account id").known(Domain::Account),
    text("account_name", "Name of the account; NULL unless the source tells it").known(Domain::AccountName),
    text("user", "Name of the IAM user; the root user is written <root_account>").known(Domain::User),
    text("arn", "ARN of the user"),
    flag("is_root", "Whether the row belongs to the root user of the account"),
    time("user_creation_time", "When the user was created; tells users of the same name apart"),
    text(
        "change",
        "user_added, user_removed, mfa_enabled, mfa_disabled, password_enabled, password_disabled, password_changed, access_key_created, access_key_rotated, access_key_activated, access_key_deactivated, access_key_removed, the same of signing_certificate but rotated, root_used",
    ).one_of(CHANGE_WORDS),
    text("kind", "password, access_key or signing_certificate; NULL if the user itself changed").one_of(KINDS),
    number("slot", "Slot in the later report, else in the earlier; not an identity"),
    time("created_time", "When the key or certificate was created, or the password set"),
    text("old_value", "What it was before, where that is a value"),
    text("new_value", "What it is now, where that is a value"),
    time("previous_time", "Time of the report compared with: the last one that could tell"),
    time("generated_time", "Time of the report in which it is different"),
    number("days_between", "Whole days between the two: when it happened is not known better"),
    text("source", "Where the later report was read"),
];

/// The columns of a check's rows, in the formats that have rows and columns.
pub const VERDICTS: [Column; 12] = [
    text("control", "Id of the control; framework/requirement where no control answers"),
    text("severity", "low, medium, high or critical")
        .one_of(&["low", "medium", "high", "critical"]),
    text("requirement", "Frameworks and requirements that the control answers to in this run"),
    text("account_id", "12-digit account id; NULL when it cannot be known").known(Domain::Account),
    text("user", "Name of the IAM user; NULL if the account is judged").known(Domain::User),
    text("arn", "ARN of the user"),
    text("credential", "password, access_key_1, …; NULL if the whole user or account is judged"),
    text("status", "ok, alarm, info, skip, unknown, exempt or error"),
    text("reason", "Why, in words, with the limits that were used"),
    time("generated_time", "When AWS made the report"),
    text("parameters", "The parameters of the control, as a JSON object"),
    text("details", "Further columns of the control, as a JSON object"),
];

/// The columns of `controls`.
pub const CONTROLS: [Column; 10] = [
    text("id", "The stem of its file"),
    text("title", "What holds when all is well"),
    text("severity", "low, medium, high or critical")
        .one_of(&["low", "medium", "high", "critical"]),
    text("frameworks", "Frameworks and their requirements, as a JSON object of arrays"),
    text("parameters", "Parameters and their defaults, as a JSON object"),
    text("tags", "Words to choose by, as a JSON array"),
    text("needs", "Permissions without which it is unknown, as a JSON array; --enrich uses them"),
    text("description", "Why it matters, what is judged, where it differs from common practice"),
    text("remediation", "What to do about an alarm"),
    text("file", "Where it was read; queries/… is built in"),
];

/// The first columns of every table that stands beside the reports.
pub const BESIDE: [Column; 3] = [
    text("account_id", "12-digit account id").known(Domain::Account),
    text("account_name", "Name of the account; NULL unless the source tells it")
        .known(Domain::AccountName),
    text("partition", "AWS partition: aws, aws-cn, aws-us-gov, …").one_of(&[
        "aws",
        "aws-cn",
        "aws-us-gov",
    ]),
];

/// Whose row it is, in such a table with rows of users.
pub const BESIDE_USER: [Column; 2] = [
    text("user", "Name of the IAM user").known(Domain::User),
    text("arn", "ARN of the user, as in the reports"),
];

/// The last column of such a table.
pub const COLLECTED: [Column; 1] =
    [time("collected_time", "When AWS was asked; a report can be up to 4 hours older")];

/// The numbers of `account_summary`. Each is named as AWS names it, in lower case with underscores.
pub const SUMMARY: [Column; 34] = [
    number("users", "IAM users"),
    number("users_quota", "Most IAM users"),
    number("groups", "Groups"),
    number("groups_quota", "Most groups"),
    number("roles", "Roles"),
    number("roles_quota", "Most roles"),
    number("policies", "Customer managed policies"),
    number("policies_quota", "Most of them"),
    number("instance_profiles", "Instance profiles"),
    number("instance_profiles_quota", "Most of them"),
    number("server_certificates", "Server certificates"),
    number("server_certificates_quota", "Most of them"),
    number("providers", "Identity providers"),
    number("mfa_devices", "MFA devices, assigned or not"),
    number("mfa_devices_in_use", "MFA devices that are assigned"),
    number("account_mfa_enabled", "1 if the root user has an MFA device, else 0"),
    number("account_access_keys_present", "1 if the root user has an access key, active or not"),
    number("account_password_present", "1 if the root user has a password, else 0"),
    number(
        "account_signing_certificates_present",
        "1 if the root user has a signing certificate, active or not",
    ),
    number("access_keys_per_user_quota", "Most access keys of a user"),
    number("signing_certificates_per_user_quota", "Most signing certificates of a user"),
    number("groups_per_user_quota", "Most groups of a user"),
    number("attached_policies_per_user_quota", "Most managed policies attached to a user"),
    number("attached_policies_per_group_quota", "Most managed policies attached to a group"),
    number("attached_policies_per_role_quota", "Most managed policies attached to a role"),
    number("user_policy_size_quota", "Most characters of the inline policies of a user"),
    number("group_policy_size_quota", "Most characters of the inline policies of a group"),
    number("role_policy_size_quota", "Most characters of the inline policies of a role"),
    number("assume_role_policy_size_quota", "Most characters of the trust policy of a role"),
    number("policy_size_quota", "Most characters of a managed policy"),
    number("policy_versions_in_use", "Versions of customer managed policies"),
    number("policy_versions_in_use_quota", "Most of them"),
    number("versions_per_policy_quota", "Most versions of a policy"),
    number(
        "global_endpoint_token_version",
        "Version of tokens from the global STS endpoint: 2 works in every region",
    ),
];

/// The column of `account_summary` for what it has no column for.
pub const SUMMARY_MORE: [Column; 1] =
    [text("more", "Numbers that AWS returned under other names, as a JSON object; {} if none")];

/// The columns of `password_policy`.
pub const PASSWORD_POLICY: [Column; 11] = [
    flag("is_set", "Whether the account has a policy of its own; if not, AWS's default holds"),
    number("minimum_password_length", "Fewest characters; NULL without a policy of its own"),
    flag("require_uppercase_characters", "Whether an upper-case letter must be among them"),
    flag("require_lowercase_characters", "Whether a lower-case letter must be among them"),
    flag("require_numbers", "Whether a digit must be among them"),
    flag("require_symbols", "Whether a symbol must be among them"),
    number("password_reuse_prevention", "Earlier passwords that are refused; NULL: none is"),
    flag("expire_passwords", "Whether passwords expire"),
    number("max_password_age", "Days after which they do"),
    flag("hard_expiry", "Whether a user whose password expired needs an administrator"),
    flag("allow_users_to_change_password", "Whether users may change their own password"),
];

/// The columns of `virtual_mfa_devices`.
pub const VIRTUAL_MFA_DEVICES: [Column; 6] = [
    text("serial_number", "ARN of the device"),
    text(
        "user",
        "Name of the IAM user it is assigned to; the root user is written <root_account>; NULL: nobody",
    )
    .known(Domain::User),
    text("arn", "ARN of that user, as in the reports"),
    flag("is_assigned", "Whether it is assigned; only then can anybody sign in with it"),
    flag(
        "is_root",
        "Whether it is the root user's, or nobody's and of the name that root's devices get",
    ),
    time("enabled_time", "Since when it is assigned"),
];

/// The columns of `access_key_ids`.
pub const ACCESS_KEY_IDS: [Column; 6] = [
    text("access_key_id", "Id of the key: the half that is no secret"),
    text("status", "Active, Inactive or Expired").one_of(&["Active", "Inactive", "Expired"]),
    flag("active", "Whether the key can be used"),
    time("created_time", "When the key was created"),
    number(
        "slot",
        "1 or 2: the key of the latest report that it is; NULL if that cannot be told",
    ),
    text(
        "slot_basis",
        "How slot is known: created_time, or created_time and active where two keys are of one second; else why not: ambiguous, not in report (a newer or a third key), no date in report, user not in report",
    )
    .one_of(&[
        "created_time",
        "created_time and active",
        "ambiguous",
        "not in report",
        "no date in report",
        "user not in report",
    ]),
];

/// The columns of `user_tags`.
pub const USER_TAGS: [Column; 2] =
    [text("key", "Key of the tag"), text("value", "Value of the tag; it may be empty")];

/// The columns of `enrichment`.
pub const ENRICHMENT: [Column; 4] = [
    text("action", "The permission that was used, such as iam:GetAccountPasswordPolicy"),
    text("filled", "The table that has what it told"),
    number("rows", "Rows that it told; NULL if it could not be had"),
    text("error", "Why it could not be had; NULL if it could"),
];

/// Every table and view, in the order in which a newcomer should meet them.
pub const TABLES: &[Table] = &[
    Table {
        name: "credential_report",
        doc: "One row per user or root, from the latest report of each account",
        columns: &[&REPORT, &LINEAGE, &CLOCK],
    },
    Table {
        name: "credentials",
        doc: "One row per password, access key or signing certificate, from the latest reports",
        columns: &[&CREDENTIALS],
    },
    Table {
        name: "reports",
        doc: "One row per report and account found, whether it could be read or not",
        columns: &[&REPORTS],
    },
    Table {
        name: "credential_report_history",
        doc: "One row per user or root, from every report",
        columns: &[&REPORT, &LINEAGE, &CLOCK],
    },
    Table {
        name: "credentials_history",
        doc: "One row per password, access key or signing certificate, from every report",
        columns: &[&CREDENTIALS],
    },
    Table {
        name: "credential_report_raw",
        doc: "The rows of credential_report_history with every cell as the text that was delivered",
        columns: &[&REPORT_AS_TEXT, &LINEAGE, &RAW],
    },
    Table {
        name: "changes",
        doc: "One row per difference between two consecutive reports of an account",
        columns: &[&CHANGES],
    },
    Table {
        name: "account_summary",
        doc: "One row per account: root's credentials, counts and quotas; empty without --enrich",
        columns: &[&BESIDE, &SUMMARY, &SUMMARY_MORE, &COLLECTED],
    },
    Table {
        name: "password_policy",
        doc: "One row per account: what its passwords must be like; empty without --enrich",
        columns: &[&BESIDE, &PASSWORD_POLICY, &COLLECTED],
    },
    Table {
        name: "virtual_mfa_devices",
        doc: "One row per virtual MFA device, assigned or not; empty without --enrich",
        columns: &[&BESIDE, &VIRTUAL_MFA_DEVICES, &COLLECTED],
    },
    Table {
        name: "access_key_ids",
        doc: "One row per access key of an IAM user, with its slot in the latest report; empty without --enrich",
        columns: &[&BESIDE, &BESIDE_USER, &ACCESS_KEY_IDS, &COLLECTED],
    },
    Table {
        name: "user_tags",
        doc: "One row per tag of an IAM user; empty without --enrich",
        columns: &[&BESIDE, &BESIDE_USER, &USER_TAGS, &COLLECTED],
    },
    Table {
        name: "enrichment",
        doc: "One row per account and permission that --enrich used: what it told, or why it did not",
        columns: &[&BESIDE, &ENRICHMENT, &COLLECTED],
    },
    Table {
        name: "controls",
        doc: "One row per canned control, built in or of one's own",
        columns: &[&CONTROLS],
    },
];

/// Position of `is_latest` in [`REPORTS`].
const IS_LATEST: usize = 11;

/// The tables of an exported dataset, as they lie in its files. Columns are only ever appended here:
/// readers find them by name, and files of earlier versions lack the newer ones.
///
/// `is_latest` of `reports` is left out: the next export would make it wrong.
pub const EXPORTED: &[Table] = &[
    Table {
        name: "credential_report_history",
        doc: "One row per user or root, from every report",
        columns: &[&REPORT, &LINEAGE, &CLOCK, &INTERNAL],
    },
    Table {
        name: "credentials_history",
        doc: "One row per password, access key or signing certificate, from every report",
        columns: &[&CREDENTIALS],
    },
    Table {
        name: "reports",
        doc: "One row per report and account, whether it could be read or not",
        columns: &[REPORTS.split_at(IS_LATEST).0, REPORTS.split_at(IS_LATEST + 1).1],
    },
];

/// The column of an exported dataset that is in its paths alone: the UTC day of `generated_time`.
pub const DAY_COLUMN: &str = "dt";

/// Names of columns that other tools add to a report and that tell something we use, or that carry
/// nothing of the report. They deserve no warning.
pub const KNOWN_EXTRAS: [&str; 19] = [
    "account_id",
    "account_name",
    "partition",
    "is_root",
    "generated_time",
    "source",
    "clock_time",
    "cell_states",
    "dt",
    "password_status",
    "region",
    "sp_connection_name",
    "sp_ctx",
    "_ctx",
    "_cq_id",
    "_cq_parent_id",
    "_cq_source_name",
    "_cq_sync_time",
    "_cq_sync_group_id",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_name_the_columns_they_say() {
        for (position, name) in [
            (USER, "user"),
            (ARN, "arn"),
            (USER_CREATION_TIME, "user_creation_time"),
            (PASSWORD_ENABLED, "password_enabled"),
            (PASSWORD_LAST_CHANGED, "password_last_changed"),
            (PASSWORD_NEXT_ROTATION, "password_next_rotation"),
            (ADDITIONAL_CREDENTIALS_INFO, "additional_credentials_info"),
        ] {
            assert_eq!(REPORT[position].name, name);
        }
        assert_eq!(REPORTS[IS_LATEST].name, "is_latest");
    }

    #[test]
    fn names_are_unique_within_a_table() {
        for table in TABLES {
            let mut names: Vec<_> = table.columns().map(|column| column.name).collect();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "table {}", table.name);
        }
    }
}
