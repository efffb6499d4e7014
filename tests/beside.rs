//! What is known of accounts beside their reports: the tables, and the controls that need it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use credsql::beside::{AccessKey, Extras, PasswordPolicy, UserTag, VirtualMfaDevice};
use credsql::check::choice::{Wanted, choose};
use credsql::check::judge::Rules;
use credsql::check::judged::Judged;
use credsql::check::render::Render;
use credsql::check::run::{Check, run};
use credsql::check::verdict::Control;
use credsql::library::Library;
use credsql::report::Millis;
use credsql::session::{Session, SessionOptions};
use credsql::source::{self, Source};
use credsql::table::collection::{Collection, CollectionOptions};

use crate::support::{Folder, Row, answer, credsql, report};

/// 2026-10-01T12:00:00Z, the time of every report here.
const NOW: &str = "2026-10-01T12:00:00Z";
const NOW_MILLIS: Millis = 1_790_856_000_000;

const DENIED: &str = "not allowed: iam:Something";

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A session over the reports of a folder with these facts beside them.
async fn session(folder: &Folder, extras: Vec<Extras>, as_of: Option<Millis>) -> Session {
    let sources = vec![Source::parse(folder.path()).expect("the folder is there")];
    let mut listing = source::list_paths(&sources, NOW_MILLIS);
    listing.extras = extras;
    let options = CollectionOptions {
        sources,
        run_time: NOW_MILLIS,
        now: NOW_MILLIS,
        as_of,
        cache_bytes: 1 << 20,
        aws: Arc::default(),
    };
    let collection = Arc::new(Collection::listed_as(options, listing));
    let options = SessionOptions { memory_limit: 1 << 28, ..SessionOptions::default() };
    Session::new(collection, &options).await.expect("a session")
}

/// The rows of a statement as text, cells with a bar between them.
async fn rows(session: &Session, sql: &str) -> Vec<String> {
    let statement = session.parse(sql).expect("it is SQL").pop().expect("a statement");
    let planned = session.plan(statement, sql, &[]).await.expect("it can be planned");
    let batches = planned.collect().await.expect("it runs");
    let mut lines = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cell = |column: &arrow::array::ArrayRef| {
                arrow::util::display::array_value_to_string(column, row).expect("it has a form")
            };
            lines.push(batch.columns().iter().map(cell).collect::<Vec<_>>().join("|"));
        }
    }
    lines
}

/// A verdict on a line: control, case, status, whether no report could tell, reason.
struct Lines<'a> {
    cases: &'a [String],
    lines: &'a mut Vec<String>,
}

impl Render for Lines<'_> {
    fn begin(&mut self, _: &Control) -> credsql::error::Result<()> {
        Ok(())
    }

    fn rows(&mut self, control: &Control, rows: &Judged) -> credsql::error::Result<()> {
        for verdict in rows.verdicts() {
            let number = verdict.account_id.and_then(|id| id.parse::<usize>().ok());
            let case = number.and_then(|number| self.cases.get(number)).map_or("-", String::as_str);
            let open = if verdict.unanswerable { " (open)" } else { "" };
            let status = verdict.status.word();
            self.lines.push(format!("{}: {case}: {status}{open}: {}", control.id, verdict.reason));
        }
        Ok(())
    }

    fn finish(
        self: Box<Self>,
        _: &credsql::check::run::Outcome,
    ) -> credsql::error::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// Accounts, one for each case: its name, the root user's row, and what is known beside the report.
#[derive(Default)]
struct Cases {
    names: Vec<String>,
    files: Vec<(String, String)>,
    extras: Vec<Extras>,
}

impl Cases {
    fn add(&mut self, name: &str, has_mfa: bool, fill: impl FnOnce(&mut Extras)) {
        let account = format!("{:012}", self.names.len());
        let root = Row::root(&account)
            .set("password_enabled", "true")
            .set("mfa_active", if has_mfa { "true" } else { "false" });
        let text = answer(&report(&[root, Row::user(&account, "ann")]), NOW);
        self.files.push((format!("{account}.json"), text));
        let mut extras = Extras::without(account.into(), NOW_MILLIS, DENIED);
        fill(&mut extras);
        self.extras.push(extras);
        self.names.push(name.to_owned());
    }

    /// The verdicts of one control, in the order of the cases.
    async fn judge(self, control: &str, with_extras: bool) -> String {
        let files: Vec<(&str, &str)> =
            self.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let folder = Folder::new(&files);
        let extras = if with_extras { self.extras } else { Vec::new() };
        let session = session(&folder, extras, None).await;
        let library = Library::embedded().expect("the built-in library is good");
        let wanted = Wanted { controls: vec![control.to_owned()], ..Wanted::default() };
        let check = Check {
            choice: choose(&library, &wanted).expect("it exists"),
            rules: Rules::default(),
            only_new: false,
            names_unanswered: true,
        };
        let mut lines = Vec::new();
        let mut renderers: Vec<Box<dyn Render + '_>> =
            vec![Box::new(Lines { cases: &self.names, lines: &mut lines })];
        run(&session, None, &check, &mut renderers).await.expect("it runs");
        drop(renderers);
        lines.join("\n")
    }
}

