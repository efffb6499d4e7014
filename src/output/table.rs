//! Columns side by side. Widths are chosen from the first rows and kept, so that rows can stream.

use std::borrow::Cow;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use unicode_width::UnicodeWidthStr;

use super::cells::Page;
use super::escape::escape_line;
use super::layout::{Extent, Kind, Layout, Rank, order, plan};
use super::line::{Line, shorten};
use super::types::readable;
use super::vertical::Records;
use super::{BatchWriter, Footer, OutputError, Sink, Style};
use crate::schema::{KEYS, LONG_KEY, WHOSE};

/// Rows that are looked at before the first one is written.
const SAMPLE: usize = 1_000;

pub(super) struct Table<'a> {
    out: Sink<'a>,
    schema: Schema,
    columns: Vec<Column>,
    /// Positions of the columns in the order in which they are shown.
    order: Vec<usize>,
    style: Style,
    state: State,
    footer: Footer,
}

struct Column {
    /// Its name, safe to show.
    name: String,
    kind: Kind,
}

impl Column {
    /// How much it matters, given that it has values.
    fn rank(&self, has_keys: bool) -> Rank {
        match self.name.as_str() {
            name if KEYS.contains(&name) => Rank::Key,
            name if has_keys && name == LONG_KEY => Rank::Redundant,
            _ => Rank::Usual,
        }
    }
}

enum State {
    /// Rows are held until there are enough to choose widths from.
    Sampling(Vec<Page>),
    Grid(Layout),
    /// The terminal is too narrow for a grid.
    Records(Records),
}

impl<'a> Table<'a> {
    pub(super) fn new(out: Sink<'a>, schema: &Schema, style: Style) -> Self {
        let column = |name: &String, data_type: &DataType| Column {
            name: escape_line(name).into_owned(),
            kind: match readable(data_type) {
                number if number.is_numeric() => Kind::Number,
                whole if whole.is_temporal() || whole == DataType::Boolean => Kind::Whole,
                _ => Kind::Text,
            },
        };
        let columns: Vec<Column> =
            schema.fields().iter().map(|field| column(field.name(), field.data_type())).collect();
        let state = State::Sampling(Vec::new());
        let footer = Footer::default();
        Self { out, schema: schema.clone(), columns, order: Vec::new(), style, state, footer }
    }

    /// Chooses the widths, then writes the header and the rows held so far.
    fn start(&mut self) -> Result<(), OutputError> {
        let State::Sampling(held) = &mut self.state else {
            return Ok(());
        };
        let held = std::mem::take(held);
        let extents = self.measure(&held)?;
        let limit = self.style.width;
        self.order = order(&extents, limit);
        let extents: Vec<Extent> =
            self.order.iter().filter_map(|&column| extents.get(column).copied()).collect();
        // without rows there are no records either, and a header is the least that an empty table has
        let layout =
            plan(&extents, limit).or_else(|| plan(&extents, limit.filter(|_| !held.is_empty())));
        if let Some(layout) = layout {
            self.header(&layout)?;
            self.state = State::Grid(layout);
        } else {
            self.footer.too_narrow = self.style.width;
            self.state = State::Records(Records::new(&self.schema, self.style));
        }
        held.iter().try_for_each(|page| self.rows(page))
    }

    fn measure(&self, pages: &[Page]) -> Result<Vec<Extent>, OutputError> {
        let extent = |column: &Column| Extent {
            kind: column.kind,
            name: column.name.width(),
            cells: 0,
            rank: Rank::Empty,
        };
        let mut extents: Vec<_> = self.columns.iter().map(extent).collect();
        let has_keys = WHOSE.iter().all(|key| self.columns.iter().any(|one| one.name == *key));
        let (mut left, mut buffer) = (SAMPLE, String::new());
        for page in pages {
            let rows = page.rows().min(left);
            left -= rows;
            let columns = self.columns.iter().zip(&mut extents);
            for (cells, (column, extent)) in page.cells()?.iter().zip(columns) {
                for row in 0..rows {
                    let text = match cells.read(row, &mut buffer)? {
                        None => Cow::Borrowed("NULL"),
                        Some(text) => {
                            extent.rank = column.rank(has_keys);
                            escape_line(text)
                        }
                    };
                    extent.cells = extent.cells.max(text.width());
                }
            }
        }
        Ok(extents)
    }

    fn header(&mut self, layout: &Layout) -> Result<(), OutputError> {
        let mut line = Line::new(layout, self.columns.len());
        let mut rule = String::new();
        let columns = self.order.iter().filter_map(|&column| self.columns.get(column));
        for (column, &width) in columns.zip(&layout.widths) {
            let shown = shorten(&column.name, width);
            self.footer.shortened_cells += u64::from(shown.is_some());
            let shown = shown.as_deref().unwrap_or(&column.name);
            line.push(&self.style.bold(shown), shown.width(), width, column.kind);
            rule.push_str(if rule.is_empty() { "" } else { "─┼─" });
            rule.push_str(&"─".repeat(width));
        }
        if layout.widths.len() < self.columns.len() {
            rule.push_str("─┼──");
        }
        // Named in their own order, whatever the order of rank.
        let mut hidden: Vec<usize> = self.order.iter().skip(layout.widths.len()).copied().collect();
        hidden.sort_unstable();
        let name =
            |column: usize| self.schema.fields().get(column).map(|field| field.name().clone());
        self.footer.hidden_columns = hidden.into_iter().filter_map(name).collect();
        Ok(writeln!(self.out, "{}\n{rule}", line.end())?)
    }

    fn rows(&mut self, page: &Page) -> Result<(), OutputError> {
        let layout = match &mut self.state {
            State::Grid(layout) => layout,
            State::Records(records) => return records.write(page, &mut self.out),
            State::Sampling(_) => return Ok(()),
        };
        let cells = page.cells()?;
        let mut buffer = String::new();
        for row in 0..page.rows() {
            let mut spare = layout.spare;
            let mut line = Line::new(layout, self.columns.len());
            let shown = self
                .order
                .iter()
                .filter_map(|&column| Some((self.columns.get(column)?, cells.get(column)?)));
            for ((column, cells), &width) in shown.zip(&layout.widths) {
                let Some(text) = cells.read(row, &mut buffer)? else {
                    line.push(self.style.null(), "NULL".len(), width, column.kind);
                    spare = spare.saturating_sub("NULL".len().saturating_sub(width));
                    continue;
                };
                let mut text = escape_line(text);
                if column.kind == Kind::Text
                    && let Some(short) = shorten(&text, width.saturating_add(spare))
                {
                    self.footer.shortened_cells += 1;
                    text = Cow::Owned(short);
                }
                let taken = text.width();
                spare = spare.saturating_sub(taken.saturating_sub(width));
                line.push(&text, taken, width, column.kind);
            }
            writeln!(self.out, "{}", line.end())?;
        }
        Ok(())
    }
}

impl BatchWriter for Table<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let page = Page::new(batch)?;
        self.footer.rows += page.rows() as u64;
        if let State::Sampling(held) = &mut self.state {
            if page.rows() > 0 {
                held.push(page);
            }
            if self.footer.rows < SAMPLE as u64 {
                return Ok(());
            }
            self.start()?;
        } else {
            self.rows(&page)?;
        }
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Footer, OutputError> {
        self.start()?;
        self.out.flush()?;
        Ok(self.footer)
    }
}
