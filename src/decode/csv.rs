//! Separated text, block by block, to rows of cells.
//!
//! Not the `csv` crate: a report is read by many at once in bounded blocks, each record must know
//! its line, and what a generic reader refuses or swallows (a stray quote, two rows in one line, a
//! header in the middle) is what has to be recovered or named here.

use std::io::Read as _;

use memchr::{memchr, memchr_iter, memrchr};

use super::envelope::{Input, broken_input};
use super::layout::Layout;
use super::record::Scan;
use super::records::{Records, Rows, Span, slice};
use super::refusal::Refusal;
use super::repair::Broken;
use super::warning::{Warning, Warnings};
use crate::schema::{ARN, REPORT, USER};

/// Text taken in at a time: about 4,000 rows.
const BLOCK: usize = 1 << 20;

/// A record longer than this is not a row of a report; it bounds memory.
const LONGEST_RECORD: usize = 32 << 20;

/// Reads the rows of one separated text.
pub struct CsvRows<'a> {
    input: Input<'a>,
    /// Bytes read and not yet given out; begins at the start of a record.
    pending: Vec<u8>,
    ended: bool,
    /// Line of the first pending byte, from 1.
    line: u64,
    delimiter: u8,
    /// `\n`, or `\r` where the file knows no other.
    line_end: u8,
    layout: Layout,
    /// A row that was glued to the header, as text.
    glued_to_header: Option<String>,
    repeated_headers: u64,
    blank_lines: u64,
    rows: u64,
}