fn strong() -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: Some(14),
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        users_may_change: true,
        expire: true,
        max_age_days: Some(90),
        reuse_prevention: Some(24),
        hard_expiry: None,
    }
}

/// Password policies on both sides of every limit.
fn policies() -> Cases {
    let mut cases = Cases::default();
    let mut add = |name: &str, policy: Option<PasswordPolicy>| {
        cases.add(name, true, |extras| extras.password_policy = Ok(policy));
    };
    add("no policy", None);
    for length in [6, 7, 8, 11, 12, 13, 14, 15] {
        let policy = PasswordPolicy { minimum_length: Some(length), ..strong() };
        add(&format!("length {length}"), Some(policy));
    }
    add("length not told", Some(PasswordPolicy { minimum_length: None, ..strong() }));
    for remembered in [None, Some(3), Some(4), Some(23), Some(24)] {
        let policy = PasswordPolicy { reuse_prevention: remembered, ..strong() };
        add(&format!("remembers {remembered:?}"), Some(policy));
    }
    for days in [89, 90, 91] {
        let policy = PasswordPolicy { max_age_days: Some(days), ..strong() };
        add(&format!("expires after {days}"), Some(policy));
    }
    let endless = PasswordPolicy { expire: false, max_age_days: None, ..strong() };
    add("never expires", Some(endless));
    add("no symbol", Some(PasswordPolicy { symbols: false, ..strong() }));
    add("no digit", Some(PasswordPolicy { numbers: false, ..strong() }));
    add("no upper case", Some(PasswordPolicy { uppercase: false, ..strong() }));
    add("no lower case", Some(PasswordPolicy { lowercase: false, ..strong() }));
    add("nothing", Some(PasswordPolicy { minimum_length: Some(6), ..PasswordPolicy::default() }));
    cases.add("denied", true, |_| {});
    cases.add("not asked", true, |_| {});
    cases.extras.pop();
    cases
}

/// Root users with MFA devices of all kinds.
fn roots() -> Cases {
    fn device(serial: &str, user: Option<&str>) -> VirtualMfaDevice {
        VirtualMfaDevice {
            serial_number: format!("arn:aws:iam::1:mfa/{serial}").into(),
            user: user.map(|user| (None, format!("arn:aws:iam::1:{user}").into())),
            enabled_time: None,
        }
    }
    let usual = "root-account-mfa-device";
    let mut cases = Cases::default();
    let mut add = |name: &str, has_mfa: bool, devices: Vec<VirtualMfaDevice>| {
        cases.add(name, has_mfa, |extras| extras.virtual_mfa_devices = Ok(devices));
    };
    add("mfa, no virtual device", true, vec![]);
    add("mfa, virtual device of a user", true, vec![device("ann", Some("user/ann"))]);
    add("mfa, virtual device of root", true, vec![device(usual, Some("root"))]);
    add("mfa, virtual device of root by another name", true, vec![device("safe", Some("root"))]);
    add("mfa, device of root left over", true, vec![device(usual, None)]);
    add("mfa, device of a user left over", true, vec![device("old-phone", None)]);
    add("no mfa", false, vec![]);
    add("no mfa, device of root left over", false, vec![device(usual, None)]);
    cases.add("mfa, denied", true, |_| {});
    cases.add("no mfa, denied", false, |_| {});
    cases.add("mfa, not asked", true, |_| {});
    cases.extras.pop();
    cases
}

/// Account summaries.
fn summaries() -> Cases {
    let mut cases = Cases::default();
    for keys in [Some(0), Some(1), Some(2), None] {
        let summary = keys.map(|keys| ("AccountAccessKeysPresent".to_owned(), keys));
        cases.add(&format!("keys {keys:?}"), true, |extras| {
            extras.summary = Ok(summary.into_iter().collect());
        });
    }
    cases.add("denied", true, |_| {});
    cases.add("not asked", true, |_| {});
    cases.extras.pop();
    cases
}

fn cases(control: &str) -> Cases {
    match control {
        "root-hardware-mfa" => roots(),
        "root-no-access-keys-at-all" => summaries(),
        _ => policies(),
    }
}

/// Controls that need more than reports, and those that make use of it.
fn controls() -> Vec<String> {
    let library = Library::embedded().expect("the built-in library is good");
    let in_need = library.controls().filter(|query| !query.needs.is_empty());
    let mut ids: Vec<String> = in_need.map(|query| query.id.clone()).collect();
    assert!(ids.len() >= 10, "{ids:?}");
    ids.extend(["password-expiry-enforced", "root-hardware-mfa"].map(str::to_owned));
    ids
}

