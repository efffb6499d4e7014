//! What is due at a place in a statement.

use super::clause::{Clause, Opener};
use super::follow::{followers, is_in_cast};
use super::walk::{Frame, Walk};
use super::{Due, Expression};
use crate::shell::keywords;
use crate::shell::lexer::{Kind, Token};
use crate::shell::vocabulary::{ColumnWords, Vocabulary};

/// A place between the tokens of a statement.
pub(crate) struct Place<'a> {
    /// What can be named.
    pub(crate) vocabulary: &'a Vocabulary,
    /// The statement without blanks, comments and the word under the cursor.
    pub(crate) tokens: &'a [Token<'a>],
    /// How many of them are before the cursor.
    pub(crate) at: usize,
    /// What a walk over them found.
    pub(crate) walk: &'a Walk<'a>,
}

impl Place<'_> {
    /// What is due outside quotes.
    pub(crate) fn due(&self) -> Due {
        let frame = self.walk.frame();
        let Some(last) = self.back(1) else { return Due::Statement };
        if last.is_symbol(".") {
            return self.after_dot(&frame);
        }
        if last.is_symbol("::") || (last.is("AS") && is_in_cast(&frame)) {
            return Due::Phrase(keywords::TYPES.to_vec());
        }
        if let Some(keywords) = self.phrase(&last, &frame) {
            return Due::Phrase(keywords);
        }
        match frame.clause {
            Clause::With => self.in_with(&last, &frame),
            Clause::From if frame.expects_table => self.table(&last, &frame),
            Clause::Start => Due::Keyword(keywords::QUERIES.to_vec()),
            Clause::Window if last.is("AS") => Due::Phrase(vec!["("]),
            _ if last.is("AS") || last.is("WINDOW") => Due::Nothing,
            _ if self.is_operand_due(&last, &frame) => self.operand(&last, &frame),
            _ if last.kind == Kind::Text
                && self.back(2).is_some_and(|word| word.is("INTERVAL")) =>
            {
                let units = keywords::UNITS.iter().copied();
                Due::Keyword(units.chain(followers(&last, &frame)).collect())
            }
            _ => Due::Keyword(followers(&last, &frame)),
        }
    }

    /// What is due inside a string: a value, if a column is compared with it.
    pub(crate) fn in_string(&self) -> Due {
        let frame = self.walk.frame();
        let column = self.compared(&frame);
        column.map_or(Due::Nothing, |column| Due::Value {
            column,
            quoted: true,
            or: Expression::default(),
        })
    }

    /// Where the name begins whose last dot is right before the cursor.
    pub(crate) fn dotted_start(&self) -> Option<usize> {
        let mut n = 0;
        while self.back(n + 1).is_some_and(|token| token.is_symbol("."))
            && self.back(n + 2).is_some_and(|token| token.name().is_some())
        {
            n += 2;
        }
        self.back(n).filter(|_| n > 0).map(|token| token.start)
    }

    /// The `n`th token before the cursor, counted from 1.
    fn back(&self, n: usize) -> Option<Token<'_>> {
        self.at.checked_sub(n).and_then(|index| self.tokens.get(index)).copied()
    }

    /// Whether a token is a keyword here and not a name.
    fn is_keyword(&self, token: &Token<'_>, frame: &Frame<'_>) -> bool {
        let is_window = ["PARTITION", "ROWS", "RANGE", "PRECEDING", "FOLLOWING", "UNBOUNDED"];
        let is_column = self.vocabulary.has_column(token.text);
        token.kind == Kind::Word
            && keywords::is_keyword(token.text)
            && (frame.opener == Opener::Over
                || !(is_column || is_window.iter().any(|word| token.is(word))))
            && !self.back(2).is_some_and(|before| before.is_symbol("."))
    }

    /// How words go on that say nothing by themselves.
    fn phrase(&self, last: &Token<'_>, frame: &Frame<'_>) -> Option<Vec<&'static str>> {
        let is_word = self.is_keyword(last, frame) || last.is("COLUMNS") || last.is("SHOW");
        let before = self.back(2);
        let is_after = |word: &str| before.is_some_and(|before| before.is(word));
        if !is_word {
            return None;
        }
        if last.is("NOT") && is_after("IS") {
            return Some(vec!["NULL", "TRUE", "FALSE", "DISTINCT FROM"]);
        }
        if last.is("NOT") && before.is_some_and(|before| self.ends_operand(&before, frame)) {
            return Some(vec!["IN (", "LIKE", "ILIKE", "BETWEEN"]);
        }
        if last.is("DISTINCT") && (is_after("IS") || is_after("NOT")) {
            return Some(vec!["FROM"]);
        }
        if last.is("IN") {
            return Some(vec!["("]);
        }
        if last.is("NULLS") && is_after("IGNORE") {
            return None;
        }
        keywords::phrase(last.text).map(<[_]>::to_vec)
    }

    fn in_with(&self, last: &Token<'_>, frame: &Frame<'_>) -> Due {
        if last.is_symbol(")") {
            // The end of a body, or of the names before it.
            let cte = frame.cte.and_then(|cte| self.walk.ctes.get(cte));
            let is_body_done = cte.is_some_and(|cte| cte.block.is_some());
            return Due::Phrase(if is_body_done { vec!["SELECT"] } else { vec!["AS ("] });
        }
        let is_name = last.name().is_some() && !last.is("WITH") && !last.is("RECURSIVE");
        match () {
            () if last.is("AS") => Due::Phrase(vec!["("]),
            () if is_name && frame.opener == Opener::Statement => Due::Phrase(vec!["AS ("]),
            () if last.is("WITH") => Due::Phrase(vec!["RECURSIVE"]),
            () => Due::Nothing,
        }
    }

    fn table(&self, last: &Token<'_>, frame: &Frame<'_>) -> Due {
        let or_query = last.is_symbol("(");
        Due::TableName { ctes: self.walk.visible_ctes(self.vocabulary, frame.block), or_query }
    }

    /// After `name.`: a column of that table, or the rest of a table's name.
    fn after_dot(&self, frame: &Frame<'_>) -> Due {
        let qualifier = self.back(2).and_then(|token| token.name());
        if qualifier.is_none() {
            return Due::Nothing;
        }
        if frame.clause == Clause::From {
            // The name is begun, so the walk takes what follows for an alias.
            return Due::TableName { ctes: Vec::new(), or_query: false };
        }
        let only_columns = true;
        Due::Column(Expression { qualifier, only_columns, ..self.expression(frame) })
    }

    /// Whether the token before the cursor asks for an operand.
    fn is_operand_due(&self, last: &Token<'_>, frame: &Frame<'_>) -> bool {
        if self.is_keyword(last, frame) && keywords::is_before_operand(last.text) {
            return true;
        }
        last.kind == Kind::Symbol && !self.ends_operand(last, frame)
    }

    /// Whether an operand can end with this token.
    fn ends_operand(&self, token: &Token<'_>, frame: &Frame<'_>) -> bool {
        match token.kind {
            Kind::Symbol if token.text == "*" => self.back(2).is_none_or(|before| {
                ["(", ",", "."].iter().any(|symbol| before.is_symbol(symbol))
                    || ["SELECT", "DISTINCT", "ALL"].iter().any(|word| before.is(word))
            }),
            Kind::Symbol => matches!(token.text, ")" | "]" | "}"),
            Kind::Word => {
                !self.is_keyword(token, frame)
                    || ["END", "NULL", "TRUE", "FALSE"].iter().any(|word| token.is(word))
            }
            _ => true,
        }
    }

    fn operand(&self, last: &Token<'_>, frame: &Frame<'_>) -> Due {
        let mut or = self.expression(frame);
        if frame.clause == Clause::Select && !last.is_symbol(",") && last.is("SELECT") {
            or.keywords.splice(0..0, ["*", "DISTINCT"]);
        } else if frame.clause == Clause::Select && (last.is_symbol(",") || last.is("DISTINCT")) {
            or.keywords.insert(0, "*");
        } else if last.is_symbol("(") {
            match &frame.opener {
                Opener::Call(function) if function.eq_ignore_ascii_case("count") => {
                    or.keywords.splice(0..0, ["*", "DISTINCT"]);
                }
                Opener::Call(_) => or.keywords.insert(0, "DISTINCT"),
                Opener::Over => return Due::Phrase(vec!["PARTITION BY", "ORDER BY"]),
                Opener::Names => or.only_columns = true,
                _ => or.keywords.insert(0, "SELECT"),
            }
        } else if last.is("CASE") {
            or.keywords.insert(0, "WHEN");
        }
        match self.compared(frame) {
            Some(column) => Due::Value { column, quoted: false, or },
            None => Due::Column(or),
        }
    }

    fn expression(&self, frame: &Frame<'_>) -> Expression {
        let is_of_output =
            matches!(frame.clause, Clause::OrderBy | Clause::GroupBy | Clause::Having)
                && frame.opener != Opener::Over;
        let aliases = is_of_output.then(|| self.walk.aliases(self.vocabulary, frame.block));
        Expression {
            scope: self.walk.scope(self.vocabulary, frame.block),
            qualifier: None,
            aliases: aliases.unwrap_or_default(),
            only_columns: frame.opener == Opener::Names,
            keywords: keywords::OPERANDS.to_vec(),
        }
    }

    /// The column that what is due is compared with.
    fn compared(&self, frame: &Frame<'_>) -> Option<ColumnWords> {
        if let Opener::In(column) = frame.opener {
            return self.column_ending_at(column, frame);
        }
        let last = self.back(1)?;
        if last.is("WHEN") {
            return self.examined(frame);
        }
        let is_like = last.is("LIKE") || last.is("ILIKE");
        let is_not = is_like && self.back(2).is_some_and(|before| before.is("NOT"));
        let is_equal = ["=", "<>", "!=", "=="].iter().any(|symbol| last.is_symbol(symbol));
        let is_distinct = last.is("FROM") && self.back(2).is_some_and(|word| word.is("DISTINCT"));
        let length = match () {
            () if is_distinct && self.back(3).is_some_and(|word| word.is("NOT")) => 5,
            () if is_distinct => 4,
            () if is_not => 3,
            () if is_like || is_equal => 2,
            () => return None,
        };
        self.column_ending_at(self.at.checked_sub(length)?, frame)
    }

    /// The column of `CASE column WHEN …`.
    fn examined(&self, frame: &Frame<'_>) -> Option<ColumnWords> {
        let case = frame.cases.last()?.start;
        let case = self.tokens.partition_point(|token| token.start < case);
        let column = self.tokens.get(case + 1..)?.iter().take_while(|token| {
            !token.is("WHEN") && (token.name().is_some() || token.is_symbol("."))
        });
        let length = column.count();
        let is_all = self.tokens.get(case + length + 1)?.is("WHEN");
        self.column_ending_at(case + length, frame).filter(|_| is_all && length > 0)
    }

    /// The column whose name ends with this token.
    fn column_ending_at(&self, index: usize, frame: &Frame<'_>) -> Option<ColumnWords> {
        let name = self.tokens.get(index)?.name()?;
        let is_dotted = index >= 2 && self.tokens.get(index - 1)?.is_symbol(".");
        let qualifier =
            if is_dotted { self.tokens.get(index - 2).and_then(Token::name) } else { None };
        let expression = Expression { qualifier, ..self.expression(frame) };
        expression.column(self.vocabulary, &name)
    }
}
