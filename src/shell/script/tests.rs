use super::PieceKind::{Command, Sql, Unfinished};
use super::*;

fn pieces(text: &str) -> Vec<(PieceKind, &str, usize)> {
    split(text).into_iter().map(|piece| (piece.kind, piece.text, piece.line)).collect()
}

#[test]
fn statements_end_at_semicolons_outside_quotes_and_comments() {
    assert_eq!(pieces("SELECT 1; SELECT 2;"), [(Sql, "SELECT 1", 1), (Sql, "SELECT 2", 1)]);
    assert_eq!(
        pieces("SELECT ';' ; SELECT 'it''s;'"),
        [(Sql, "SELECT ';'", 1), (Unfinished, "SELECT 'it''s;'", 1)]
    );
    for whole in [
        r#"SELECT ";" "#,
        r"SELECT E'\';'",
        "SELECT 1 -- no ; here\n + 1",
        "SELECT 1 /* ; /* ; */ ; */ + 1",
        "SELECT $$;$$",
        "SELECT $tag$ ; $$ ; $tag$",
        "SELECT $1, $name",
    ] {
        assert_eq!(pieces(&format!("{whole};")), [(Sql, whole.trim_end(), 1)]);
    }
}

#[test]
fn what_holds_nothing_is_left_out() {
    for nothing in ["", " \n\t", ";;", " ; ; ", "-- a", "/* a */ ;", "-- a\n;"] {
        assert_eq!(pieces(nothing), [], "{nothing:?}");
    }
}

#[test]
fn lines_are_those_of_the_first_character_that_counts() {
    assert_eq!(
        pieces("\n-- why\n\nSELECT\n1;\r\n/* x\n */ SELECT 2;\n\\d\n SELECT 3"),
        [
            (Sql, "SELECT\n1", 4),
            (Sql, "SELECT 2", 7),
            (Command, "\\d", 8),
            (Unfinished, "SELECT 3", 9),
        ]
    );
}

#[test]
fn commands_end_with_their_line() {
    assert_eq!(
        pieces("\\d credentials\r\nSELECT 1;"),
        [(Command, "\\d credentials", 1), (Sql, "SELECT 1", 2)]
    );
    assert_eq!(
        pieces("  \\echo it's; -- all of it\n\\q"),
        [(Command, "\\echo it's; -- all of it", 1), (Command, "\\q", 2)]
    );
    assert_eq!(pieces("SELECT 1; \\d"), [(Sql, "SELECT 1", 1), (Command, "\\d", 1)]);
    assert_eq!(pieces("\\d;"), [(Command, "\\d;", 1)]);
    assert_eq!(
        pieces("-- c\n.tables\n.mode csv"),
        [(Command, ".tables", 2), (Command, ".mode csv", 3)]
    );
}

#[test]
fn a_backslash_cuts_an_open_statement_off() {
    assert_eq!(
        pieces("SELECT 1 \\g file.csv\nSELECT 2;"),
        [(Unfinished, "SELECT 1", 1), (Command, "\\g file.csv", 1), (Sql, "SELECT 2", 2)]
    );
    assert_eq!(pieces("SELECT 1\n  \\gx"), [(Unfinished, "SELECT 1", 1), (Command, "\\gx", 2)]);
    assert_eq!(pieces("SELECT '\\g' -- \\g\n;"), [(Sql, "SELECT '\\g' -- \\g", 1)]);
}

#[test]
fn bare_words_are_commands_only_alone_on_a_line_and_between_statements() {
    assert_eq!(pieces("help"), [(Command, "help", 1)]);
    assert_eq!(pieces(" Quit ; \nSELECT 1;"), [(Command, "Quit", 1), (Sql, "SELECT 1", 2)]);
    assert_eq!(
        pieces("exit;exit"),
        [(Unfinished, "exit;exit", 1)]
            .map(|_| (Sql, "exit", 1))
            .into_iter()
            .chain([(Unfinished, "exit", 1)])
            .collect::<Vec<_>>()
    );
    assert_eq!(pieces("SELECT\nhelp\n;"), [(Sql, "SELECT\nhelp", 1)]);
    assert_eq!(pieces("help me;"), [(Sql, "help me", 1)]);
    assert_eq!(pieces("SELECT 1 AS x\n.5;"), [(Sql, "SELECT 1 AS x\n.5", 1)]);
}

#[test]
fn completeness() {
    for complete in [
        "",
        "  \n",
        "SELECT 1;",
        "SELECT 1; ",
        "SELECT 1; -- done",
        "-- only",
        "/* only */",
        "\\d",
        "\\d;",
        "SELECT 1 \\g",
        ".tables",
        "quit",
        "exit;",
        "SELECT 1;\n\\timing",
        ";",
        "\\echo 'open",
    ] {
        assert!(is_complete(complete), "{complete:?}");
    }
    for open in [
        "SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT ';",
        "SELECT \";",
        "SELECT $$;",
        "SELECT /* ;",
        "SELECT 1; /* ",
        "SELECT 1 -- ;",
        "\\d\nSELECT 1",
        "SELECT E'\\';",
        "/* a /* b */ ;",
        "SELECT $x$;$$;",
        "help me",
    ] {
        assert!(!is_complete(open), "{open:?}");
    }
}

#[test]
fn the_region_of_a_cursor() {
    let text = "SELECT 1; \\d x\nSELECT 2 \\g y\n";
    let region = |at| {
        let region = region_at(text, at);
        (region.kind, text.get(region.start..region.end).unwrap_or_default())
    };
    assert_eq!(region(0), (Sql, "SELECT 1"));
    assert_eq!(region(8), (Sql, "SELECT 1"));
    assert_eq!(region(9), (Unfinished, ""));
    assert_eq!(region(10), (Command, "\\d x"));
    assert_eq!(region(14), (Command, "\\d x"));
    assert_eq!(region(15), (Unfinished, "SELECT 2 "));
    assert_eq!(region(28), (Command, "\\g y"));
    assert_eq!(region(text.len()), (Unfinished, ""));
}

#[test]
fn a_long_script_of_every_thing_at_once() {
    let one = "SELECT 'a;b', \"c;d\" /* ; */ FROM t -- ;\n;\n\\d x\n";
    let text = one.repeat(2_000);
    let all = pieces(&text);
    assert_eq!(all.len(), 4_000);
    assert_eq!(all.last(), Some(&(Command, "\\d x", 6_000)));
}