#[tokio::test]
async fn controls_judge_what_stands_beside_the_reports_at_their_limits() {
    for control in controls() {
        let verdicts = cases(&control).judge(&control, true).await;
        insta::assert_snapshot!(format!("beside-{control}"), verdicts);
    }
}

/// Without anything beside the reports such a control is a line, not a row for each account.
#[tokio::test]
async fn controls_in_need_are_open_where_nothing_was_asked() {
    for control in controls() {
        let verdicts = cases(&control).judge(&control, false).await;
        let mut lines = verdicts.lines();
        if ["password-expiry-enforced", "root-hardware-mfa"].contains(&control.as_str()) {
            assert!(lines.count() > 1, "{control} is judged by reports");
            continue;
        }
        let line = lines.next().expect("a line");
        assert!(line.starts_with(&format!("{control}: -: unknown (open): needs --enrich: ")));
        assert_eq!(lines.next(), None);
    }
}

/// A user with keys in slots: created at this second of the minute, active or not.
fn user(name: &str, slots: [Option<(u32, bool)>; 2]) -> Row {
    let mut row = Row::user("111122223333", name);
    for (number, slot) in (1..).zip(slots) {
        if let Some((second, active)) = slot {
            let created = format!("2026-01-01T00:00:{second:02}Z");
            row = row
                .set(&format!("access_key_{number}_active"), &active.to_string())
                .set(&format!("access_key_{number}_last_rotated"), &created);
        }
    }
    row
}

/// The same keys as a list has them: id, second, active.
fn keys(name: &str, keys: &[(&str, u32, bool)]) -> Vec<AccessKey> {
    let start = 1_767_225_600_000; // 2026-01-01
    let key = |&(id, second, active): &(&str, u32, bool)| AccessKey {
        user: name.into(),
        arn: format!("arn:aws:iam::111122223333:user/{name}").into(),
        access_key_id: id.into(),
        status: if active { "Active" } else { "Inactive" }.into(),
        created_time: Some(start + Millis::from(second) * 1000),
    };
    keys.iter().map(key).collect()
}

#[tokio::test]
async fn keys_find_their_slots_by_time_and_nothing_is_guessed() {
    let undated = Row::user("111122223333", "undated").set("access_key_1_active", "true");
    let users = [
        user("plain", [Some((1, true)), Some((2, false))]),
        user("swapped", [Some((2, true)), Some((1, true))]),
        user("second-off", [Some((1, true)), None]),
        user("twins-differ", [Some((5, false)), Some((5, true))]),
        user("twins-alike", [Some((5, true)), Some((5, true))]),
        user("twin-gone", [Some((5, false)), Some((5, true))]),
        user("rotated-since", [Some((1, true)), None]),
        undated,
    ];
    let folder = Folder::new(&[("r.json", &answer(&report(&users), NOW))]);
    let mut extras = Extras::without("111122223333".into(), NOW_MILLIS, DENIED);
    let listed = [
        keys("plain", &[("A", 1, true), ("B", 2, false)]),
        keys("swapped", &[("A", 1, true), ("B", 2, true)]),
        keys("second-off", &[("A", 2, true)]),
        keys("twins-differ", &[("A", 5, true), ("B", 5, false)]),
        keys("twins-alike", &[("A", 5, true), ("B", 5, true)]),
        keys("twin-gone", &[("A", 5, true)]),
        keys("rotated-since", &[("A", 1, false), ("B", 9, true)]),
        keys("undated", &[("A", 1, true)]),
        keys("new-user", &[("A", 1, true)]),
    ];
    extras.access_keys = Ok(listed.concat());
    let session = session(&folder, vec![extras], None).await;
    let sql = "SELECT \"user\", access_key_id, slot, slot_basis FROM access_key_ids ORDER BY 1, 2";
    let expected = [
        "new-user|A||user not in report",
        "plain|A|1|created_time",
        "plain|B|2|created_time",
        "rotated-since|A|1|created_time",
        "rotated-since|B||not in report",
        "second-off|A||not in report",
        "swapped|A|2|created_time",
        "swapped|B|1|created_time",
        "twin-gone|A||ambiguous",
        "twins-alike|A||ambiguous",
        "twins-alike|B||ambiguous",
        "twins-differ|A|2|created_time and active",
        "twins-differ|B|1|created_time and active",
        "undated|A||no date in report",
    ];
    assert_eq!(rows(&session, sql).await, expected);
    // Every key has one row, whatever is joined to it.
    let joined = "SELECT count(*), count(DISTINCT k.arn || k.access_key_id) FROM access_key_ids k \
        LEFT JOIN credentials c ON c.arn = k.arn AND c.kind = 'access_key' AND c.slot = k.slot";
    assert_eq!(rows(&session, joined).await, ["14|14"]);
}

