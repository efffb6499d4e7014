use super::*;
use crate::shell::sample;

/// Completes at the `|` of a text.
fn at_bar(text: &str) -> (String, Completion) {
    let cursor = text.find('|').unwrap_or(text.len());
    let text = text.replacen('|', "", 1);
    let found = complete(&sample::vocabulary(), &text, cursor);
    (text, found)
}

fn replacements(text: &str) -> Vec<String> {
    match at_bar(text).1 {
        Completion::Words(_, found) => found.into_iter().map(|one| one.replacement).collect(),
        Completion::Path(start) => vec![format!("path at {start}")],
    }
}

/// Fails with all that differ, not with the first.
fn same(table: &[(&str, &[&str])]) {
    let differing: Vec<_> = table
        .iter()
        .map(|(text, wanted)| (text, replacements(text), wanted))
        .filter(|(_, found, wanted)| found != *wanted)
        .map(|(text, found, wanted)| format!("{text}\n   found {found:?}\n  wanted {wanted:?}\n"))
        .collect();
    assert!(differing.is_empty(), "\n{}", differing.concat());
}

#[test]
fn columns_and_tables() {
    let table: &[(&str, &[&str])] = &[
        // Columns of the tables in FROM, before or after the cursor.
        ("SELECT mf| FROM credential_report", &["mfa_active"]),
        ("SELECT mfa_active, us| FROM credential_report", &["\"user\"", "user_creation_time"]),
        ("SELECT * FROM credential_report WHERE mf|", &["mfa_active"]),
        ("select * from credential_report where not mf|", &["mfa_active"]),
        ("SELECT ki| FROM credential_report", &[]),
        ("SELECT age|", &["age_days"]),
        ("SELECT part| FROM reports", &["partition"]),
        // Aliases.
        ("SELECT c.ag| FROM credentials c", &["age_days"]),
        ("SELECT c.ag| FROM credentials AS c JOIN reports r ON true", &["age_days"]),
        ("SELECT r.| FROM credentials c, reports AS r", &["source", "partition", "rows"]),
        ("SELECT * FROM credentials c JOIN reports r ON r.so|", &["source"]),
        ("SELECT reports.so| FROM reports", &["source"]),
        ("SELECT credentials.ki|", &["kind"]),
        ("SELECT x.| FROM credentials c", &[]),
        ("SELECT * FROM credentials, reports WHERE ro|", &["rows"]),
        ("SELECT * FROM credential_report a, credentials b WHERE ar|", &["a.arn", "b.arn"]),
        ("SELECT * FROM credentials kept WHERE kep|", &["kept."]),
        ("SELECT * FROM credential_report JOIN credentials USING (ar|", &["arn"]),
        // Tables.
        ("SELECT * FROM cr|", &["credential_report", "credentials"]),
        ("SELECT * FROM credentials, rep|", &["reports"]),
        ("SELECT * FROM credentials JOIN rep|", &["reports"]),
        ("SELECT * FROM cred_rep|", &["credential_report"]),
        ("SELECT * FROM information_schema.ta|", &["information_schema.tables"]),
        ("SELECT * FROM information_schema.|", &["information_schema.tables"]),
        ("DESCRIBE rep|", &["reports"]),
        ("SHOW COLUMNS FROM rep|", &["reports"]),
        ("SELECT * FROM (SELECT * FROM rep|", &["reports"]),
        ("EXPLAIN SELECT * FROM rep|", &["reports"]),
        ("SELECT 1; SELECT * FROM rep|; SELECT 2", &["reports"]),
    ];
    same(table);
}

