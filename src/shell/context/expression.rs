//! What an operand can be made of.

use super::scope::ScopeTable;
use crate::shell::vocabulary::{ColumnWords, Vocabulary};

/// What an operand can be made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expression {
    /// The tables that can be referred to, the innermost query's first.
    pub(crate) scope: Vec<ScopeTable>,
    /// The table named before the dot.
    pub(crate) qualifier: Option<String>,
    /// Names that the query itself gives, where those can be used.
    pub(crate) aliases: Vec<ColumnWords>,
    /// Whether only names of columns will do.
    pub(crate) only_columns: bool,
    /// Keywords that may stand here, the likeliest first.
    pub(crate) keywords: Vec<&'static str>,
}

impl Expression {
    /// The column of this name that is meant: of the qualifier's table, else of the innermost that
    /// has it; of any table where there is none to look in.
    pub(crate) fn column(&self, vocabulary: &Vocabulary, name: &str) -> Option<ColumnWords> {
        let is_named = |column: &&ColumnWords| column.name.eq_ignore_ascii_case(name);
        if let Some(qualifier) = &self.qualifier {
            return self.qualified(vocabulary, qualifier)?.iter().find(is_named).cloned();
        }
        if self.scope.is_empty() {
            return vocabulary.tables.iter().find_map(|table| table.column(name)).cloned();
        }
        let mut columns = self.scope.iter().flat_map(|table| &table.columns);
        columns.find(is_named).or_else(|| self.aliases.iter().find(is_named)).cloned()
    }

    /// The columns of the table that a qualifier names: one of the scope, else any known.
    pub(crate) fn qualified<'a>(
        &'a self,
        vocabulary: &'a Vocabulary,
        qualifier: &str,
    ) -> Option<&'a [ColumnWords]> {
        let in_scope = self.scope.iter().find(|table| table.name.eq_ignore_ascii_case(qualifier));
        in_scope
            .map(|table| table.columns.as_slice())
            .or_else(|| vocabulary.table(qualifier).map(|table| table.columns.as_slice()))
    }
}
