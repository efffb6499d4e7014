//! Guards against SQL that the parser reads otherwise than it is written.
//!
//! sqlparser 0.62, on which DataFusion 55 stands, lets `IS [NOT] DISTINCT FROM` swallow what follows:
//! `a IS DISTINCT FROM b AND c` becomes `a IS DISTINCT FROM (b AND c)`. That is a wrong answer
//! without a word, so such a statement is refused until brackets say what is meant.
//! Source: apache/datafusion-sqlparser-rs pull request 2436.

use std::ops::ControlFlow;

use datafusion::sql::parser::{CopyToSource, Statement};
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Visit, visit_expressions};

use crate::error::Error;

/// Refuses a statement whose meaning the parser has changed.
///
/// # Errors
/// If it has, with what to write.
pub(crate) fn refuse(statement: &Statement) -> Result<(), Error> {
    let misread = match statement {
        Statement::Statement(statement) => find(&**statement),
        Statement::Explain(explain) => return refuse(&explain.statement),
        Statement::CopyTo(copy) => match &copy.source {
            CopyToSource::Query(query) => find(&**query),
            CopyToSource::Relation(_) => None,
        },
        Statement::CreateExternalTable(_) | Statement::Reset(_) => None,
    };
    match misread {
        None => Ok(()),
        Some((left, right)) => Err(Error::Sql {
            message: format!(
                "`{left} IS DISTINCT FROM …` followed by AND or OR would be read as `… FROM ({right})`"
            ),
            place: None,
            hint: Some(format!("put brackets around the comparison: ({left} IS DISTINCT FROM …)")),
        }),
    }
}

/// The two sides of the first comparison that swallowed too much. What stands in brackets is meant.
fn find(node: &impl Visit) -> Option<(String, String)> {
    let found = visit_expressions(node, |expression| match expression {
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right)
            if matches!(
                &**right,
                Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. }
            ) =>
        {
            ControlFlow::Break((left.to_string(), right.to_string()))
        }
        _ => ControlFlow::Continue(()),
    });
    match found {
        ControlFlow::Break(sides) => Some(sides),
        ControlFlow::Continue(()) => None,
    }
}
