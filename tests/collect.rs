//! `credsql collect`: what is kept, what is said, and what a second run finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Folder, Row, answer, report, small};

const A: &str = "111122223333";
const B: &str = "444455556666";

/// Files by name.
type Tree = BTreeMap<String, Vec<u8>>;

/// Every file below a folder with its content, hidden ones too.
fn tree(folder: &Path) -> Tree {
    fn walk(root: &Path, folder: &Path, into: &mut Tree) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                walk(root, &path, into);
            } else {
                let name = path.strip_prefix(root).expect("below it").display().to_string();
                into.insert(name, fs::read(&path).expect("it can be read"));
            }
        }
    }
    let mut files = BTreeMap::new();
    if folder.exists() {
        walk(folder, folder, &mut files);
    }
    files
}

fn names<'a>(tree: &'a Tree, suffix: &str) -> Vec<&'a str> {
    tree.keys().map(String::as_str).filter(|name| name.ends_with(suffix)).collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("it is JSON")
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The one list there is.
fn manifest(tree: &Tree) -> Value {
    let lists: Vec<&str> = tree.keys().map(String::as_str).filter(|n| n.starts_with('_')).collect();
    assert_eq!(lists.len(), 1, "{lists:?}");
    json(&tree[lists[0]])
}

/// Lines of a log in JSON: those of accounts, and the last one.
fn log(stderr: &str) -> (Vec<Value>, Value) {
    let mut lines: Vec<Value> = stderr.lines().map(|line| json(line.as_bytes())).collect();
    let last = lines.pop().expect("there is a line");
    (lines, last)
}

#[test]
fn what_is_kept_reads_back_as_it_was() {
    let folder = Folder::new(&[]);
    let source = "demo:accounts=8,users=5,days=12";
    let ran = folder.run(&["collect", source, "--to", "kept"]);
    // One report of the demo is corrupt, as in life.
    let places = ran.said(
        2,
        &[
            "is the answer of generate-credential-report",
            " written, 0 unchanged, 1 failed, 0 skipped to kept\n",
        ],
    );
    let sql = "SELECT account_id, generated_time, \"user\", arn, cell_states FROM credential_report_history ORDER BY 1, 2, 3, 4";
    let sql = sql.replace("cell_states", "password_last_used, access_key_1_last_rotated");
    let expected = folder.run(&["query", &sql, source]).said(2, &[]);
    let read = folder.run(&["query", &sql, "kept"]).clean();
    assert!(read.lines().count() > 300, "{}", read.lines().count());
    assert_eq!(read, expected);
    let sql = "SELECT source, account_id, generated_time, generated_time_from, sha256, bytes, status FROM reports ORDER BY 1";
    let reports = folder.run(&["query", sql, "kept"]).clean();
    let tree = tree(&folder.path().join("kept"));
    let csv = names(&tree, ".csv");
    let mut sorted: Vec<&str> = places.lines().collect();
    sorted.sort_unstable();
    assert_eq!(sorted, csv.iter().map(|name| format!("kept/{name}")).collect::<Vec<_>>());
    assert_eq!(reports.lines().count(), csv.len() + 1, "sidecars and lists are no reports");
    for (row, name) in reports.lines().skip(1).zip(&csv) {
        let cells: Vec<&str> = row.split(',').collect();
        let [date, account, file] = name.split('/').collect::<Vec<_>>()[..] else {
            panic!("{name}")
        };
        let compact = cells[2].replace(['-', ':'], "");
        assert_eq!(date, format!("date={}", &cells[2][..10]));
        assert_eq!(account, format!("account_id={}", cells[1]));
        assert_eq!(file, format!("credential_report_{}_{compact}.csv", cells[1]));
        assert_eq!(
            cells[3..],
            ["file name", &sha256(&tree[*name]), &tree[*name].len().to_string(), "ok"]
        );
        let facts = json(&tree[&format!("{name}.meta.json")]);
        assert_eq!(facts["generated_time"], cells[2]);
        assert_eq!(facts["account_id"], cells[1]);
        assert_eq!(facts["sha256"], cells[4]);
        assert_eq!(facts["bytes"].to_string(), cells[5]);
        assert!(facts["partition"].as_str().is_some_and(|p| p.starts_with("aws")), "{facts}");
        assert_eq!(facts["credsql"], env!("CARGO_PKG_VERSION"));
        assert!(facts["account_name"].is_string(), "{facts}");
        assert!(facts["source"].as_str().is_some_and(|s| s.starts_with("demo:date=")), "{facts}");
    }
    // A pattern finds the same.
    let count = "SELECT count(*) AS n FROM reports";
    let all = folder.run(&["query", count, "kept"]).clean();
    assert_eq!(folder.run(&["query", count, "kept/*"]).clean(), all);
    assert_eq!(folder.run(&["query", count, "kept/**/*.*"]).clean(), all);
    // The list has them all, and the one that failed.
    let list = manifest(&tree);
    let accounts = list["accounts"].as_array().expect("a list");
    let kept: BTreeSet<&str> =
        accounts.iter().filter_map(|account| account["kept"]["key"].as_str()).collect();
    assert_eq!(kept, csv.iter().copied().collect());
    let failed: Vec<&Value> =
        accounts.iter().filter(|account| account.get("failed").is_some()).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0]["account_id"].is_string(), "{failed:?}");
    assert!(failed[0]["failed"]["error"].as_str().is_some_and(|e| e.contains("generate")));
    assert_eq!(list["sources"], serde_json::json!([source]));
}

