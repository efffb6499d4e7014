//! The commands of the shell: the one list, and how a line becomes a call.

use super::vocabulary::Argument;
use super::{Shell, canned, describe, files, settings, sources};
use crate::error::{Error, Result};

/// Names at least this much alike are taken for one another.
const LIKE: f64 = 0.75;

/// What the shell does after a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The next statement or command.
    Continue,
    /// Lets the user edit this text.
    Edit(String),
    /// Lets the user go on with the statement that the command stands in.
    Resume,
    /// Ends.
    Quit,
}

/// A command.
#[derive(Clone, Copy)]
pub(super) struct Command {
    /// Its spellings: psql's, then DuckDB's. The first is the one that is shown.
    pub(super) names: &'static [&'static str],
    /// Its arguments, as shown in help.
    pub(super) usage: &'static str,
    /// What it does.
    pub(super) doc: &'static str,
    /// What its words are.
    pub(super) arguments: &'static [Argument],
    /// Whether it does something with the statement that stands before it.
    pub(super) takes_statement: bool,
    pub(super) run: fn(&mut Shell, &Call<'_>) -> Result<Next>,
}

/// Commands under a heading.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) commands: &'static [Command],
}

const fn command(
    names: &'static [&'static str],
    usage: &'static str,
    doc: &'static str,
    arguments: &'static [Argument],
    run: fn(&mut Shell, &Call<'_>) -> Result<Next>,
) -> Command {
    Command { names, usage, doc, arguments, takes_statement: false, run }
}

const fn of_statement(command: Command) -> Command {
    Command { takes_statement: true, ..command }
}

/// All commands.
pub(super) const GROUPS: &[Group] = &[
    Group {
        title: "Look around",
        commands: &[
            command(
                &["\\d", "\\dt", ".tables", ".d"],
                "[TABLE]",
                "tables and views, or the columns of one",
                &[Argument::Table],
                describe::tables,
            ),
            command(
                &["\\d+", ".schema", ".d+"],
                "[TABLE]",
                "what columns mean, and AWS's N/A in them",
                &[Argument::Table],
                describe::meanings,
            ),
            command(
                &["\\df", ".functions"],
                "[WORD]",
                "functions with the word in their name",
                &[Argument::Function],
                describe::functions,
            ),
            command(
                &["\\l", ".sources", ".databases"],
                "",
                "where reports are, and what became of them",
                &[],
                sources::list,
            ),
            command(
                &["\\?", "\\h", "\\help", ".help", "help"],
                "[WORD]",
                "this help; what is known of a word",
                &[Argument::Command],
                describe::help,
            ),
        ],
    },
    Group {
        title: "Canned queries",
        commands: &[
            command(
                &["\\n", ".n", ".queries"],
                "[ID [NAME=VALUE…]]",
                "list, or run one; also \\n show ID, \\n edit ID",
                &[Argument::Query, Argument::Parameter],
                canned::query,
            ),
            command(
                &["\\check", ".check"],
                "[ID… [NAME=VALUE…]]",
                "controls: of a framework, single ones, or usual",
                &[Argument::Framework, Argument::Parameter],
                canned::check,
            ),
        ],
    },
    Group {
        title: "Run",
        commands: &[
            of_statement(command(
                &["\\g", ".g", ".once"],
                "[FILE or |COMMAND]",
                "run the statement before it, or the last again",
                &[Argument::Path],
                files::go,
            )),
            of_statement(command(
                &["\\gx", "\\G"],
                "[FILE or |COMMAND]",
                "the same, as records",
                &[Argument::Path],
                files::go_expanded,
            )),
            of_statement(command(
                &["\\e", "\\edit", ".edit", ".e"],
                "[FILE]",
                "edit the statement, or the last, in $EDITOR",
                &[Argument::Path],
                files::edit,
            )),
            command(
                &["\\i", "\\include", ".read"],
                "FILE",
                "run a script",
                &[Argument::Path],
                files::include,
            ),
            command(
                &["\\history", "\\s", ".history"],
                "[COUNT]",
                "what was entered, the newest last",
                &[],
                files::history,
            ),
        ],
    },
    Group {
        title: "Results",
        commands: &[
            command(
                &["\\x", ".x", ".expanded"],
                "[on|off|auto]",
                "records, not tables; auto: if few rows do not fit",
                &[Argument::Word(&["auto", "on", "off"])],
                settings::expanded,
            ),
            command(
                &["\\f", "\\format", ".mode"],
                "[FORMAT]",
                "table, csv, tsv, json, ndjson, markdown or vertical",
                &[Argument::Format],
                settings::format,
            ),
            command(
                &["\\rows", ".maxrows"],
                "[COUNT|all]",
                "most rows to show",
                &[Argument::Word(&["all"])],
                settings::rows,
            ),
            command(
                &["\\pager", ".pager"],
                "[on|off]",
                "long results in $PAGER, or less",
                &[Argument::Word(&["on", "off"])],
                settings::pager,
            ),
            command(
                &["\\timing", ".timer"],
                "[on|off]",
                "how long statements take",
                &[Argument::Word(&["on", "off"])],
                settings::timing,
            ),
            command(
                &["\\last", ".last"],
                "[FORMAT]",
                "the last result again, all of it",
                &[Argument::Format],
                files::last,
            ),
            command(
                &["\\export", ".export"],
                "FILE",
                "the last result to .csv, .json, .parquet, .md, …",
                &[Argument::Path],
                files::export,
            ),
            command(
                &["\\o", "\\out", ".output"],
                "[FILE or |COMMAND]",
                "send results there; without a word, back here",
                &[Argument::Path],
                files::redirect,
            ),
        ],
    },
    Group {
        title: "Session",
        commands: &[
            command(
                &["\\set", ".set", ".parameter"],
                "[NAME VALUE]",
                "the value of $NAME in SQL; or all values",
                &[Argument::Variable, Argument::Text],
                settings::set,
            ),
            command(
                &["\\unset", ".unset"],
                "NAME",
                "forget a value",
                &[Argument::Variable],
                settings::unset,
            ),
            command(
                &["\\asof", ".asof"],
                "[TIME|now]",
                "hide later reports, measure ages at this time",
                &[Argument::Word(&["now"])],
                sources::as_of,
            ),
            command(
                &["\\add", ".add", ".open"],
                "SOURCE…",
                "more reports: a file, a folder, a pattern, demo:",
                &[Argument::Source],
                sources::add,
            ),
            command(
                &["\\refresh", ".refresh"],
                "",
                "look at all sources anew",
                &[],
                sources::refresh,
            ),
            command(
                &["\\echo", ".print", ".echo"],
                "[TEXT]",
                "print a text",
                &[Argument::Text],
                files::echo,
            ),
            command(
                &["\\q", "\\quit", "\\exit", ".quit", ".exit", ".q", "quit", "exit"],
                "",
                "leave",
                &[],
                quit,
            ),
        ],
    },
];

