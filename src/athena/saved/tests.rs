use super::*;

fn library() -> Library {
    Library::embedded().expect("the library is read by tests")
}

#[test]
fn every_view_and_every_query_can_be_kept() {
    let views = views(&library(), "iam").expect("they can be rendered");
    assert_eq!(views.iter().map(|view| view.name).collect::<Vec<_>>(), VIEWS);
    for over in [Over::Tables, Over::Views] {
        let queries = queries(&library(), "iam", over).expect("they can be rendered");
        assert_eq!(queries.len(), library().iter().count());
        for query in &queries {
            assert!(!query.sql.contains('$'), "{}: {}", query.id, query.sql);
        }
    }
}

#[test]
fn over_views_there_is_only_what_no_view_is() {
    let queries = queries(&library(), "iam", Over::Views).expect("they can be rendered");
    let of = |id: &str| {
        let query = queries.iter().find(|query| query.id == id).expect("it is built in");
        query.sql.clone()
    };
    assert!(!of("keys-rotated").contains("\"iam\""), "{}", of("keys-rotated"));
    assert!(of("password-policy-digit").contains("password_policy AS ("));
    // The exported table has no is_latest.
    assert!(of("stale-or-failed-reports").contains("reports AS ("));
}

#[test]
fn parameters_and_tables_of_one_s_own_are_told() {
    let queries = queries(&library(), "iam", Over::Tables).expect("they can be rendered");
    let of = |id: &str| queries.iter().find(|query| query.id == id).expect("it is built in");
    assert!(of("keys-rotated").remarks[0].starts_with("max_age_days: "));
    assert!(of("keys-rotated").remarks[0].ends_with("(here 90)"));
    assert!(of("keys-rotated").sql.contains("age_days > 90"));
    assert!(of("everything-about-a-user").remarks[0].contains("put yours in"));
    assert!(of("keys-of-people-who-left").remarks.concat().contains("`people`"));
    assert!(of("what-changed-recently").sql.contains("TIMESTAMP '2000-01-01 00:00:00.000'"));
    assert!(of("keys-used-from-expected-regions").sql.contains("'any' IN ('any')"));
}

#[test]
fn a_text_that_is_a_line_is_not_indented() {
    let statement = "SELECT '\n' AS a, 'b\nc' AS d FROM (SELECT 1 AS e) AS f";
    let Some(datafusion::sql::sqlparser::ast::Statement::Query(query)) =
        Parser::parse_sql(&GenericDialect {}, statement).expect("it is SQL").pop()
    else {
        panic!("it is a query");
    };
    assert_eq!(pretty(&query), statement);
}

#[test]
fn the_list_of_controls_has_every_control_and_its_quotes() {
    let views = views(&library(), "iam").expect("they can be rendered");
    let controls = &views.last().expect("there are views").sql;
    assert_eq!(controls.matches("\n  ('").count(), library().controls().count());
    let tree = Parser::parse_sql(&GenericDialect {}, controls);
    assert!(tree.is_ok(), "{tree:?}");
}
