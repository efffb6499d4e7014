//! What standard output is, and how it may look.

use std::io::{self, IsTerminal};

use clap::ValueEnum;

use crate::output::Style;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Whether a stream that is a terminal may show colours: not if the user or the terminal says no
/// (<https://no-color.org>).
pub(crate) fn may_color() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// What standard output is: how wide, if it is a terminal, and whether it shows colours.
pub(crate) fn stdout_style(color: When) -> Style {
    let terminal = io::stdout().is_terminal();
    let color = match color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && may_color(),
    };
    // A terminal that does not tell its width is taken for the usual 80 columns.
    let width = terminal
        .then(|| terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)));
    Style { width, color }
}

/// How many lines the terminal shows; 24 where it does not tell.
pub(crate) fn stdout_height() -> usize {
    terminal_size::terminal_size().map_or(24, |(_, height)| usize::from(height.0))
}