/// All commands, without their headings.
pub(super) fn all() -> impl Iterator<Item = &'static Command> {
    GROUPS.iter().flat_map(|group| group.commands)
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in a list of commands that can fail")]
fn quit(_: &mut Shell, _: &Call<'_>) -> Result<Next> {
    Ok(Next::Quit)
}

/// A command as typed.
pub(super) struct Call<'a> {
    pub(super) command: &'static Command,
    /// The spelling.
    pub(super) name: &'a str,
    /// Everything after it.
    pub(super) rest: &'a str,
    /// The statement before it that has no end.
    pub(super) before: &'a str,
}

impl<'a> Call<'a> {
    /// Finds the command of a line.
    ///
    /// # Errors
    /// If there is no such command, with the nearest.
    pub(super) fn parse(line: &'a str, before: &'a str) -> Result<Self> {
        let line = line.trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        // psql takes `\d;` as well.
        let (name, rest) = (name.trim_end_matches(';'), rest.trim());
        match all().find(|command| command.names.contains(&name)) {
            Some(command) => Ok(Self { command, name, rest, before }),
            None => Err(Error::usage(format!("there is no command `{name}`"), nearest(name))),
        }
    }

    /// The words after the name, as a POSIX shell would take them apart.
    ///
    /// # Errors
    /// If a quote is not closed.
    pub(super) fn words(&self) -> Result<Vec<String>> {
        let rest = self.rest.trim_end_matches(';').trim_end();
        shlex::split(rest).ok_or_else(|| self.usage("a quote is not closed"))
    }

    /// The only word, if there is one.
    ///
    /// # Errors
    /// If there are more.
    pub(super) fn word(&self) -> Result<Option<String>> {
        let mut words = self.words()?.into_iter();
        let word = words.next();
        match words.next() {
            None => Ok(word),
            Some(more) => Err(self.usage(&format!("`{more}` is one word too many"))),
        }
    }

    /// The only word, which must be there.
    ///
    /// # Errors
    /// If it is not, or there are more.
    pub(super) fn required(&self) -> Result<String> {
        self.word()?.ok_or_else(|| self.usage("something is missing"))
    }

    /// An error that shows how the command is used.
    pub(super) fn usage(&self, message: &str) -> Error {
        let Command { names, usage, doc, .. } = self.command;
        let name = names.first().copied().unwrap_or(self.name);
        Error::usage(
            format!("{}: {message}", self.name),
            format!("{}: {doc}", format!("{name} {usage}").trim_end()),
        )
    }
}

fn nearest(name: &str) -> String {
    let bare = |name: &str| name.trim_start_matches(['\\', '.']).to_lowercase();
    let likeness = |other: &&str| strsim::jaro_winkler(&bare(name), &bare(other));
    let names = all().flat_map(|command| command.names.iter().copied());
    let of_its_kind = names.filter(|other| other.chars().next() == name.chars().next());
    match of_its_kind.max_by(|a, b| likeness(a).total_cmp(&likeness(b))) {
        Some(near) if likeness(&near) > LIKE => format!("did you mean `{near}`?"),
        _ => "`\\?` lists all commands".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_is_used_twice() {
        let mut names: Vec<&str> = all().flat_map(|command| command.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_line_is_taken_apart() -> Result<()> {
        let call = Call::parse("  \\n  keys-rotated  max_age_days=90 'a b' ;", "")?;
        assert_eq!(call.command.names[0], "\\n");
        assert_eq!(call.words()?, ["keys-rotated", "max_age_days=90", "a b"]);
        assert_eq!(Call::parse("\\d;", "")?.command.names[0], "\\d");
        assert!(Call::parse("\\d credentials reports", "")?.word().is_err());
        assert!(Call::parse("\\i 'x", "")?.words().is_err());
        Ok(())
    }

    #[test]
    fn a_slip_gets_the_nearest_of_its_kind() {
        assert_eq!(nearest("\\timming"), "did you mean `\\timing`?");
        assert_eq!(nearest(".tabels"), "did you mean `.tables`?");
        assert_eq!(nearest("\\zzz"), "`\\?` lists all commands");
    }
}