#[test]
fn a_second_run_writes_nothing() {
    let folder = Folder::new(&[]);
    let args = ["collect", "demo:accounts=3,users=3,days=2", "--to", "kept/here"];
    let first =
        folder.run(&args).said(0, &["6 written, 0 unchanged, 0 failed, 0 skipped to kept/here"]);
    assert_eq!(first.lines().count(), 6);
    let before = tree(folder.path());
    assert_eq!(before.len(), 13, "reports, facts, and a list");
    let second = folder.run(&args).said(0, &["0 written, 6 unchanged, 0 failed"]);
    assert_eq!(second, "");
    // The day may have changed between the two, but nothing else.
    let mut after = tree(folder.path());
    after.retain(|name, _| before.contains_key(name) || !name.contains("/_manifests/"));
    assert_eq!(after, before);
    // Quietly, too.
    folder.run(&[&args[..], &["--quiet"]].concat()).clean();
    // What is missing is put back, whatever it is.
    let csv = first.lines().next().expect("a place");
    for lost in [csv.to_owned(), format!("{csv}.meta.json")] {
        fs::remove_file(folder.path().join(&lost)).expect("it is there");
        folder.run(&args).said(0, &[]);
        let mut after = tree(folder.path());
        after.retain(|name, _| before.contains_key(name));
        assert_eq!(after, before, "{lost}");
    }
}

#[test]
fn other_bytes_are_put_beside() {
    let name = format!("credential_report_{A}_20261125T140300Z.csv");
    let folder = Folder::new(&[(&format!("one/{name}"), &small(A, "ann"))]);
    folder.write(&format!("two/{name}"), small(A, "bob").as_bytes());
    let own = format!("kept/date=2026-11-25/account_id={A}/{name}");
    let one = folder.run(&["collect", "one", "--to", "kept"]).said(0, &["1 written"]);
    assert_eq!(one, format!("{own}\n"));
    let hash = sha256(small(A, "bob").as_bytes());
    let beside = own.replace(".csv", &format!("_{}.csv", &hash[..8]));
    let two = folder.run(&["collect", "two", "--to", "kept"]);
    let warning = format!(
        "warning: {own} holds other bytes of this account and time; {beside} was put beside it\n"
    );
    assert_eq!(two.said(0, &[&warning, "1 written, 0 unchanged"]), format!("{beside}\n"));
    let kept = tree(&folder.path().join("kept"));
    for (path, user) in [(&own, "ann"), (&beside, "bob")] {
        let path = path.trim_start_matches("kept/");
        assert_eq!(kept[path], small(A, user).as_bytes());
        assert_eq!(json(&kept[&format!("{path}.meta.json")])["sha256"], sha256(&kept[path]));
    }
    // Nothing more is written or said by any run from here on, whichever is first.
    for sources in [&["one", "two"][..], &["two", "one"], &["two"]] {
        let ran = folder.run(&[&["collect", "--to", "kept"], sources].concat());
        assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
        assert_eq!(ran.said(0, &["0 written"]), "");
    }
    let reports = |tree: &Tree| names(tree, ".csv").len();
    assert_eq!(reports(&tree(&folder.path().join("kept"))), 2);
    let sql = "SELECT count(*) AS reports, count(DISTINCT sha256) AS contents FROM reports WHERE account_id = '111122223333' AND generated_time = '2026-11-25T14:03:00Z'";
    assert_eq!(folder.run(&["query", sql, "kept"]).clean(), "reports,contents\n2,2\n");
    // Half of a report that another tool left is other bytes, too.
    let half = folder.path().join(&own);
    fs::write(&half, &small(A, "ann")[..100]).expect("it can be written");
    folder.run(&["collect", "one", "--to", "kept"]).said(0, &["1 written", "was put beside it"]);
}

