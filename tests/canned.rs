//! The canned library: what is built in, what it judges, how it is run.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use credsql::library::Library;
use credsql::library::query::{CONTRACT, CannedQuery, Purpose};
use credsql::schema::REPORT;
use datafusion::sql::sqlparser::ast::{
    Expr, Select, SelectItem, SetExpr, Statement, UnaryOperator, Value, Visit, Visitor,
    visit_expressions, visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::support::{Folder, Row, answer, credsql, report, small};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn built_in() -> Vec<CannedQuery> {
    Library::embedded().expect("every built-in file is good").iter().cloned().collect()
}

#[test]
fn what_is_built_in_is_what_is_in_the_folder() {
    let mut files: Vec<String> = fs::read_dir(root().join("queries"))
        .expect("the folder is there")
        .filter_map(|entry| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".sql").map(str::to_owned)
        })
        .collect();
    files.sort();
    let ids: Vec<String> = built_in().into_iter().map(|query| query.id).collect();
    assert_eq!(ids, files);
    let controls = built_in().iter().filter(|query| query.purpose == Purpose::Control).count();
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    assert!(readme.contains(&format!("\n{controls} controls,")), "{controls} controls");
    let investigations = ids.len() - controls;
    assert!(readme.contains(&format!("{investigations} investigations")), "{investigations}");
}

/// Values for parameters that have no default.
fn given(query: &CannedQuery) -> Vec<String> {
    let missing = query.params.iter().filter(|(_, param)| param.default.is_none());
    missing.flat_map(|(name, _)| ["--param".to_owned(), format!("{name}=x")]).collect()
}

fn run(id: &str, source: &str, more: &[String]) -> crate::support::Ran {
    // The time of the fixtures: the age of a report is measured at the time of the run.
    let as_of = ["--as-of", "2026-10-01T12:00:00Z"];
    let mut args = vec!["queries", "run", id, source, "--quiet", "--format", "csv"];
    args.extend(as_of);
    // The one query that stands on a table of the user's own.
    if id == "keys-of-people-who-left" {
        args.extend(["--table", "people=tests/fixtures/people.csv"]);
    }
    args.extend(more.iter().map(String::as_str));
    credsql(&root(), &args, "")
}

#[test]
fn every_control_keeps_the_contract_and_judges_in_known_words() {
    for query in built_in().into_iter().filter(|query| query.purpose == Purpose::Control) {
        let ran = run(&query.id, "tests/fixtures/controls", &given(&query));
        assert_eq!(ran.code, 0, "{}: {}", query.id, ran.stderr);
        let header = ran.stdout.lines().next().unwrap_or_default().to_owned();
        let wanted: Vec<&str> =
            CONTRACT.into_iter().chain(query.columns.iter().map(String::as_str)).collect();
        assert_eq!(header, wanted.join(","), "{}", query.id);
        let words = "SELECT count(*) AS n FROM r WHERE status NOT IN ('ok', 'alarm', 'info', 'skip', 'unknown') OR status IS NULL OR reason IS NULL";
        let folder = Folder::new(&[("r.csv", &ran.stdout)]);
        assert_eq!(
            folder.run(&["query", words, "--table", "r=r.csv"]).clean(),
            "n\n0\n",
            "{}",
            query.id
        );
    }
}

/// One snapshot for each control, over reports whose users say the case they are.
#[test]
fn every_control_gives_the_verdicts_it_gave() {
    for query in built_in().into_iter().filter(|query| query.purpose == Purpose::Control) {
        let ran = run(&query.id, "tests/fixtures/controls", &given(&query));
        let mut lines: Vec<&str> = ran.stdout.lines().collect();
        if let Some(rows) = lines.get_mut(1..) {
            rows.sort_unstable();
        }
        insta::assert_snapshot!(format!("control-{}", query.id), lines.join("\n"));
    }
}

#[test]
fn every_investigation_runs() {
    for query in built_in().into_iter().filter(|query| query.purpose == Purpose::Investigation) {
        for source in ["demo:accounts=3,days=3,end=2026-09-30", "tests/fixtures/controls"] {
            let ran = run(&query.id, source, &given(&query));
            assert_eq!(ran.code, 0, "{} on {source}: {}", query.id, ran.stderr);
            assert!(
                ran.stdout.lines().next().is_some_and(|header| header.contains(',')),
                "{}",
                query.id
            );
        }
    }
}

