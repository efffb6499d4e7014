//! The columns that can be named at a place.

use super::query::{Cte, Output, TableRef};
use super::walk::Walk;
use crate::shell::vocabulary::{ColumnWords, TableWords, Vocabulary};

/// A table that can be referred to, under the name it has in the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ScopeTable {
    /// Its alias, else its name.
    pub(crate) name: String,
    /// Its columns in order, as far as they are known.
    pub(crate) columns: Vec<ColumnWords>,
    /// How many queries further out it is.
    pub(crate) depth: usize,
}

/// Queries inside queries are followed so far.
const DEEPEST: usize = 60;
/// No more columns of one query are kept.
const WIDEST: usize = 1_000;

impl Walk<'_> {
    /// The tables of a query, then those of the queries around it.
    pub(crate) fn scope(&self, vocabulary: &Vocabulary, block: usize) -> Vec<ScopeTable> {
        let mut scope = Vec::new();
        let mut next = Some(block);
        for depth in 0..DEEPEST {
            let Some(block) = next.and_then(|block| self.blocks.get(block)) else { break };
            for table in &block.tables {
                let columns = self.columns(vocabulary, block.group, table, 0);
                let plain = table.name.rsplit('.').next().unwrap_or_default();
                let name = table.alias.clone().unwrap_or_else(|| plain.to_owned());
                scope.push(ScopeTable { name, columns, depth });
            }
            next = block.parent;
        }
        scope
    }

    /// The common table expressions that a query sees, as tables.
    pub(crate) fn visible_ctes(&self, vocabulary: &Vocabulary, block: usize) -> Vec<TableWords> {
        let group = self.blocks.get(block).map_or(0, |block| block.group);
        self.ctes
            .iter()
            .filter(|cte| cte.block != Some(block) && self.sees(group, cte))
            .map(|cte| TableWords {
                name: cte.name.clone(),
                doc: "common table expression".to_owned(),
                columns: self.cte_columns(vocabulary, cte, 0),
            })
            .collect()
    }

    /// The names that a query gives its columns itself.
    pub(crate) fn aliases(&self, vocabulary: &Vocabulary, block: usize) -> Vec<ColumnWords> {
        let outputs = self.blocks.get(block).map(|block| block.outputs.as_slice());
        let is_alias = |name: &str| {
            outputs.unwrap_or_default().iter().any(|output| {
                matches!(output, Output::Named { name: known, is_alias: true, .. } if known == name)
            })
        };
        let mut columns = self.block_columns(vocabulary, block, 0);
        columns.retain(|column| is_alias(&column.name));
        columns
    }

    fn sees(&self, group: usize, cte: &Cte) -> bool {
        let mut next = Some(group);
        for _ in 0..=self.groups.len() {
            match next {
                Some(group) if group == cte.group => return true,
                Some(group) => next = self.groups.get(group).copied().flatten(),
                None => break,
            }
        }
        false
    }

    fn columns(
        &self,
        vocabulary: &Vocabulary,
        group: usize,
        table: &TableRef,
        depth: usize,
    ) -> Vec<ColumnWords> {
        // The nearest of the same name; bodies are walked in order, so that is the last.
        let cte = self
            .ctes
            .iter()
            .rev()
            .find(|cte| cte.name.eq_ignore_ascii_case(&table.name) && self.sees(group, cte));
        let columns = if let Some(block) = table.subquery {
            self.block_columns(vocabulary, block, depth + 1)
        } else if let Some(cte) = cte {
            self.cte_columns(vocabulary, cte, depth + 1)
        } else {
            let plain = table.name.rsplit('.').next().unwrap_or_default();
            let known = vocabulary.table(&table.name).or_else(|| vocabulary.table(plain));
            known.map(|known| known.columns.clone()).unwrap_or_default()
        };
        renamed(columns, &table.names)
    }

    fn cte_columns(&self, vocabulary: &Vocabulary, cte: &Cte, depth: usize) -> Vec<ColumnWords> {
        let columns = cte.block.map(|block| self.block_columns(vocabulary, block, depth + 1));
        renamed(columns.unwrap_or_default(), &cte.names)
    }

    /// The columns that a query gives. Each query is looked at once, whoever asks; one that asks for
    /// itself gets none.
    fn block_columns(
        &self,
        vocabulary: &Vocabulary,
        block: usize,
        depth: usize,
    ) -> Vec<ColumnWords> {
        if let Some(known) = self.known.borrow().get(&block) {
            return known.clone();
        }
        if depth > DEEPEST {
            return Vec::new();
        }
        self.known.borrow_mut().insert(block, Vec::new());
        let columns = self.output_columns(vocabulary, block, depth);
        self.known.borrow_mut().insert(block, columns.clone());
        columns
    }

    fn output_columns(
        &self,
        vocabulary: &Vocabulary,
        block: usize,
        depth: usize,
    ) -> Vec<ColumnWords> {
        let Some(block) = self.blocks.get(block) else { return Vec::new() };
        let tables: Vec<(&str, Vec<ColumnWords>)> = block
            .tables
            .iter()
            .map(|table| {
                let name = table.alias.as_deref().unwrap_or(&table.name);
                (name, self.columns(vocabulary, block.group, table, depth + 1))
            })
            .collect();
        let mut columns = Vec::new();
        for output in &block.outputs {
            match output {
                Output::Star(of) => {
                    let is_meant =
                        |name: &str| of.as_ref().is_none_or(|of| name.eq_ignore_ascii_case(of));
                    let meant = tables.iter().filter(|(name, _)| is_meant(name));
                    columns.extend(meant.flat_map(|(_, columns)| columns.iter().cloned()));
                }
                Output::Named { name, source, .. } => {
                    let known = source.as_ref().and_then(|source| {
                        let mut all = tables.iter().flat_map(|(_, columns)| columns);
                        all.find(|column| column.name.eq_ignore_ascii_case(source))
                    });
                    columns.push(ColumnWords {
                        name: name.clone(),
                        ..known.cloned().unwrap_or_default()
                    });
                }
            }
        }
        columns.truncate(WIDEST);
        columns
    }
}

/// Columns under the new names, as many as there are.
fn renamed(columns: Vec<ColumnWords>, names: &[String]) -> Vec<ColumnWords> {
    if names.is_empty() {
        return columns;
    }
    let mut columns = columns.into_iter();
    names
        .iter()
        .map(|name| {
            let column = columns.next().unwrap_or_default();
            ColumnWords { name: name.clone(), ..column }
        })
        .collect()
}