#[test]
fn bytes_are_untouched() {
    let name = |account: &str| format!("in/2026-11-25T14:03:00Z/credentialReport_{account}.csv");
    let plain = small(A, "ann");
    let odd = format!("\u{feff}{}\r\n", small(B, "bob").replace('\n', "\r\n"));
    let folder = Folder::new(&[(&name(A), &plain), (&name(B), &odd)]);
    folder.run(&["collect", "in", "--to", "kept"]).said(0, &["2 written"]);
    let kept = tree(&folder.path().join("kept"));
    for (account, bytes) in [(A, &plain), (B, &odd)] {
        let key = format!(
            "date=2026-11-25/account_id={account}/credential_report_{account}_20261125T140300Z.csv"
        );
        assert_eq!(kept[&key], bytes.as_bytes());
    }
    // A day alone is its midnight, here and when it is read back.
    folder.write(&format!("day/2026-11-24/credentialReport_{A}.csv"), plain.as_bytes());
    let place = folder.run(&["collect", "day", "--to", "kept"]).said(0, &[]);
    assert!(place.ends_with(&format!("_{A}_20261124T000000Z.csv\n")), "{place}");
}

#[test]
fn what_cannot_be_kept_is_told() {
    let time = "2026-11-25T14:03:00Z";
    let two = report(&[Row::root(A), Row::root(B)]);
    let bare = report(&[Row::user("", "ann")]).replace("arn:aws:iam:::user/ann", "N/A");
    let odd = small("12345", "ann");
    let folder = Folder::new(&[
        ("in/20261125T140300Z-wrapped.json", &answer(&small(A, "ann"), time)),
        ("in/20261125T140300Z-two.csv", &two),
        ("in/20261125T140300Z-nobody.csv", &bare),
        ("in/20261125T140300Z-odd.csv", &odd),
        ("in/undated.csv", &small(A, "ann")),
        ("in/20261125T140300Z-credential-broken.csv", "user,arn\n"),
        ("in/notes.txt", "nothing of the kind"),
        (&format!("in/credential_report_{B}_20261125T140300Z.csv"), &small(B, "bob")),
    ]);
    let ran = folder.run(&["collect", "in", "gone", "--to", "kept", "--log", "json"]);
    let place =
        format!("kept/date=2026-11-25/account_id={B}/credential_report_{B}_20261125T140300Z.csv");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (2, format!("{place}\n").as_str()),
        "{}",
        ran.stderr
    );
    let (lines, summary) = log(&ran.stderr);
    let of = |name: &str| {
        let line =
            lines.iter().find(|line| line["source"].as_str().is_some_and(|s| s.contains(name)));
        line.unwrap_or_else(|| panic!("{name} in {}", ran.stderr))
    };
    for (name, words) in [
        ("wrapped", "is not the plain CSV that AWS makes (json response csv)"),
        ("two", "holds 2 reports in one file"),
        ("nobody", "does not tell whose it is"),
        ("odd", "is of account `12345`, which is not 12 digits"),
        ("undated", "does not tell when it was generated, only its modification time"),
        ("broken", "in/20261125T140300Z-credential-broken.csv "),
        ("gone", "gone: no such file or directory"),
    ] {
        let line = of(name);
        assert_eq!(
            (&line["level"], &line["status"]),
            (&"error".into(), &"failed".into()),
            "{line}"
        );
        assert!(
            line["error"].as_str().is_some_and(|error| error.contains(words)),
            "{words}: {line}"
        );
        assert!(line["hint"].is_string() || ["broken", "gone"].contains(&name), "{line}");
    }
    assert_eq!(of("notes.txt")["status"], "foreign");
    assert_eq!(of(B)["status"], "written");
    for (name, count) in [("written", 1), ("unchanged", 0), ("failed", 7), ("foreign", 1)] {
        assert_eq!(summary[name], count, "{summary}");
    }
    // The same in words.
    let ran = folder.run(&["collect", "in", "gone", "--to", "kept"]);
    let words = [
        "error: in/undated.csv does not tell",
        "hint: the time can stand in the name",
        "1 file is no credential report and was skipped: in/notes.txt",
        "0 written, 1 unchanged, 7 failed, 0 skipped to kept",
    ];
    assert_eq!(ran.said(2, &words), "");
    assert_eq!(
        manifest(&tree(&folder.path().join("kept")))["accounts"].as_array().map(Vec::len),
        Some(8)
    );
    // Nothing at all is a failure, and makes no list.
    folder.write("empty/notes.txt", b"nothing of the kind");
    folder
        .run(&["collect", "empty", "--to", "other"])
        .said(2, &["no credential report was found", "hint: "]);
    assert!(tree(&folder.path().join("other")).is_empty());
    folder.run(&["collect", "gone", "--to", "other"]).said(2, &["no such file or directory: gone"]);
}