/// What the files of frameworks promise: every requirement is answered, or says what could.
#[test]
fn every_framework_lists_its_coverage() {
    let library = Library::embedded().expect("every built-in file is good");
    let folder: Vec<_> = fs::read_dir(root().join("queries/frameworks"))
        .expect("the folder is there")
        .filter_map(|entry| {
            Some(entry.ok()?.file_name().to_str()?.strip_suffix(".toml")?.to_owned())
        })
        .collect();
    let ids: Vec<&str> = library.frameworks().map(|framework| framework.id.as_str()).collect();
    assert_eq!(ids.len(), folder.len());
    assert!(folder.iter().all(|id| ids.contains(&id.as_str())), "{folder:?}");
    for framework in library.frameworks() {
        for requirement in &framework.requirements {
            let place = format!("{} {}", framework.id, requirement.id);
            let answered = library.answering(&framework.id, &requirement.id).next().is_some();
            let open = requirement.manual || !requirement.needs.is_empty();
            assert!(answered || open, "{place} has no control and does not say what it needs");
            assert!(!(answered && requirement.manual), "{place} is answered and manual");
            assert!(requirement.title.chars().count() <= 70, "{place} has a long title");
        }
        let args = ["queries", "list", "--framework", &framework.id, "--format", "csv", "--quiet"];
        insta::assert_snapshot!(
            format!("framework-{}", framework.id),
            credsql(&root(), &args, "").clean()
        );
    }
    let newest = ids.iter().filter(|id| id.starts_with("cis-aws-")).max();
    assert_eq!(newest, Some(&credsql::library::DEFAULT_FRAMEWORK), "the default is the newest");
    let frameworks = credsql(&root(), &["queries", "frameworks", "--format", "csv"], "").clean();
    assert!(frameworks.contains("\ncis-aws-1.2.0,9 of 22,"), "{frameworks}");
}

#[test]
fn one_is_listed_shown_and_run_with_parameters() {
    let listed = credsql(&root(), &["queries", "list", "--format", "csv"], "").clean();
    assert!(listed.starts_with("id,purpose,severity,title\n"), "{listed}");
    assert!(listed.contains("\nkeys-rotated,control,medium,"), "{listed}");
    let shown = credsql(&root(), &["queries", "show", "keys-rotated"], "").clean();
    assert!(
        shown.contains("parameter") && shown.contains("default 90") && shown.contains("SELECT"),
        "{shown}"
    );
    let key = |name: &str, rotated: &str| {
        Row::user("111122223333", name)
            .set("access_key_1_active", "true")
            .set("access_key_1_last_rotated", rotated)
            .set("access_key_1_last_used_date", rotated)
    };
    let rows = [
        key("a", "2026-07-03T11:59:59Z"),
        key("b", "2026-07-03T12:00:00Z"),
        key("c", "2026-07-02T12:00:00Z"),
        key("d", "2026-07-02T12:00:01Z"),
    ];
    let folder = Folder::new(&[("r.json", &answer(&report(&rows), "2026-10-01T12:00:00Z"))]);
    let verdicts = |more: &[&str]| {
        let args =
            [&["queries", "run", "keys-rotated", "r.json", "--format", "ndjson"], more].concat();
        let shown = folder.run(&args).said(0, &[]);
        let rows = shown.lines().filter(|line| !line.contains("\"skip\""));
        let mut verdicts: Vec<(String, String)> = rows
            .map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
                let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
                (text("user"), text("status"))
            })
            .filter(|(user, _)| user.len() == 1)
            .collect();
        verdicts.sort();
        verdicts
            .into_iter()
            .map(|(user, status)| format!("{user}:{status}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    // 90 days are allowed, the 91st is not: whole elapsed days.
    assert_eq!(verdicts(&[]), "a:ok b:ok c:alarm d:ok");
    assert_eq!(verdicts(&["--param", "max_age_days=89"]), "a:alarm b:alarm c:alarm d:alarm");
    folder
        .run(&["queries", "run", "keys-rotated", "r.json", "--param", "max_age_days=old"])
        .said(2, &["is not a whole number"]);
    folder
        .run(&["queries", "run", "keys-rotated", "r.json", "--param", "days=1"])
        .said(2, &["has no parameter `days`", "max_age_days"]);
    folder
        .run(&["queries", "run", "key-rotated", "r.json"])
        .said(2, &["did you mean `keys-rotated`?"]);
}

#[test]
fn ones_own_queries_add_and_override() {
    let folder = Folder::new(&[("r.csv", &small("111122223333", "ann"))]);
    let query = "-- /// query\n-- title = \"t\"\n-- description = \"d\"\n-- ///\nSELECT 'mine' AS whose, count(*) AS n FROM credential_report\n";
    folder.write("own/my-count.sql", query.as_bytes());
    folder.write("own/oldest-keys.sql", query.as_bytes());
    for id in ["my-count", "oldest-keys"] {
        let ran = folder.run(&["queries", "run", id, "r.csv", "--queries", "own"]);
        let shown = ran.said(0, &["oldest-keys is overridden by own/oldest-keys.sql"]);
        assert_eq!(shown, "whose,n\nmine,2\n");
    }
    folder.write("own/broken.sql", b"-- /// query\n-- titel = \"t\"\n-- ///\nSELECT 1\n");
    let ran = folder.run(&["queries", "list", "--queries", "own"]);
    ran.said(2, &["own/broken.sql:2: unknown field `titel`"]);
}

/// Flags that are NULL where a report does not tell.
fn is_flag(name: &str) -> bool {
    let is_flag = |column: &&credsql::schema::Column| {
        column.kind == credsql::schema::Kind::Boolean && column.name == name
    };
    name == "active" || REPORT.iter().any(|column| is_flag(&column))
}

/// The flags in an expression: those that are compared with NULL in mind, and the others.
fn flags(expression: &Expr) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut minded, mut bare) = (BTreeSet::new(), BTreeSet::new());
    let name = |expression: &Expr| match expression {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(idents) => idents.last().map(|ident| ident.value.clone()),
        _ => None,
    };
    let _ = visit_expressions(expression, |part| {
        match part {
            Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsDistinctFrom(inner, _)
            | Expr::IsNotDistinctFrom(inner, _) => minded.extend(name(inner)),
            other => bare.extend(name(other).filter(|name| is_flag(name))),
        }
        ControlFlow::<()>::Continue(())
    });
    (minded, bare)
}