#[test]
fn queries_in_queries() {
    let table: &[(&str, &[&str])] = &[
        // Common table expressions and subqueries.
        ("WITH recent AS (SELECT \"user\", arn FROM credentials) SELECT * FROM rec|", &["recent"]),
        ("WITH recent AS (SELECT arn AS name FROM credentials) SELECT na| FROM recent", &["name"]),
        (
            "WITH recent AS (SELECT arn AS a1, count(*) n FROM credentials) SELECT r.| FROM recent r",
            &["a1", "n"],
        ),
        ("WITH w(p, q) AS (SELECT 1, 2) SELECT w.| FROM w", &["p", "q"]),
        (
            "WITH a AS (SELECT * FROM reports), b AS (SELECT * FROM a) SELECT b.| FROM b",
            &["source", "partition", "rows"],
        ),
        ("WITH a AS (SELECT so| FROM reports) SELECT 1", &["source"]),
        ("WITH RECURSIVE r AS (SELECT 1 AS depth UNION ALL SELECT de| FROM r", &["depth"]),
        ("SELECT t.| FROM (SELECT source, rows AS n FROM reports) AS t", &["source", "n"]),
        ("SELECT t.| FROM (VALUES (1, 2)) AS t(x, y)", &["x", "y"]),
        (
            "SELECT * FROM credentials c WHERE EXISTS (SELECT 1 FROM reports r WHERE r.source = c.ac|",
            &["account_id", "active"],
        ),
        ("SELECT * FROM credentials WHERE arn IN (SELECT ro| FROM reports)", &["rows"]),
        ("SELECT * FROM reports UNION ALL SELECT ag| FROM credentials", &["age_days"]),
        ("SELECT count(ag| FROM credentials", &["age_days"]),
        // Names of the select list.
        ("SELECT count(*) AS total FROM credentials GROUP BY kind ORDER BY to|", &["total"]),
        ("SELECT lower(arn) AS low FROM credentials GROUP BY lo|", &["low", "lower("]),
    ];
    same(table);
}

#[test]
fn functions_and_keywords() {
    let table: &[(&str, &[&str])] = &[
        // Functions.
        ("SELECT coa|", &["coalesce("]),
        ("SELECT * FROM credentials WHERE date_|", &["date_trunc("]),
        (
            "SELECT date_trunc('day', us|) FROM credential_report",
            &["\"user\"", "user_creation_time"],
        ),
        (
            "SELECT extract(year FROM us| FROM credential_report",
            &["\"user\"", "user_creation_time"],
        ),
        // Keywords.
        ("SEL|", &["SELECT"]),
        ("sel|", &["select"]),
        ("SELECT * FROM credentials WH|", &["WHERE"]),
        ("select * from credentials wh|", &["where"]),
        ("SELECT * FROM credentials GR|", &["GROUP BY"]),
        ("SELECT * FROM credentials GROUP |", &["BY"]),
        ("select * from credentials group |", &["by"]),
        ("SELECT * FROM credentials WHERE active A|", &["AND"]),
        ("SELECT * FROM credentials WHERE active IS NOT N|", &["NULL"]),
        ("SELECT * FROM credentials WHERE kind IN|", &["IN (", "INTERSECT"]),
        ("SELECT * FROM credentials ORDER BY kind D|", &["DESC"]),
        ("SELECT * FROM credentials ORDER BY kind DESC NU|", &["NULLS FIRST", "NULLS LAST"]),
        ("SELECT * FROM credentials ORDER BY kind DESC NULLS |", &["FIRST", "LAST"]),
        ("SELECT CASE WHEN active TH|", &["THEN"]),
        ("SELECT CASE WHEN active THEN 1 EL|", &["ELSE"]),
        ("SELECT arn FR|", &["FROM"]),
        ("SELECT CAST(slot AS BI|", &["BIGINT"]),
        ("SELECT slot::VAR|", &["VARCHAR"]),
        ("SELECT DIST|", &["DISTINCT"]),
        ("SELECT * FROM credentials LEFT |", &["JOIN", "OUTER JOIN", "ANTI JOIN", "SEMI JOIN"]),
        ("WITH x A|", &["AS ("]),
        ("WITH x AS (SELECT 1) SEL|", &["SELECT"]),
        ("SELECT count(*) OVER (PART|", &["PARTITION BY"]),
        ("SELECT count(*) OVER (PARTITION BY ki| FROM credentials", &["kind"]),
        ("EXPLAIN AN|", &["ANALYZE"]),
    ];
    same(table);
}

