use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Token as Theirs, Tokenizer, Whitespace};

use super::*;

fn kinds(text: &str) -> Vec<(Kind, &str)> {
    Lexer::new(text, 0).map(|token| (token.kind, token.text)).collect()
}

#[test]
fn nothing_is_lost() {
    for text in
        ["", "SELECT 'a", "/* /* */", "é“ñ” 'ü", "$", "$$", "$a$b", "E'\\", "q'", "nq'[", "1e+"]
    {
        let joined: String = Lexer::new(text, 0).map(|token| token.text).collect();
        assert_eq!(joined, text);
    }
}

#[test]
fn strings_of_all_spellings() {
    for text in [
        "'a''b'",
        "E'a\\'b'",
        "e'\\\\'",
        "X'00'",
        "n'a'",
        "B\"a\"",
        "R'''a'b'''",
        "q'[a'b]'",
        "nq'{x}'",
        "u&'\\0041'",
        "$$a;b$$",
        "$t$ $$ $t$",
        "''''",
    ] {
        assert_eq!(kinds(text), [(Kind::Text, text)]);
    }
}

#[test]
fn what_is_not_closed_runs_to_the_end() {
    for (text, kind) in [
        ("'a; b", Kind::Text),
        ("\"a; b", Kind::Quoted),
        ("/* a /* b */ ;", Kind::Comment),
        ("$$ a;", Kind::Text),
        ("$t$ a $$;", Kind::Text),
        ("E'a\\'", Kind::Text),
        ("'a''", Kind::Text),
    ] {
        let tokens: Vec<_> = Lexer::new(text, 0).collect();
        assert_eq!(tokens.len(), 1, "{text}");
        assert!(tokens.iter().all(|token| token.kind == kind && !token.closed), "{text}");
    }
}

#[test]
fn parameters_are_not_dollar_quotes() {
    let only: Vec<_> =
        kinds("$1 $name,$").into_iter().filter(|(kind, _)| *kind == Kind::Parameter).collect();
    assert_eq!(only, [(Kind::Parameter, "$1"), (Kind::Parameter, "$name"), (Kind::Parameter, "$")]);
}

#[test]
fn unquoting() {
    assert_eq!(unquote("\"a\"\"b\""), "a\"b");
    assert_eq!(unquote("'a''b"), "a'b");
    assert_eq!(unquote("'"), "");
    assert_eq!(unquote(""), "");
}

/// Bytes from a line and column as sqlparser counts them.
fn offset(text: &str, location: Location) -> usize {
    let (mut line, mut column) = (1, 1);
    for (at, c) in text.char_indices() {
        if (line, column) == (location.line, location.column) {
            return at;
        }
        if c == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    text.len()
}

fn kind_of(theirs: &Theirs) -> Kind {
    match theirs {
        Theirs::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => Kind::Comment,
        Theirs::Whitespace(_) => Kind::Blank,
        Theirs::Word(word) if word.quote_style.is_some() => Kind::Quoted,
        Theirs::Word(_) => Kind::Word,
        Theirs::Number(..) => Kind::Number,
        Theirs::Placeholder(text) if text.starts_with('$') => Kind::Parameter,
        Theirs::SemiColon => Kind::Semicolon,
        Theirs::Backslash => Kind::Backslash,
        other
            if format!("{other:?}").contains("String")
                && !matches!(other, Theirs::StringConcat) =>
        {
            Kind::Text
        }
        _ => Kind::Symbol,
    }
}

/// Where tokens that matter begin, ours and theirs.
fn compare(text: &str) {
    let dialect = GenericDialect {};
    let Ok(theirs) = Tokenizer::new(&dialect, text).tokenize_with_location() else { return };
    let wanted = |kind: Kind| !matches!(kind, Kind::Blank | Kind::Symbol | Kind::Number);
    let theirs: Vec<_> = theirs
        .iter()
        .map(|token| (kind_of(&token.token), offset(text, token.span.start)))
        .filter(|(kind, _)| wanted(*kind))
        .collect();
    let ours: Vec<_> = Lexer::new(text, 0)
        .map(|token| (token.kind, token.start))
        .filter(|(kind, _)| wanted(*kind))
        .collect();
    assert_eq!(ours, theirs, "{text}");
}

#[test]
fn agrees_with_the_parser_on_whatever_that_accepts() {
    let parts = [
        "SELECT ",
        "'a''b'",
        "\"c\"\"d\"",
        "`e`",
        "E'\\'x'",
        "$$q;$$",
        "$t$ ' $t$",
        "$p",
        "-- ' ;\n",
        "/* /* ' */ ; */",
        ";",
        "1.5e3",
        " ",
        "\n",
        "t.",
        "user",
        "b'1'",
        "r'x'",
        "nq'[']'",
        "x'0f'",
        "::",
        "<>",
        "(",
        ")",
        "*",
        ",",
        "é",
        "'",
        "\"",
        "\\",
        "-",
        "/",
        "$",
        "n",
        "u&'a'",
        "é'ü'",
    ];
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..6 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let pick = usize::try_from(seed >> 33).unwrap_or_default() % parts.len();
            text.push_str(parts.get(pick).copied().unwrap_or_default());
        }
        compare(&text);
    }
}