#[tokio::test]
async fn of_an_account_asked_twice_the_later_answer_counts_and_as_of_hides_it() {
    let folder = Folder::new(&[("r.json", &answer(&report(&[user("ann", [None, None])]), NOW))]);
    let tag = |value: &str, minute: Millis| {
        let time = NOW_MILLIS + minute * 60_000;
        let mut extras = Extras::without("111122223333".into(), time, DENIED);
        extras.user_tags = Ok(vec![UserTag {
            user: "ann".into(),
            arn: "arn:aws:iam::111122223333:user/ann".into(),
            key: "team".into(),
            value: value.into(),
        }]);
        extras
    };
    let all = [tag("first", 1), tag("last", 3), tag("second", 2)];
    let sql = "SELECT value FROM user_tags";
    for (as_of, expected) in [(None, &["last"][..]), (Some(2), &["second"]), (Some(0), &[])] {
        let as_of = as_of.map(|minute: Millis| NOW_MILLIS + minute * 60_000);
        let session = session(&folder, all.to_vec(), as_of).await;
        assert_eq!(rows(&session, sql).await, expected, "{as_of:?}");
    }
    let joined = "SELECT t.value FROM credential_report r JOIN user_tags t ON t.arn = r.arn";
    let session = session(&folder, all.to_vec(), None).await;
    assert_eq!(rows(&session, joined).await, ["last"]);
}

/// Runs a check over a demo organisation.
fn check(demo: &str, more: &[&str]) -> crate::support::Ran {
    let args = ["check", demo, "--as-of", "2026-10-31", "--format", "csv"];
    credsql(here(), &[&args[..], more].concat(), "")
}

#[test]
fn a_refused_question_is_told_and_an_unasked_one_is_nobodys_fault() {
    let policy = ["--control", "password-policy-length", "--fail-on", "critical"];
    let statuses = |csv: &str, status: &str| {
        csv.lines().filter(|line| line.contains(&format!(",{status},"))).count()
    };
    let plain = check("demo:days=1", &policy).clean();
    assert_eq!((plain.lines().count(), statuses(&plain, "unknown")), (2, 1), "{plain}");
    let whole = check("demo:days=1,enrich=true", &policy).clean();
    assert_eq!((statuses(&whole, "unknown"), statuses(&whole, "ok")), (0, 7), "{whole}");
    let words = [
        "not allowed: iam:GetAccountPasswordPolicy; password_policy has no rows of account",
        "2 rows are unknown because of the reports and of what AWS did not tell beside them",
    ];
    let partly = check("demo:days=1,enrich=partly", &policy).said(2, &words);
    assert_eq!(statuses(&partly, "unknown"), 2, "{partly}");
    assert!(partly.contains("not told: not allowed: iam:GetAccountPasswordPolicy"), "{partly}");
    check("demo:days=1,enrich=partly", &[&policy[..], &["--allow-unknown"]].concat()).said(0, &[]);
    // What is known today was not known yesterday: an alarm of it is new.
    let fresh = check("demo:days=2,enrich=true", &[&policy[..], &["--only-new"]].concat()).clean();
    assert_eq!(statuses(&fresh, "alarm"), 5, "{fresh}");
}

#[test]
fn every_table_is_empty_unless_asked_for() {
    let mut tables = String::new();
    for table in [
        "account_summary",
        "password_policy",
        "virtual_mfa_devices",
        "access_key_ids",
        "user_tags",
        "enrichment",
    ] {
        let sql = format!("SELECT count(*) AS n FROM {table}");
        let count = |demo: &str| credsql(here(), &["query", &sql, demo], "").clean();
        assert_eq!(count("demo:days=1"), "n\n0\n", "{table}");
        let some = count("demo:days=1,enrich=true");
        assert_ne!(some, "n\n0\n", "{table}");
        writeln!(tables, "{table} {}", some.replace("n\n", "").trim()).expect("a string");
    }
    insta::assert_snapshot!(tables);
    // The lists agree with the reports and with each other.
    let agreement = "SELECT count(*) AS users, count(CASE WHEN r.users = s.users THEN 1 END) AS agreed FROM account_summary s \
        JOIN (SELECT account_id, count(CASE WHEN is_root THEN NULL ELSE 1 END) AS users FROM credential_report GROUP BY 1) r ON r.account_id = s.account_id";
    let ran = credsql(here(), &["query", agreement, "demo:days=1,enrich=true"], "").clean();
    assert_eq!(ran, "users,agreed\n12,12\n");
    credsql(here(), &["query", "SELECT 1", "demo:enrich=maybe"], "")
        .said(2, &["`enrich` is true, partly"]);
}
