//! Every row of every control in one table, by the writers of query results.

use std::io::Write;

use super::Render;
use crate::check::judged::{self, Judged};
use crate::check::run::Outcome;
use crate::check::verdict::Control;
use crate::error::Result;
use crate::output::{self, BatchWriter, Format, Style};

pub(super) struct Rows<'a> {
    writer: Box<dyn BatchWriter + 'a>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        format: Format,
        out: Box<dyn Write + Send + 'a>,
        style: &Style,
    ) -> Result<Self> {
        Ok(Self { writer: output::writer(format, judged::schema(), out, style)? })
    }
}

impl Render for Rows<'_> {
    fn begin(&mut self, _: &Control) -> Result<()> {
        Ok(())
    }

    fn rows(&mut self, control: &Control, rows: &Judged) -> Result<()> {
        Ok(self.writer.write(&rows.batch(control)?)?)
    }

    fn finish(self: Box<Self>, _: &Outcome) -> Result<Vec<String>> {
        Ok(self.writer.finish()?.note().into_iter().collect())
    }
}
