//! The walk over a statement in which parameters, the time of the run and what the engines spell
//! differently are put in their places.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, Query, Select, Value, ValueWithSpan, VisitorMut,
};

use super::render::{Bound, refused};
use super::{literal, spelling};
use crate::error::Error;
use crate::parameter::bare;
use crate::report::Millis;

/// The walk. It ends at the first error.
pub(super) struct Place<'a> {
    parameters: &'a BTreeMap<String, Bound>,
    run_time: Option<Millis>,
}

impl<'a> Place<'a> {
    pub(super) fn new(parameters: &'a BTreeMap<String, Bound>, run_time: Option<Millis>) -> Self {
        Self { parameters, run_time }
    }

    /// The parameter that an expression is.
    fn parameter(&self, expression: &Expr) -> Result<Option<(String, &'a Bound)>, Error> {
        let Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) = expression else {
            return Ok(None);
        };
        let name = bare(name);
        match self.parameters.get(name) {
            Some(bound) => Ok(Some((name.to_owned(), bound))),
            None => Err(Error::Unbound { name: name.to_owned() }),
        }
    }

    fn bind(&self, expression: &mut Expr) -> Result<(), Error> {
        if let Expr::InList { list, negated, .. } = expression {
            let mut items = Vec::with_capacity(list.len());
            for item in std::mem::take(list) {
                match self.parameter(&item)? {
                    Some((_, Bound::Many(texts))) => {
                        items.extend(texts.iter().map(|text| literal::text(text)));
                    }
                    _ => items.push(item),
                }
            }
            if items.is_empty() {
                // Nothing is in an empty list, and there is no way to write one.
                *expression = Expr::Value(Value::Boolean(*negated).into());
            } else {
                *list = items;
            }
            return Ok(());
        }
        let Some((name, bound)) = self.parameter(expression)? else {
            return Ok(());
        };
        let Bound::One(value) = bound else {
            let message =
                format!("parameter ${name} is a list, which stands in `IN (${name})` alone");
            return Err(Error::Sql { message, place: None, hint: None });
        };
        let Some(placed) = literal::of(value) else {
            let message = format!("parameter ${name} cannot be {value} on Athena");
            return Err(refused(message, "numbers, texts, times, true and false can"));
        };
        *expression = placed;
        Ok(())
    }

    /// What the time of the run is called, as that time. Here it is the same for a whole run.
    fn now(&self, function: &Function) -> Option<Expr> {
        let run_time = self.run_time?;
        match function.name.to_string().to_ascii_lowercase().as_str() {
            "now" | "current_timestamp" => literal::instant(run_time),
            "current_date" | "today" => literal::day(run_time),
            _ => None,
        }
    }
}

impl VisitorMut for Place<'_> {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Box<Error>> {
        spelling::query(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Box<Error>> {
        spelling::select(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Box<Error>> {
        if let Err(error) = self.bind(expression) {
            return ControlFlow::Break(Box::new(error));
        }
        if let Expr::Function(function) = expression
            && let Some(now) = self.now(function)
        {
            *expression = now;
        }
        spelling::expression(expression);
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<Box<Error>> {
        spelling::value(&mut value.value);
        ControlFlow::Continue(())
    }
}
