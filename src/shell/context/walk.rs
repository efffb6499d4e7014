//! One pass over a statement, half-typed as it may be: its queries, their tables and columns, and
//! where in all this the cursor is.
//!
//! This is no parser: it goes by brackets and by the words that begin clauses, and never fails.

use super::clause::{Clause, Opener, may_be_alias};
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::query::{Block, Cte, TableRef, outputs};
use crate::shell::lexer::{Kind, Token};
use crate::shell::vocabulary::ColumnWords;

/// An open bracket, or the statement.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct Frame<'a> {
    /// What opened it.
    pub(crate) opener: Opener,
    /// The query it belongs to.
    pub(crate) block: usize,
    /// The clause it is in.
    pub(crate) clause: Clause,
    /// Whether the name of a table is due.
    pub(crate) expects_table: bool,
    /// Whether a join waits for its condition.
    pub(crate) is_joined: bool,
    /// The open `CASE` expressions.
    pub(crate) cases: Vec<Case<'a>>,
    /// Whether a `BETWEEN` waits for its `AND`.
    pub(crate) is_between: bool,
    /// The tokens of the current item of the select list.
    pub(super) item: Vec<Token<'a>>,
    /// Whether an alias may follow the last table.
    pub(super) may_alias: bool,
    /// The common table expression that was begun last, or that names in this bracket belong to.
    pub(crate) cte: Option<usize>,
}

/// An open `CASE`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// The last of its words: `CASE`, `WHEN`, `THEN` or `ELSE`.
    pub(crate) last: &'a str,
}

/// What a pass over a statement found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk<'a> {
    /// Its queries.
    pub(crate) blocks: Vec<Block>,
    /// Its common table expressions.
    pub(crate) ctes: Vec<Cte>,
    /// For each level of queries, the one around it.
    pub(crate) groups: Vec<Option<usize>>,
    /// The brackets around the cursor, innermost last.
    pub(crate) here: Vec<Frame<'a>>,
    /// Columns of queries that were asked for before.
    pub(super) known: RefCell<BTreeMap<usize, Vec<ColumnWords>>>,
    pub(super) frames: Vec<Frame<'a>>,
}

impl<'a> Walk<'a> {
    /// Walks over tokens without blanks and comments; the cursor stands before the token `at`.
    pub(crate) fn new(tokens: &[Token<'a>], at: usize) -> Self {
        let mut walk = Self {
            blocks: vec![Block::default()],
            groups: vec![None],
            frames: vec![Frame::default()],
            ..Self::default()
        };
        for (index, token) in tokens.iter().enumerate() {
            if index == at {
                walk.here.clone_from(&walk.frames);
            }
            walk.step(tokens, index, token);
        }
        if walk.here.is_empty() {
            walk.here.clone_from(&walk.frames);
        }
        while walk.frames.len() > 1 {
            walk.close();
        }
        walk.end_item();
        walk
    }

    /// The innermost bracket around the cursor.
    pub(crate) fn frame(&self) -> Frame<'a> {
        self.here.last().cloned().unwrap_or_default()
    }

    fn step(&mut self, tokens: &[Token<'a>], index: usize, token: &Token<'a>) {
        let previous = index.checked_sub(1).and_then(|before| tokens.get(before));
        let next = tokens.get(index + 1);
        match token.kind {
            Kind::Symbol if token.text == "(" => return self.open(tokens, index, previous, next),
            Kind::Symbol if token.text == ")" && self.frames.len() > 1 => self.close(),
            Kind::Symbol if token.text == "," => self.comma(),
            Kind::Word | Kind::Quoted => self.word(token, previous, next),
            _ => {}
        }
        if let Some(frame) = self.frames.last_mut()
            && frame.clause == Clause::Select
            && !token.is_symbol(",")
        {
            frame.item.push(*token);
        }
    }

    fn comma(&mut self) {
        self.end_item();
        if let Some(frame) = self.frames.last_mut() {
            match frame.clause {
                _ if frame.opener == Opener::Names => {}
                Clause::From | Clause::On | Clause::Using => {
                    frame.clause = Clause::From;
                    frame.expects_table = true;
                    frame.may_alias = false;
                    frame.is_joined = false;
                }
                Clause::With => frame.cte = None,
                _ => {}
            }
        }
    }

    fn word(&mut self, token: &Token<'a>, previous: Option<&Token<'a>>, next: Option<&Token<'a>>) {
        let is_part = |other: Option<&Token<'a>>| other.is_some_and(|other| other.is_symbol("."));
        let is_qualified = is_part(previous) || is_part(next);
        if !is_qualified && token.kind == Kind::Word && self.keyword(token, previous, next) {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        let block = frame.block;
        match frame.clause {
            Clause::From if frame.expects_table => {
                if token.is("LATERAL") || token.is("ONLY") {
                    return;
                }
                frame.expects_table = false;
                frame.may_alias = true;
                let name = token.name().unwrap_or_default();
                self.add_table(block, TableRef { name, ..TableRef::default() });
            }
            Clause::From => {
                let is_dotted = is_part(previous);
                let is_alias = frame.may_alias && !is_dotted && may_be_alias(token);
                frame.may_alias &= !is_alias;
                let name = token.name().unwrap_or_default();
                if let Some(table) = self.blocks.get_mut(block).and_then(|b| b.tables.last_mut()) {
                    if is_dotted {
                        table.name = format!("{}.{name}", table.name);
                    } else if is_alias {
                        table.alias = Some(name);
                    }
                }
            }
            Clause::With if frame.cte.is_none() && !token.is("RECURSIVE") => {
                frame.cte = Some(self.ctes.len());
                let group = self.blocks.get(block).map_or(0, |block| block.group);
                let name = token.name().unwrap_or_default();
                self.ctes.push(Cte { name, group, ..Cte::default() });
            }
            _ if frame.opener == Opener::Names => {
                let name = token.name().unwrap_or_default();
                if let Some(cte) = frame.cte {
                    self.ctes.get_mut(cte).into_iter().for_each(|cte| cte.names.push(name.clone()));
                } else if frame.clause == Clause::Nested
                    && let Some(table) =
                        self.blocks.get_mut(block).and_then(|b| b.tables.last_mut())
                {
                    table.names.push(name);
                }
            }
            _ => {}
        }
    }

    /// The item of the select list is over: what it is called is known now.
    pub(super) fn end_item(&mut self) {
        if let Some(frame) = self.frames.last_mut()
            && frame.clause == Clause::Select
        {
            let item = std::mem::take(&mut frame.item);
            if let Some(block) = self.blocks.get_mut(frame.block) {
                block.outputs.extend(outputs(&item));
            }
        }
    }
}
