//! What brackets do to a walk over a statement.

use super::clause::{Clause, Opener, begins_query};
use super::query::{Block, TableRef};
use super::walk::{Frame, Walk};
use crate::shell::lexer::{Kind, Token};

impl<'a> Walk<'a> {
    pub(super) fn open(
        &mut self,
        tokens: &[Token<'a>],
        index: usize,
        previous: Option<&Token<'a>>,
        next: Option<&Token<'a>>,
    ) {
        let Some(outer) = self.frames.last_mut() else { return };
        let mut frame = Frame { block: outer.block, clause: Clause::Nested, ..Frame::default() };
        let is_cte_body = outer.clause == Clause::With
            && previous.is_some_and(|word| word.is("AS") || word.is("MATERIALIZED"));
        let is_table = outer.clause == Clause::From && outer.expects_table;
        if outer.clause == Clause::Select
            && let Some(token) = tokens.get(index)
        {
            outer.item.push(*token);
        }
        if is_cte_body || next.is_some_and(begins_query) {
            let cte = outer.cte.filter(|_| is_cte_body);
            if is_table {
                outer.expects_table = false;
                outer.may_alias = true;
            }
            let outer = outer.block;
            let sees_outer = !is_cte_body && !is_table;
            frame.opener = Opener::Query;
            frame.clause = Clause::Start;
            frame.block = self.add_block(outer, sees_outer);
            if let Some(cte) = cte.and_then(|cte| self.ctes.get_mut(cte)) {
                cte.block = Some(frame.block);
            } else if is_table {
                let subquery = Some(frame.block);
                self.add_table(outer, TableRef { subquery, ..TableRef::default() });
            }
        } else if is_table {
            frame.opener = Opener::Joins;
            frame.clause = Clause::From;
            frame.expects_table = true;
            outer.expects_table = false;
        } else if outer.clause == Clause::Window {
            frame.opener = Opener::Over;
        } else if outer.clause == Clause::With {
            frame.opener = Opener::Names;
            frame.cte = outer.cte;
        } else if outer.clause == Clause::Using {
            frame.opener = Opener::Names;
            frame.clause = Clause::Using;
        } else {
            let is_from = outer.clause == Clause::From;
            let is_after_alias = is_from && !outer.may_alias;
            frame.opener = opener(tokens, index, previous, is_after_alias);
        }
        self.frames.push(frame);
    }

    pub(super) fn close(&mut self) {
        self.end_item();
        self.frames.pop();
    }

    /// Leaves the brackets of expressions, for a word that only a query can go on with.
    pub(super) fn leave_expression(&mut self) {
        let is_query = |frame: &Frame<'_>| {
            matches!(frame.opener, Opener::Statement | Opener::Query | Opener::Joins)
        };
        while self.frames.len() > 1 && !self.frames.last().is_some_and(is_query) {
            self.frames.pop();
        }
    }

    fn add_block(&mut self, outer: usize, sees_outer: bool) -> usize {
        let group = self.blocks.get(outer).map(|block| block.group);
        self.groups.push(group);
        let parent = sees_outer.then_some(outer);
        self.blocks.push(Block { parent, group: self.groups.len() - 1, ..Block::default() });
        self.blocks.len() - 1
    }

    pub(super) fn add_table(&mut self, block: usize, table: TableRef) {
        if let Some(block) = self.blocks.get_mut(block) {
            block.tables.push(table);
        }
    }
}

/// What a bracket in an expression is opened by.
fn opener(
    tokens: &[Token<'_>],
    index: usize,
    previous: Option<&Token<'_>>,
    is_after_alias: bool,
) -> Opener {
    let Some(previous) = previous else { return Opener::Group };
    let is_plain_word = ["AND", "OR", "NOT", "ON", "WHERE", "WHEN", "THEN", "ELSE", "BY", "FILTER"]
        .iter()
        .chain(["SELECT", "DISTINCT", "HAVING", "CASE", "ALL", "EXISTS", "GROUP"].iter())
        .any(|word| previous.is(word));
    if previous.is("IN") {
        let is_negated = index >= 2 && tokens.get(index - 2).is_some_and(|word| word.is("NOT"));
        let column = (index).checked_sub(if is_negated { 3 } else { 2 });
        column.map_or(Opener::Group, Opener::In)
    } else if previous.is("OVER") {
        Opener::Over
    } else if is_after_alias {
        Opener::Names
    } else if previous.kind == Kind::Word && !is_plain_word {
        Opener::Call(previous.text.to_owned())
    } else {
        Opener::Group
    }
}