#[test]
fn a_log_in_json_has_a_line_for_every_account() {
    let folder = Folder::new(&[]);
    let args = ["collect", "demo:accounts=3,users=3,days=5", "--to", "kept", "--log", "json"];
    let ran = folder.run(&args);
    assert_eq!(ran.code, 2);
    let (lines, summary) = log(&ran.stderr);
    let keys = "time level event account_id account_name source status key generated_time bytes sha256 error note hint";
    let keys: BTreeSet<&str> = keys.split(' ').collect();
    for line in &lines {
        let line = line.as_object().expect("an object");
        assert_eq!(line.keys().map(String::as_str).collect::<BTreeSet<_>>(), keys);
        assert_eq!(line["event"], "report");
        assert!(line["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{line:?}");
        assert!(line["account_name"].is_string(), "{line:?}");
    }
    let written = lines.iter().filter(|line| line["status"] == "written");
    let kept = tree(&folder.path().join("kept"));
    for line in written.clone() {
        let bytes = &kept[line["key"].as_str().expect("a key")];
        assert_eq!(line["bytes"], bytes.len());
        assert_eq!(line["sha256"], sha256(bytes));
        assert_eq!((&line["level"], &line["error"]), (&"info".into(), &Value::Null));
    }
    assert_eq!(written.count(), ran.stdout.lines().count());
    assert_eq!(summary["event"], "summary");
    assert_eq!(summary["level"], "error");
    assert_eq!(summary["to"], "kept");
    let list = summary["manifest"].as_str().expect("a list");
    assert!(folder.path().join(list).is_file(), "{list}");
    // The second time all is there, in the same order.
    let again = folder.run(&args);
    let (second, _) = log(&again.stderr);
    assert_eq!(again.stdout, "");
    let keys = |lines: &[Value]| lines.iter().map(|line| line["key"].clone()).collect::<Vec<_>>();
    assert_eq!(keys(&second), keys(&lines));
    assert!(second.iter().all(|line| line["status"] != "written"), "{second:?}");
    // Quiet are those lines that are no errors.
    let quiet = folder.run(&[&args[..], &["-q"]].concat());
    assert_eq!(quiet.stderr.lines().count(), 2, "{}", quiet.stderr);
    // Mistakes are lines, too, whoever finds them.
    for wrong in [
        &["collect", "--log", "json"][..],
        &["collect", "demo:", "--log=json"],
        &["collect", "demo:bees=1", "--to", "x", "--log", "json"],
        &["collect", "demo:", "--too", "x", "--log", "json"],
        &["collect", "demo:", "--to", "x", "--to", "y", "--log=json"],
    ] {
        let (none, line) = log(&folder.run(wrong).stderr_of(2));
        assert!(none.is_empty(), "{wrong:?}: {none:?}");
        assert_eq!((&line["event"], &line["level"]), (&"error".into(), &"error".into()), "{line}");
        let words = line["error"].as_str().expect("words");
        assert!(line["hint"].is_string() || words.contains("as in"), "{line}");
    }
}

#[test]
fn wrong_uses_are_told_with_a_cure() {
    let folder = Folder::new(&[("reports/x.csv", ""), ("file", "")]);
    let inside = folder.path().join("reports/below").display().to_string();
    for (args, words) in [
        (&["--to", "kept"][..], "no source given"),
        (&["demo:"], "no place to keep reports"),
        // A variable that was not set.
        (&["demo:", "--to", ""], "a value is required for '--to <DIR>'"),
        (&["demo:", "--to", "file"], "file is a file"),
        (&["reports", "--to", "reports"], "which is read here"),
        (&["reports", "--to", "reports/kept/2026"], "which is read here"),
        (&["reports", "--to", "./kept/../reports/kept"], "which is read here"),
        (&["rep*", "--to", "reports/kept"], "which is read here"),
        (&["reports", "--to", &inside], "which is read here"),
        (&["demo:", "--to", "kept", "--sse-kms-key-id", "k"], "--sse-kms-key-id is for buckets"),
        (
            &["demo:", "--to", "kept", "--expected-bucket-owner", A],
            "--expected-bucket-owner is for",
        ),
        (&["demo:", "--to", "file/below"], "cannot write file/below"),
        // Nobody can make a folder here, not even root.
        (&["demo:", "--to", "/proc/kept"], "cannot write /proc/kept"),
        (&["demo:", "--print-template", "bucket"], "cannot be used with"),
        (&["--print-template", "basket"], "member-role"),
    ] {
        let said = folder.run(&[&["collect"], args].concat()).said(2, &[words]);
        assert_eq!(said, "", "{args:?}");
        assert!(!folder.path().join("reports/kept").exists(), "{args:?}");
    }
    for args in [&["--to", "kept"][..], &["demo:"], &["demo:", "--to", "file"]] {
        folder.run(&[&["collect"], args].concat()).said(2, &["hint: "]);
    }
    assert!(!folder.path().join("kept").exists());
    // What lies in the destination may be collected: it is there already.
    folder.run(&["collect", "demo:accounts=1,days=1", "--to", "kept"]).said(0, &[]);
    let date = fs::read_dir(folder.path().join("kept")).expect("it is there");
    let date = date.map(|entry| entry.expect("it can be read").file_name());
    let mut date = date.map(|name| name.to_string_lossy().into_owned());
    let date = date.find(|name| name.starts_with("date=")).expect("a day");
    let again = folder.run(&["collect", &format!("kept/{date}"), "--to", "kept"]);
    assert_eq!(again.said(0, &["0 written, 1 unchanged"]), "");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new(&[]);
    let kept = folder.path().join("kept");
    fs::create_dir(&kept).expect("it can be made");
    let lock = |mode| fs::set_permissions(&kept, fs::Permissions::from_mode(mode)).expect("ours");
    lock(0o555);
    // Root may write everywhere.
    let is_root = fs::write(kept.join("probe"), "").is_ok();
    let ran = folder.run(&["collect", "demo:accounts=1,days=1", "--to", "kept"]);
    lock(0o755);
    if !is_root {
        ran.said(2, &["cannot write kept", "hint: name a folder that you may write to"]);
        assert!(tree(&kept).is_empty());
    }
    // One place that cannot be written fails by itself.
    let demo = "demo:accounts=2,users=3,days=1";
    let places = folder.run(&["collect", demo, "--to", "other"]).said(0, &[]);
    let account = Path::new(places.lines().next().expect("a place")).parent().expect("a folder");
    let account = folder.path().join(account);
    fs::remove_dir_all(&account).expect("it is there");
    fs::write(&account, "in the way").expect("it can be written");
    let ran = folder.run(&["collect", demo, "--to", "other"]);
    assert_eq!(ran.said(2, &["cannot write other/date=", "0 written, 1 unchanged, 1 failed"]), "");
}

/// Starts a long run and waits until it has written something.
fn long_run(folder: &Folder, to: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(["collect", LONG, "--to", to])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = String::new();
    let mut places = BufReader::new(child.stdout.as_mut().expect("a pipe"));
    places.read_line(&mut first).expect("it can be read");
    assert!(first.ends_with(".csv\n"), "{first}");
    child
}

/// More reports than there is room for in a pipe that nobody reads: such a run stands still half way.
const LONG: &str = "demo:accounts=800,users=2,days=2";

#[test]
fn a_run_that_was_killed_is_run_again() {
    let folder = Folder::new(&[]);
    folder.run(&["collect", LONG, "--to", "whole"]).said(0, &["1600 written"]);
    let whole = tree(&folder.path().join("whole"));
    let visible = |tree: Tree| {
        let is_hidden = |name: &str| name.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
        tree.into_iter().filter(|(name, _)| !is_hidden(name)).collect::<BTreeMap<_, _>>()
    };
    for _ in 0..3 {
        let mut child = long_run(&folder, "kept");
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let kept = visible(tree(&folder.path().join("kept")));
        assert!(kept.len() < whole.len(), "it was not killed half way");
        for (name, bytes) in &kept {
            assert_eq!(whole.get(name), Some(bytes), "{name}");
        }
        // A reader takes what is there, and finds nothing wrong with it.
        folder.run(&["query", "SELECT count(*) FROM reports WHERE status <> 'ok'", "kept"]).clean();
        for name in names(&kept, ".csv").iter().skip(5) {
            fs::remove_file(folder.path().join("kept").join(name)).expect("it is there");
        }
    }
    folder.run(&["collect", LONG, "--to", "kept"]).said(0, &[" failed, 0 skipped to kept"]);
    let kept = visible(tree(&folder.path().join("kept")));
    let reports = |tree: &Tree| {
        tree.clone()
            .into_iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(reports(&kept), reports(&whole));
}

#[test]
fn an_interrupted_run_keeps_what_is_whole_and_makes_no_list() {
    let folder = Folder::new(&[]);
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut child = long_run(&folder, &signal[1..]);
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
        let mut said = String::new();
        let mut rest = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut rest).expect("text");
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{said}");
        assert!(said.starts_with("interrupted: ") && said.contains(" not tried to "), "{said}");
        let kept = tree(&folder.path().join(&signal[1..]));
        let csv = names(&kept, ".csv").len();
        assert!(csv < 1600 && kept.len() == 2 * csv, "{:?}", kept.keys());
        assert!(said.contains(&format!("interrupted: {csv} written")), "{csv}: {said}");
    }
}