/// What rows have to meet in a statement, wherever.
struct Filters(Vec<Expr>);

impl Visitor for Filters {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.0.extend(select.selection.iter().chain(&select.having).cloned());
        ControlFlow::Continue(())
    }
}

/// What is wrong with the NULL logic of a control: `NOT flag` anywhere, a flag outside of CASE
/// whose NULL is not thought of (such a row would vanish), a verdict without a last resort.
fn null_slips(sql: &str) -> Vec<String> {
    let statement = Parser::parse_sql(&GenericDialect {}, sql).expect("it is SQL").remove(0);
    let mut slips = Vec::new();
    let _ = visit_expressions(&statement, |expression| {
        if let Expr::UnaryOp { op: UnaryOperator::Not, expr } = expression
            && !flags(expr).1.is_empty()
        {
            slips.push(expression.to_string());
        }
        ControlFlow::<()>::Continue(())
    });
    // In a CASE a NULL falls through to ELSE; without its CASEs a statement shows its filters.
    let mut bare = statement.clone();
    let _ = visit_expressions_mut(&mut bare, |expression| {
        if matches!(expression, Expr::Case { .. }) {
            *expression = Expr::value(Value::Null);
        }
        ControlFlow::<()>::Continue(())
    });
    let mut filters = Filters(Vec::new());
    let _ = bare.visit(&mut filters);
    for filter in filters.0 {
        let (minded, bare) = flags(&filter);
        if bare.iter().any(|flag| !minded.contains(flag)) {
            slips.push(filter.to_string());
        }
    }
    let Statement::Query(query) = statement else { return vec!["no query".to_owned()] };
    let SetExpr::Select(select) = *query.body else { return vec!["no SELECT".to_owned()] };
    let status = select.projection.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } if alias.value == "status" => Some(expr),
        _ => None,
    });
    match status {
        Some(Expr::Case { else_result: Some(last), .. }) if last.to_string() == "'unknown'" => {}
        other => slips.push(format!("the last resort of the status: {other:?}")),
    }
    slips
}

#[test]
fn no_control_takes_null_for_false() {
    for query in built_in().into_iter().filter(|query| query.purpose == Purpose::Control) {
        assert_eq!(null_slips(&query.sql), Vec::<String>::new(), "{}", query.id);
    }
    let verdict = "CASE WHEN x THEN 'ok' ELSE 'unknown' END AS status";
    for slip in [
        "SELECT CASE WHEN x THEN 'ok' ELSE 'ok' END AS status FROM t".to_owned(),
        "SELECT CASE WHEN x THEN 'ok' END AS status FROM t".to_owned(),
        format!("SELECT {verdict} FROM t WHERE NOT mfa_active"),
        format!("SELECT {verdict} FROM t WHERE mfa_active = false"),
        format!("SELECT {verdict} FROM t WHERE mfa_active"),
        format!("SELECT {verdict} FROM t WHERE is_root AND (password_enabled OR a = 1)"),
        "SELECT CASE WHEN NOT t.active THEN 'ok' ELSE 'unknown' END AS status FROM t".to_owned(),
    ] {
        assert_ne!(null_slips(&slip), Vec::<String>::new(), "{slip}");
    }
}
