use super::*;

use datafusion::sql::parser::DFParser;

use crate::library::Library;

fn target() -> Target {
    Target { database: "iam".to_owned(), shown: Scope::Latest, as_of: None, run_time: None }
}

fn with(sql: &str, parameters: &[(&str, Bound)], target: &Target) -> Result<String> {
    let mut statements = DFParser::parse_sql(sql).expect("the test's statement is SQL");
    let statement = statements.pop_front().expect("there is one");
    let parameters =
        parameters.iter().map(|(name, bound)| ((*name).to_owned(), bound.clone())).collect();
    render(&statement, &parameters, target)
}

fn of(sql: &str) -> String {
    with(sql, &[], &target()).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The names of the common table expressions of ours, which stand before the statement's own.
fn ctes(sql: &str) -> Vec<String> {
    let query = parsed(&of(sql)).expect("what is rendered is SQL");
    let with = query.with.map(|with| with.cte_tables).unwrap_or_default();
    with.into_iter().map(|cte| cte.alias.name.value).collect()
}

#[test]
fn only_what_is_read_becomes_a_query_of_ours() {
    for (sql, expected) in [
        ("SELECT 1", vec![]),
        ("SELECT * FROM credentials_history", vec!["credentials_history"]),
        ("SELECT * FROM credential_report", vec!["newest_reports", "credential_report"]),
        (
            "SELECT * FROM credentials WHERE arn IN (SELECT arn FROM credential_report)",
            vec!["newest_reports", "report_states", "credentials", "credential_report"],
        ),
        (
            "SELECT * FROM changes",
            vec!["credential_report_history", "credentials_history", "changes"],
        ),
        ("SELECT * FROM reports", vec!["newest_reports", "reports"]),
        ("SELECT * FROM password_policy", vec!["password_policy"]),
        ("SELECT * FROM Credentials_History AS c", vec!["credentials_history"]),
        ("SELECT * FROM datafusion.public.credentials_history", vec!["credentials_history"]),
    ] {
        assert_eq!(ctes(sql), expected, "{sql}");
    }
}

#[test]
fn a_statement_without_tables_is_itself() {
    assert_eq!(of("SELECT 1 AS one"), "SELECT 1 AS one");
}

#[test]
fn names_of_the_statement_s_own_hide_ours_where_sql_says_so() {
    // Its own name from there on, ours before.
    assert_eq!(
        ctes("WITH reports AS (SELECT 1 AS n) SELECT * FROM reports"),
        ["reports"],
        "nothing of ours is read"
    );
    let sql = "WITH credentials_history AS (SELECT * FROM credentials_history WHERE active) \
               SELECT * FROM credentials_history";
    assert_eq!(ctes(sql), ["all_credentials_history", "credentials_history"]);
    assert!(of(sql).ends_with(
        "credentials_history AS (SELECT * FROM all_credentials_history AS credentials_history \
         WHERE active) SELECT * FROM credentials_history"
    ));
    // Each sees those before it, not those after.
    let sql = "WITH a AS (SELECT * FROM reports), reports AS (SELECT * FROM a) \
               SELECT * FROM reports";
    assert_eq!(ctes(sql), ["newest_reports", "all_reports", "a", "reports"]);
    // Trino does not tell letters apart.
    let sql = "WITH \"Reports\" AS (SELECT 1 AS n) SELECT * FROM reports";
    assert_eq!(ctes(sql), ["newest_reports", "all_reports", "Reports"]);
    // What ours stand on gives way too.
    let sql = "WITH newest_reports AS (SELECT 1 AS n) \
               SELECT * FROM newest_reports, credential_report";
    assert_eq!(ctes(sql), ["all_newest_reports", "credential_report", "newest_reports"]);
    assert!(of(sql).contains("INNER JOIN all_newest_reports AS chosen ON"));
    // Inside another query the name is another's.
    let sql = "SELECT * FROM (WITH reports AS (SELECT 1 AS n) SELECT * FROM reports) AS a, reports";
    assert_eq!(ctes(sql), ["newest_reports", "all_reports"]);
    assert!(of(sql).ends_with(
        "SELECT * FROM (WITH reports AS (SELECT 1 AS n) SELECT * FROM reports) AS a, \
         all_reports AS reports"
    ));
    // In a recursive one the name is its own from the start.
    let sql = "WITH RECURSIVE reports (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM reports WHERE n < 3) \
               SELECT * FROM reports";
    assert_eq!(ctes(sql), ["reports"]);
}

#[test]
fn a_schema_before_a_name_is_ours_alone() {
    let sql = "SELECT public.credentials_history.arn FROM public.credentials_history";
    assert!(of(sql).ends_with("SELECT credentials_history.arn FROM credentials_history"));
    for sql in [
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM other.reports",
        "SELECT * FROM people",
    ] {
        let error = with(sql, &[], &target()).expect_err("none of ours");
        assert!(error.to_string().ends_with("is not on Athena"), "{error}");
    }
}

#[test]
fn parameters_are_literals_of_their_types() {
    let one = |value| Bound::One(value);
    let text = |text: &str| one(ScalarValue::Utf8(Some(text.to_owned())));
    for (sql, bound, expected) in [
        ("SELECT $x AS a", one(ScalarValue::Int64(Some(90))), "SELECT 90 AS a"),
        ("SELECT -$x AS a", one(ScalarValue::Int64(Some(-90))), "SELECT -(-90) AS a"),
        ("SELECT 1 LIMIT $x", one(ScalarValue::Int64(Some(9))), "SELECT 1 LIMIT 9"),
        ("SELECT $x AS a", text("it's"), "SELECT 'it''s' AS a"),
        ("SELECT $x AS a", text("''; --"), "SELECT '''''; --' AS a"),
        ("SELECT $x AS a", text("\\'; --"), "SELECT '\\''; --' AS a"),
        ("SELECT $x AS a", text("größer\n✓"), "SELECT 'größer\n✓' AS a"),
        ("SELECT 'a''''b\\' AS a", text(""), "SELECT 'a''''b\\' AS a"),
        (
            "SELECT 1 WHERE 'a' IN ($x)",
            Bound::Many(vec!["any".to_owned(), "o'clock".to_owned()]),
            "SELECT 1 WHERE 'a' IN ('any', 'o''clock')",
        ),
        ("SELECT 1 WHERE 'a' IN ($x, 'b')", text("c"), "SELECT 1 WHERE 'a' IN ('c', 'b')"),
        ("SELECT 1 WHERE 'a' NOT IN ($x)", Bound::Many(vec![]), "SELECT 1 WHERE true"),
        ("SELECT 1 WHERE 'a' IN ($x)", Bound::Many(vec![]), "SELECT 1 WHERE false"),
    ] {
        let rendered = with(sql, &[("x", bound)], &target()).expect("it can be rendered");
        assert_eq!(rendered, expected);
    }
}

#[test]
fn what_cannot_be_rendered_is_refused() {
    let list = Bound::Many(vec!["a".to_owned()]);
    for (sql, expected) in [
        ("SELECT $missing", "parameter $missing has no value"),
        ("SELECT 1 WHERE 1 IN ($missing)", "parameter $missing has no value"),
        ("SELECT $x", "parameter $x is a list, which stands in `IN ($x)` alone"),
        ("EXPLAIN SELECT 1", "this statement is no query"),
        ("CREATE TABLE a AS SELECT 1", "this statement is no query"),
        ("SELECT id FROM controls", "table `controls` is not on Athena"),
    ] {
        let error = with(sql, &[("x", list.clone())], &target()).expect_err("it must be refused");
        assert_eq!(error.to_string(), expected, "{sql}");
    }
    let infinite = Bound::One(ScalarValue::Float64(Some(f64::INFINITY)));
    assert!(with("SELECT $x", &[("x", infinite)], &target()).is_err());
    let long = Bound::Many(vec!["x".repeat(100); 3000]);
    let error = with("SELECT 1 WHERE 'a' IN ($x)", &[("x", long)], &target());
    assert!(error.expect_err("it is too long").to_string().contains("262144 are most"));
}

#[test]
fn as_of_hides_what_is_later_and_is_the_clock_of_the_latest() {
    let noon = Target { as_of: Some(1_793_448_000_000), ..target() };
    let of = |sql| with(sql, &[], &noon).expect("it can be rendered");
    let seen = "WHERE generated_time <= TIMESTAMP '2026-10-31 12:00:00.000' AND dt <= '2026-10-31'";
    let clock = "TIMESTAMP '2026-10-31 12:00:00.000' AS clock_time";
    assert!(of("SELECT * FROM credentials_history").contains(seen));
    assert!(of("SELECT * FROM credential_report_raw").contains(seen));
    let history = of("SELECT * FROM credential_report_history");
    assert!(history.contains(seen) && !history.contains(clock));
    let latest = of("SELECT * FROM credential_report");
    assert_eq!(latest.matches(seen).count(), 2, "of accounts with an id and of the others");
    assert!(latest.contains(clock));
    assert!(of("SELECT * FROM credentials").contains(clock));
    assert!(of("SELECT * FROM reports").contains(
        "WHERE found.generated_time <= TIMESTAMP '2026-10-31 12:00:00.000' \
         OR found.generated_time IS NULL"
    ));
    let before = Target { shown: Scope::Previous, ..noon.clone() };
    let previous = with("SELECT * FROM credential_report", &[], &before).expect("it can");
    assert!(previous.contains(seen) && !previous.contains(clock), "its clock is its own");
}

#[test]
fn the_reports_before_the_newest_are_those_of_second_place() {
    let before = Target { shown: Scope::Previous, ..target() };
    let of = |sql| with(sql, &[], &before).expect("it can be rendered");
    let rendered = of("SELECT * FROM credentials");
    assert!(rendered.contains("place = 2") && !rendered.contains("place = 1"));
    // Which report is the latest does not depend on which are shown.
    assert!(of("SELECT * FROM reports").contains("place = 1"));
    let all = Target { shown: Scope::History, ..target() };
    let rendered = with("SELECT * FROM credential_report", &[], &all).expect("it can");
    assert!(!rendered.contains("place"));
}

#[test]
fn the_time_of_the_run_is_the_same_for_a_whole_run() {
    let run = Target { run_time: Some(1_793_448_000_000), ..target() };
    let of = |sql| with(sql, &[], &run).expect("it can be rendered");
    let time = "TIMESTAMP '2026-10-31 12:00:00.000'";
    assert_eq!(of("SELECT now() AS a"), format!("SELECT {time} AS a"));
    assert_eq!(of("SELECT current_timestamp AS a"), format!("SELECT {time} AS a"));
    assert_eq!(of("SELECT current_date AS a"), "SELECT DATE '2026-10-31' AS a");
    assert_eq!(self::of("SELECT now() AS a"), "SELECT now() AS a");
}

#[test]
fn defaults_and_spellings_that_differ_are_written_out() {
    for (sql, expected) in [
        ("SELECT a IS TRUE FROM x", "SELECT (a IS NOT DISTINCT FROM true) FROM x"),
        ("SELECT a = b IS NOT TRUE FROM x", "SELECT ((a = b) IS DISTINCT FROM true) FROM x"),
        ("SELECT a IS FALSE FROM x", "SELECT (a IS NOT DISTINCT FROM false) FROM x"),
        ("SELECT a IS NOT UNKNOWN FROM x", "SELECT (a IS NOT NULL) FROM x"),
        ("SELECT a::text FROM x", "SELECT CAST(a AS VARCHAR) FROM x"),
        ("SELECT a ILIKE 'B%' FROM x", "SELECT (lower(a) LIKE lower('B%')) FROM x"),
        ("SELECT a LIKE 'b\\_%' FROM x", "SELECT a LIKE 'b\\_%' ESCAPE '\\' FROM x"),
        ("SELECT a FROM x LIMIT 3 OFFSET 2", "SELECT a FROM x OFFSET 2 FETCH FIRST 3 ROWS ONLY"),
        ("SELECT a FROM x ORDER BY a DESC, b", "SELECT a FROM x ORDER BY a DESC NULLS FIRST, b"),
        (
            "SELECT a FROM x ORDER BY a DESC NULLS LAST",
            "SELECT a FROM x ORDER BY a DESC NULLS LAST",
        ),
        (
            "SELECT lag(a) OVER (ORDER BY a DESC) FROM x",
            "SELECT lag(a) OVER (ORDER BY a DESC NULLS FIRST) FROM x",
        ),
        (
            "SELECT lag(a) OVER w FROM x WINDOW w AS (ORDER BY a DESC)",
            "SELECT lag(a) OVER w FROM x WINDOW w AS (ORDER BY a DESC NULLS FIRST)",
        ),
        (
            "SELECT array_agg(a ORDER BY a DESC) FROM x",
            "SELECT array_agg(a ORDER BY a DESC NULLS FIRST) FROM x",
        ),
        (
            "SELECT TIMESTAMP '2026-10-31T12:00:00Z' AS a",
            "SELECT TIMESTAMP '2026-10-31 12:00:00.000' AS a",
        ),
        ("SELECT now() - INTERVAL '90 days'", "SELECT now() - INTERVAL '90' DAY"),
        ("SELECT now() - INTERVAL '2 weeks'", "SELECT now() - INTERVAL '14' DAY"),
        ("SELECT now() - INTERVAL '90' DAY", "SELECT now() - INTERVAL '90' DAY"),
        ("SELECT now() - INTERVAL 3 HOURS", "SELECT now() - INTERVAL '3' HOUR"),
        ("SELECT $$it's$$ AS a", "SELECT 'it''s' AS a"),
    ] {
        let sql = format!("WITH x AS (SELECT 1 AS a, 2 AS b) {sql}");
        let rendered = of(&sql);
        assert_eq!(rendered.trim_start_matches("WITH x AS (SELECT 1 AS a, 2 AS b) "), expected);
    }
}

#[test]
fn a_database_of_any_name_is_quoted() {
    let odd = Target { database: "my \"own\"".to_owned(), ..target() };
    let rendered = with("SELECT * FROM credentials_history", &[], &odd).expect("it can");
    assert!(rendered.contains("FROM \"my \"\"own\"\"\".\"credentials_history\""), "{rendered}");
}

#[test]
fn every_canned_query_can_be_rendered() {
    let library = Library::embedded().expect("the library is read by tests");
    for query in library.iter().filter(|query| query.id != "keys-of-people-who-left") {
        let values = query
            .params
            .keys()
            .map(|name| (name.as_str(), Bound::One(ScalarValue::Int64(Some(1)))));
        let values: Vec<_> = values.collect();
        let rendered = with(&query.sql, &values, &target());
        assert!(rendered.is_ok(), "{}: {rendered:?}", query.id);
    }
}