impl<'a> CsvRows<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// A refusal if there is none, or not one of a credential report.
    pub fn open(input: Input<'a>, warnings: &mut Warnings) -> Result<Self, Refusal> {
        let mut rows = Self {
            input,
            pending: Vec::new(),
            ended: false,
            line: 1,
            delimiter: b',',
            line_end: b'\n',
            layout: Layout::default(),
            glued_to_header: None,
            repeated_headers: 0,
            blank_lines: 0,
            rows: 0,
        };
        rows.fill(BLOCK)?;
        if !rows.pending.contains(&b'\n') && rows.pending.contains(&b'\r') {
            rows.line_end = b'\r';
        }
        rows.read_header(warnings)?;
        Ok(rows)
    }

    /// The header.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn fill(&mut self, target: usize) -> Result<(), Refusal> {
        let wanted = u64::try_from(target.saturating_sub(self.pending.len())).unwrap_or(0);
        if !self.ended && wanted > 0 {
            let read = self.input.by_ref().take(wanted).read_to_end(&mut self.pending);
            let read = read.map_err(|error| broken_input(&error))?;
            self.ended = u64::try_from(read).unwrap_or(0) < wanted;
        }
        Ok(())
    }

    /// Takes whole lines off the front of what is pending; grows until there is one.
    fn take_lines(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut target = BLOCK;
        loop {
            self.fill(target)?;
            if self.ended {
                return Ok(std::mem::take(&mut self.pending));
            }
            if let Some(last) = memrchr(self.line_end, &self.pending) {
                let rest = self.pending.split_off(last + 1);
                return Ok(std::mem::replace(&mut self.pending, rest));
            }
            self.grow(&mut target)?;
        }
    }

    fn grow(&self, target: &mut usize) -> Result<(), Refusal> {
        *target = target.saturating_mul(2);
        if *target > LONGEST_RECORD {
            return Err(Refusal::foreign(format!(
                "has a line {} that is longer than {} MiB: no report has",
                self.line,
                LONGEST_RECORD >> 20
            )));
        }
        Ok(())
    }

    fn read_header(&mut self, warnings: &mut Warnings) -> Result<(), Refusal> {
        loop {
            if self.pending.is_empty() && self.ended {
                return Err(Refusal::empty());
            }
            let end = memchr(self.line_end, &self.pending);
            if end.is_none() && !self.ended {
                return Err(Refusal::foreign(
                    "begins with a line far longer than the header of a report",
                ));
            }
            let rest = self.pending.split_off(end.map_or(self.pending.len(), |end| end + 1));
            let line = std::mem::replace(&mut self.pending, rest);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            self.line += 1;
            // `sep=;` is a spreadsheet's note to itself.
            if !line.trim().is_empty() && !line.starts_with("sep=") {
                return self.use_header(line, warnings);
            }
        }
    }

    fn use_header(&mut self, line: &str, warnings: &mut Warnings) -> Result<(), Refusal> {
        let count = |delimiter: u8| memchr_iter(delimiter, line.as_bytes()).count();
        // The first of equals: a header of one column has none of them.
        self.delimiter = [b',', b';', b'\t', b'|']
            .into_iter()
            .rev()
            .max_by_key(|&delimiter| count(delimiter))
            .unwrap_or(b',');
        let (mut spans, mut side) = (Vec::new(), String::new());
        let scan =
            Scan { text: line, delimiter: self.delimiter, line_end: self.line_end, ended: true };
        scan.record(0, &mut spans, &mut side);
        let text = format!("{line}{side}");
        let mut names: Vec<String> =
            spans.iter().map(|&span| slice(&text, span).trim().to_owned()).collect();
        if names.iter().any(|name| name.starts_with("arn:aws")) {
            self.unglue_header(&mut names, line)?;
        }
        self.layout = Layout::new(names.iter().map(String::as_str)).map_err(|refusal| {
            let whole = REPORT.map(|column| column.name).join(",");
            if self.ended && self.pending.is_empty() && whole.starts_with(line) {
                return Refusal::broken("stops inside its header");
            }
            refusal.of(line.as_bytes())
        })?;
        self.layout.describe(warnings);
        if self.glued_to_header.is_some() {
            warnings.add(Warning::line(
                1,
                "the first row is glued to the header; they were pulled apart",
            ));
        }
        if !matches!(self.delimiter, b',') {
            let name = match self.delimiter {
                b';' => "semicolons",
                b'|' => "bars",
                _ => "tabs",
            };
            warnings.add(Warning::report(format!("separated by {name} instead of commas")));
        }
        Ok(())
    }

    /// A first line that holds an ARN is a row; if it begins with the names of the header, the line
    /// end between the two was lost.
    fn unglue_header(&mut self, names: &mut Vec<String>, line: &str) -> Result<(), Refusal> {
        let no_header = || {
            Refusal::broken("has no header: its first line is a row").hint(
                "put the header that AWS writes (user,arn,user_creation_time,…) in front of it",
            )
        };
        let joint = names
            .iter()
            .position(|name| name.starts_with("arn:aws"))
            .and_then(|arn| arn.checked_sub(1));
        let joint = joint.ok_or_else(no_header)?;
        let last = REPORT
            .iter()
            .map(|column| column.name)
            .filter(|name| names[joint].len() > name.len() && names[joint].starts_with(name))
            .max_by_key(|name| name.len())
            .ok_or_else(no_header)?;
        let start = line.find(&names[joint]).ok_or_else(no_header)? + last.len();
        self.glued_to_header = line.get(start..).map(str::to_owned);
        names.truncate(joint);
        names.push(last.to_owned());
        Ok(())
    }

    /// Remarks that only make sense once, at the end.
    fn finish(&mut self, warnings: &mut Warnings) {
        let times = |count: u64| {
            if count == 1 { "once".to_owned() } else { format!("{count} times") }
        };
        if self.repeated_headers > 0 {
            warnings.add(Warning::report(format!(
                "the header line is repeated {}",
                times(self.repeated_headers)
            )));
        }
        if self.blank_lines > 0 {
            warnings
                .add(Warning::report(format!("blank lines between rows: {}", self.blank_lines)));
        }
    }

    fn scan_block(&mut self, records: &mut Records, warnings: &mut Warnings) -> usize {
        let mut side = String::new();
        let mut spans = Vec::new();
        let mut width = self.layout.width();
        let scan = Scan {
            text: &records.text,
            delimiter: self.delimiter,
            line_end: self.line_end,
            ended: self.ended,
        };
        let mut position = 0;
        // Blank lines at the very end of a file are how editors save it.
        let mut blank = 0;
        while position < records.text.len() {
            spans.clear();
            let Some(record) = scan.record(position, &mut spans, &mut side) else {
                break;
            };
            let start = position;
            position = record.end;
            let line = self.line;
            self.line += record.lines;
            if record.stray_quote {
                warnings.add(Warning::line(line, "a quote that is never closed was taken as text"));
            }
            if spans.iter().all(|&span| is_blank(&records.text, span)) {
                blank += 1;
                continue;
            }
            self.blank_lines += std::mem::take(&mut blank);
            if self.is_header(&records.text, &spans) {
                self.repeated_headers += 1;
            } else if let Some(layout) = self.other_header(&records.text, &spans) {
                if !records.lines.is_empty() {
                    // The rows so far are of the header before: this one begins the next chunk.
                    self.line = line;
                    position = start;
                    break;
                }
                warnings.add(Warning::line(
                    line,
                    "another header begins here; the rows after it are read by its names",
                ));
                layout.describe(warnings);
                width = layout.width();
                records.width = width;
                records.new_layout = Some(layout.clone());
                self.layout = layout;
            } else if spans.len() == width {
                records.cells.extend_from_slice(&spans);
                records.lines.push(line);
            } else {
                let broken = Broken {
                    text: &records.text,
                    cells: &spans,
                    layout: &self.layout,
                    last: record.unterminated,
                };
                let repaired = broken.repair();
                let user = repaired.rows.first().and_then(|row| row.get(self.layout.report[USER]?));
                let user =
                    user.map(|&span| slice(&records.text, span)).filter(|user| !user.is_empty());
                warnings.add(Warning::line(line, repaired.message).user(user));
                for row in repaired.rows {
                    if row.contains(&Span::UNREADABLE) {
                        let delivered = records.text.get(start..position).unwrap_or_default();
                        let delivered = delivered.trim_end_matches(['\n', '\r']).to_owned();
                        records.given_up.push((records.lines.len(), delivered));
                    }
                    records.cells.extend_from_slice(&row);
                    records.lines.push(line);
                }
            }
        }
        records.text.push_str(&side);
        position
    }

    /// The header of another report that was joined to this one, with other columns or in another
    /// order. A row of users has an ARN where a header has a name.
    fn other_header(&self, text: &str, spans: &[Span]) -> Option<Layout> {
        let cell =
            |position: usize| spans.get(position).map_or("", |&span| slice(text, span).trim());
        let (user, arn) = (self.layout.report[USER], self.layout.report[ARN]);
        let usual = spans.len() == self.layout.width()
            && match (user, arn) {
                (_, Some(arn)) => cell(arn).starts_with("arn:"),
                (Some(user), None) => !is_name_of(cell(user), USER),
                (None, None) => true,
            };
        if usual
            || !(0..spans.len())
                .any(|position| is_name_of(cell(position), USER) || is_name_of(cell(position), ARN))
        {
            return None;
        }
        let layout = Layout::new((0..spans.len()).map(cell)).ok()?;
        // A user may be named `user`; a row of names of columns is a header.
        (layout.report.iter().flatten().count() > 2).then_some(layout)
    }

    fn is_header(&self, text: &str, spans: &[Span]) -> bool {
        spans.len() == self.layout.width()
            && spans
                .iter()
                .zip(&self.layout.names)
                .all(|(&span, name)| slice(text, span).trim() == name)
    }
}