#[test]
fn values_variables_and_nothing() {
    let table: &[(&str, &[&str])] = &[
        // Values.
        (
            "SELECT * FROM credential_report WHERE mfa_active = t|",
            &["true", "try_cast (", "timestamp"],
        ),
        (
            "SELECT * FROM credentials WHERE kind = '|",
            &["'password'", "'access_key'", "'signing_certificate'"],
        ),
        ("SELECT * FROM credentials WHERE kind = 'a|", &["'access_key'"]),
        (
            "SELECT * FROM credentials WHERE kind = a|",
            &["'access_key'", "account_id", "arn", "active", "age_days"],
        ),
        ("SELECT * FROM credentials WHERE kind <> 'a|'", &["'access_key"]),
        ("SELECT * FROM credentials WHERE kind IN ('p|", &["'password'"]),
        ("SELECT * FROM credentials WHERE kind IN ('password', 'a|", &["'access_key'"]),
        ("SELECT * FROM credentials WHERE kind NOT IN ('password', 'a|')", &["'access_key"]),
        ("SELECT * FROM credentials WHERE kind LIKE 'a|", &["'access_key'"]),
        ("SELECT * FROM credentials WHERE kind NOT LIKE 'a|", &["'access_key'"]),
        ("SELECT * FROM credentials c WHERE c.kind = 'a|", &["'access_key'"]),
        (
            "SELECT * FROM credentials WHERE \"user\" = '|",
            &["'<root_account>'", "'alice'", "'o''brien'"],
        ),
        ("SELECT * FROM credentials WHERE \"user\" = 'o''b|", &["'o''brien'"]),
        ("SELECT * FROM credentials WHERE account_id = '4|", &["'444455556666'"]),
        (
            "WITH w AS (SELECT kind AS k FROM credentials) SELECT * FROM w WHERE k = 'a|",
            &["'access_key'"],
        ),
        ("SELECT * FROM credentials WHERE slot = 2|", &[]),
        ("SELECT * FROM credentials WHERE slot = '|", &[]),
        ("SELECT * FROM credentials WHERE active = |", &["true", "false"]),
        ("SELECT * FROM credentials WHERE slot = |", &["1", "2"]),
        // Variables.
        ("SELECT * FROM credentials WHERE age_days > $|", &["$since", "$max_days"]),
        ("SELECT $ma|", &["$max_days"]),
        // Quoted names.
        ("SELECT \"us|", &["\"user\"", "\"user_creation_time\""]),
        ("SELECT c.\"us|\" FROM credentials c", &["\"user"]),
        ("SELECT * FROM \"rep|", &["\"reports\""]),
        ("SELECT CASE kind WHEN 'p| FROM credentials", &["'password'"]),
        (
            "SELECT CASE c.kind WHEN 'password' THEN 1 WHEN 'a|' THEN 2 END FROM credentials c",
            &["'access_key"],
        ),
        ("SELECT lag(arn) IGNORE NULLS OV| FROM credentials", &["OVER ("]),
        ("SELECT now() - INTERVAL '9' DA|", &["DAY"]),
        ("SELECT * FROM (SE|", &["SELECT"]),
        ("SELECT sum(slot) OVER w FROM credentials WINDOW w AS (PARTITION BY ki|", &["kind"]),
        ("SELECT c.ki|, c.arn FROM credentials c", &["kind"]),
        ("WITH a AS (SELECT 1) SEL| c.arn FROM credentials c", &["SELECT"]),
        ("WITH se|", &[]),
        // Nothing.
        ("SELECT 'SEL|", &[]),
        ("SELECT -- SEL|", &[]),
        ("SELECT /* SEL| */ 1", &[]),
        ("SELECT * FROM credentials WHERE arn = 'a|", &[]),
        ("SELECT arn AS |", &[]),
        ("SELECT 12|", &[]),
        ("SELECT $$ SEL|", &[]),
    ];
    same(table);
}

/// What goes first where there is much to choose from.
#[test]
fn these_first() {
    let table: &[(&str, &[&str])] = &[
        ("SELECT | FROM reports", &["source", "partition", "rows", "*", "DISTINCT", "CASE"]),
        ("SELECT | FROM credential_report", &["\"user\"", "arn"]),
        ("SELECT arn, | FROM credentials", &["account_id", "\"user\"", "arn"]),
        ("SELECT * FROM reports WHERE |", &["source", "partition", "rows", "CASE", "CAST ("]),
        ("select * from reports where |", &["source"]),
        ("SELECT * FROM reports ORDER BY |", &["source"]),
        ("SELECT * FROM reports |", &["WHERE", "JOIN"]),
        ("SELECT * FROM reports r |", &["WHERE", "JOIN"]),
        ("SELECT * FROM reports JOIN credentials |", &["ON", "USING ("]),
        ("SELECT * FROM reports JOIN credentials ON |", &["source", "partition"]),
        ("SELECT * FROM reports WHERE rows > 1 |", &["AND", "OR"]),
        ("SELECT * FROM reports WHERE partition |", &["AND", "OR", "IS NULL"]),
        ("SELECT * FROM reports WHERE rows BETWEEN 1 |", &["AND"]),
        ("SELECT * FROM reports ORDER BY rows |", &["ASC", "DESC", "NULLS FIRST"]),
        ("SELECT * FROM reports GROUP BY source |", &["HAVING", "ORDER BY"]),
        ("SELECT * FROM reports LIMIT 5 |", &["LIMIT", "OFFSET"]),
        ("SELECT CASE | FROM reports", &["source"]),
        ("SELECT * |", &["FROM"]),
        ("SELECT arn |", &["FROM", "AS"]),
        ("SELECT count(*) |", &["FROM", "AS"]),
        ("SELECT count(| FROM reports", &["source"]),
        ("SELECT * FROM credentials WHERE active = |", &["true", "false"]),
        ("SELECT * FROM credentials WHERE age_days = |", &["account_id", "\"user\""]),
        ("SELECT * FROM credentials WHERE kind = |", &["'password'", "'access_key'"]),
        ("SELECT * FROM credentials WHERE kind IN (|", &["'password'", "'access_key'"]),
        ("SELECT * FROM credentials WHERE slot = |", &["1", "2"]),
        ("SELECT * FROM |", &["credential_report", "credentials", "reports"]),
        ("|", &["SELECT", "WITH"]),
        ("SELECT 1; |", &["SELECT", "WITH"]),
        ("SELECT * FROM (| ", &["credential_report"]),
    ];
    for (text, wanted) in table {
        let found = replacements(text);
        let first: Vec<_> = found.iter().take(wanted.len()).collect();
        let fits = found.len() >= wanted.len()
            && first.iter().zip(*wanted).all(|(found, wanted)| found.as_str() == *wanted);
        assert!(fits, "{text}: {first:?}, not {wanted:?}");
    }
}

