//! What keywords do to a walk over a statement.

use super::clause::{Clause, Opener, clause_of, is_set_operator, takes_from};
use super::query::Block;
use super::walk::{Case, Walk};
use crate::shell::lexer::Token;

impl<'a> Walk<'a> {
    /// Does what a keyword does; tells whether it was one that does something.
    pub(super) fn keyword(
        &mut self,
        token: &Token<'a>,
        previous: Option<&Token<'a>>,
        next: Option<&Token<'a>>,
    ) -> bool {
        self.case(token);
        if token.is("FROM") {
            return self.from(previous);
        }
        if let Some(clause) = clause_of(token, next) {
            self.begin(clause, token);
            return true;
        }
        let Some(frame) = self.frames.last_mut() else { return false };
        let is_start = frame.clause == Clause::Start;
        if token.is("SELECT") {
            frame.clause = Clause::Select;
            frame.item.clear();
        } else if token.is("WITH") && is_start {
            frame.clause = Clause::With;
        } else if is_start && ["DESCRIBE", "DESC", "TABLE"].iter().any(|word| token.is(word)) {
            frame.clause = Clause::From;
            frame.expects_table = true;
        } else if token.is("JOIN") {
            self.leave_expression();
            if let Some(frame) = self.frames.last_mut() {
                frame.clause = Clause::From;
                frame.expects_table = true;
                frame.may_alias = false;
                frame.is_joined =
                    !previous.is_some_and(|word| word.is("CROSS") || word.is("NATURAL"));
            }
        } else if token.is("ON") && frame.clause == Clause::From {
            frame.clause = Clause::On;
            frame.is_joined = false;
        } else if token.is("USING") && frame.clause == Clause::From {
            frame.clause = Clause::Using;
            frame.is_joined = false;
        } else if token.is("PARTITION") && frame.opener == Opener::Over {
            frame.clause = Clause::GroupBy;
        } else if is_set_operator(token) {
            return self.combine(next);
        } else {
            return false;
        }
        true
    }

    /// Keeps account of `CASE` and `BETWEEN`.
    fn case(&mut self, token: &Token<'a>) {
        let Some(frame) = self.frames.last_mut() else { return };
        if token.is("CASE") {
            frame.cases.push(Case { start: token.start, last: token.text });
        } else if ["WHEN", "THEN", "ELSE"].iter().any(|word| token.is(word)) {
            if let Some(case) = frame.cases.last_mut() {
                case.last = token.text;
            }
        } else if token.is("END") {
            frame.cases.pop();
        } else if token.is("BETWEEN") {
            frame.is_between = true;
        } else if token.is("AND") {
            frame.is_between = false;
        }
    }

    /// `FROM`: of a query, of a function like `extract`, or of `IS DISTINCT FROM`.
    fn from(&mut self, previous: Option<&Token<'a>>) -> bool {
        let is_argument = match self.frames.last().map(|frame| &frame.opener) {
            Some(Opener::Call(function)) => takes_from(function),
            _ => false,
        };
        let is_comparison = previous.is_some_and(|word| word.is("DISTINCT"));
        if is_argument || is_comparison {
            return true;
        }
        self.end_item();
        self.leave_expression();
        self.end_item();
        if let Some(frame) = self.frames.last_mut() {
            frame.clause = Clause::From;
            frame.expects_table = true;
            frame.cases.clear();
        }
        true
    }

    /// Begins a clause after the tables. Brackets that only a query may go on from are taken as not
    /// closed yet.
    fn begin(&mut self, clause: Clause, token: &Token<'a>) {
        let is_inside = self.frames.last().is_some_and(|frame| match frame.opener {
            Opener::Call(_) => clause == Clause::OrderBy,
            Opener::Over => matches!(clause, Clause::OrderBy | Clause::GroupBy),
            Opener::Group => frame.clause == Clause::Nested && token.is("WHERE"),
            _ => false,
        });
        if !is_inside {
            self.end_item();
            self.leave_expression();
            self.end_item();
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.clause = clause;
            frame.expects_table = false;
            frame.is_between = false;
            frame.cases.clear();
        }
    }

    /// `UNION` and the like: another query at the same place.
    fn combine(&mut self, next: Option<&Token<'a>>) -> bool {
        let is_star_except = self.frames.last().is_some_and(|frame| {
            frame.clause == Clause::Select
                && frame.item.last().is_some_and(|last| last.is_symbol("*"))
                && next.is_some_and(|next| next.is_symbol("("))
        });
        if is_star_except {
            return true;
        }
        self.end_item();
        self.leave_expression();
        self.end_item();
        let block = self.frames.last().map_or(0, |frame| frame.block);
        let old = self.blocks.get(block).cloned().unwrap_or_default();
        let added = Block { parent: old.parent, group: old.group, ..Block::default() };
        if let Some(frame) = self.frames.last_mut() {
            frame.block = self.blocks.len();
            frame.clause = Clause::Start;
        }
        self.blocks.push(added);
        true
    }
}