impl Rows for CsvRows<'_> {
    fn next(&mut self, records: &mut Records, warnings: &mut Warnings) -> Result<bool, Refusal> {
        records.clear();
        records.width = self.layout.width();
        if let Some(row) = self.glued_to_header.take() {
            self.line -= 1;
            self.pending.splice(0..0, row.bytes().chain([self.line_end]));
        }
        let mut grown = BLOCK;
        while !(self.ended && self.pending.is_empty()) {
            let block = self.take_lines()?;
            records.text = valid_utf8(block, self.line, self.line_end, warnings);
            let length = records.text.len();
            let consumed = self.scan_block(records, warnings);
            if consumed < length {
                // A quoted cell runs on past this block: take it again together with what follows.
                let rest = records.text.as_bytes().get(consumed..length).unwrap_or_default();
                self.pending.splice(0..0, rest.iter().copied());
                if consumed == 0 {
                    self.grow(&mut grown)?;
                    self.fill(grown)?;
                }
            }
            if !records.is_empty() {
                self.rows += u64::try_from(records.len()).unwrap_or(0);
                return Ok(true);
            }
            records.clear();
        }
        self.finish(warnings);
        if self.rows == 0 {
            return Err(Refusal::broken(
                "has a header and no rows; a real report has at least the root user",
            )
            .hint("get the report again: `aws iam get-credential-report --output json`"));
        }
        Ok(false)
    }
}

fn is_name_of(cell: &str, column: usize) -> bool {
    REPORT[column].name == cell || REPORT[column].aliases.contains(&cell)
}

fn is_blank(text: &str, span: Span) -> bool {
    // A span past the text is an unquoted cell kept aside, which had quotes to undo: not blank.
    text.get(span.start as usize..span.end as usize).is_some_and(|cell| cell.trim().is_empty())
}

/// Text from bytes. What is not UTF-8 is replaced and named: never silently, never refused whole.
fn valid_utf8(bytes: Vec<u8>, first_line: u64, line_end: u8, warnings: &mut Warnings) -> String {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut line = first_line;
    let mut warned = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        line += u64::try_from(memchr_iter(line_end, chunk.valid().as_bytes()).count()).unwrap_or(0);
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            if warned != line {
                warnings.add(Warning::line(
                    line,
                    "is not valid UTF-8; the bytes that are not were replaced by U+FFFD",
                ));
                warned = line;
            }
        }
    }
    text
}