#[test]
fn commands_and_their_arguments() {
    let table: &[(&str, &[&str])] = &[
        (r"\d|", &[r"\d", r"\dt", r"\df"]),
        (r"\ch|", &[r"\check"]),
        (".ta|", &[".tables"]),
        (".|", &[".schema", ".tables", ".mode", ".output", ".help", ".quit"]),
        ("SELECT 1;\n.sch|", &[".schema"]),
        (r"\d cr|", &["credential_report", "credentials"]),
        (r".schema rep|", &["reports"]),
        (r"\d reports |", &[]),
        (r"\df da|", &["date_trunc"]),
        (r"\n sh|", &["show"]),
        (r"\n root|", &["root-no-mfa"]),
        (r"\n show st|", &["stale-keys"]),
        (r"\n root-no-mfa max|", &["max_age_days="]),
        (r"\n root-no-mfa max_age_days=30 |", &["strict=", "only="]),
        (r"\n run root-no-mfa st|", &["strict="]),
        (r"\n root-no-mfa strict=f|", &["strict=false"]),
        (r"\f |", &["table", "csv", "json", "jsonl"]),
        (r"\f js|", &["json", "jsonl"]),
        (r"\check |", &["cis-aws-3.0", "cis-aws-1.5", "pci-dss"]),
        (r"\timing o|", &["on", "off"]),
        (r"\set si|", &["since"]),
        (r"\set since x|", &[]),
        (r"\? exp|", &["export"]),
        (r"\? root|", &["root-no-mfa"]),
        (r"\? coal|", &["coalesce"]),
        (r"\add de|", &["demo:"]),
        (r"\add |", &["aws:", "aws-org:", "demo:", "s3://"]),
        (r"\add data/|", &["path at 5"]),
        (r"\o |", &["path at 3"]),
        (r"\o out/f|", &["path at 3"]),
        (r"\export reports x|", &["path at 16"]),
        (r"SELECT 1 \o f|", &["path at 12"]),
        (r"\nonsense x|", &[]),
        ("qu|", &["quit"]),
    ];
    same(table);
    assert_eq!(replacements(r"\|").len(), 13);
    assert_eq!(replacements(r"\n |").first().map(String::as_str), Some("edit"));
}

#[test]
fn the_start_is_that_of_the_word() {
    for (text, wanted) in [
        ("SELECT mf|", 7),
        ("SELECT c.mf| FROM credential_report c", 9),
        ("SELECT * FROM information_schema.ta|", 14),
        ("SELECT 'é', mf|", 13),
        (r"\n root-no-mfa ma|", 15),
        ("SELECT $ma|", 7),
        ("SELECT * FROM credentials WHERE kind = 'a|", 39),
    ] {
        let (_, found) = at_bar(text);
        assert!(
            matches!(found, Completion::Words(start, _) if start == wanted),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_column_says_what_it_is() {
    let (_, found) = at_bar("SELECT password_last| FROM credential_report");
    let Completion::Words(_, found) = found else { return };
    let docs: Vec<_> = found.iter().map(|one| one.doc.as_str()).collect();
    assert_eq!(docs, ["timestamp · when the password was last set"]);
}