#[test]
fn a_reader_that_goes_away_does_not_end_the_work() {
    let folder = Folder::new(&[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(["collect", "demo:accounts=20,users=3,days=2", "--to", "kept"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("40 written"));
    assert_eq!(names(&tree(&folder.path().join("kept")), ".csv").len(), 40);
    // A disk that is full is another matter, and the work is done all the same.
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_credsql"))
        .args(["collect", "demo:accounts=2,users=3,days=2", "--to", "other"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the output"));
    assert_eq!(names(&tree(&folder.path().join("other")), ".csv").len(), 4);
}

#[test]
fn templates_are_printed_as_they_are() {
    let folder = Folder::new(&[]);
    for name in ["member-role", "scheduler", "bucket"] {
        let text = folder.run(&["collect", "--print-template", name]).clean();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/templates");
        let file = fs::read_to_string(file.join(format!("{name}.yaml"))).expect("it is there");
        assert_eq!(text, file);
        assert!(
            text.contains("AWSTemplateFormatVersion") && text.contains("\nResources:"),
            "{name}"
        );
    }
}

#[test]
fn standard_input_without_a_time_is_refused_and_two_at_once_agree() {
    let folder = Folder::new(&[]);
    let ran =
        crate::support::credsql(folder.path(), &["collect", "-", "--to", "kept"], &small(A, "a"));
    ran.said(2, &["standard input does not tell when it was generated, only its run time"]);
    let args = ["collect", "demo:accounts=40,users=3,days=2", "--to", "both", "--quiet"];
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credsql"));
        command.args(args).current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let runs = [run(), run(), run()];
    let mut places = Vec::new();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
        let text = String::from_utf8(output.stdout).expect("text");
        places.extend(text.lines().map(str::to_owned));
    }
    // Each report was written by one of them.
    let distinct: BTreeSet<&String> = places.iter().collect();
    assert_eq!((places.len(), distinct.len()), (80, 80));
    let kept = tree(&folder.path().join("both"));
    assert_eq!((names(&kept, ".csv").len(), names(&kept, ".csv.meta.json").len()), (80, 80));
}
