//! Choices for commands of the shell and their arguments.

use super::matching::{Entry, choose};
use super::{Completion, Entries};
use crate::shell::context::{Context, Due, VERBS, is_verb};
use crate::shell::vocabulary::{Argument, NamedWord, ParameterWords, QueryWords, Vocabulary};

/// What reports can be read from besides paths.
const SOURCES: [(&str, &str); 4] = [
    ("aws:", "the account of your credentials, or of a profile after the colon"),
    ("aws-org:", "every account of the organization, by the role after the colon"),
    ("demo:", "a synthetic organisation to try things on"),
    ("s3://", "a bucket, or a folder in it"),
];

/// Commands that are words of their own.
pub(crate) fn bare(entries: &mut Entries<'_>) {
    for command in &entries.vocabulary.commands {
        let names = command.names.iter().filter(|name| name.starts_with(char::is_alphabetic));
        entries.all.extend(names.map(|name| Entry::new(name, (*name).to_owned(), command.doc)));
    }
}

/// Choices where a command or its argument is due.
pub(crate) fn complete(vocabulary: &Vocabulary, context: &Context) -> Completion {
    let typed = context.typed.as_str();
    let entries = match &context.due {
        Due::CommandArgument { argument, words } => {
            let is_scheme = SOURCES.iter().any(|(scheme, _)| scheme.starts_with(typed));
            match argument {
                Argument::Path => return Completion::Path(context.start),
                Argument::Source if !is_scheme && !is_address(typed) => {
                    return Completion::Path(context.start);
                }
                _ => argument_entries(vocabulary, *argument, words, typed),
            }
        }
        _ => names(vocabulary, typed),
    };
    Completion::Words(context.start, choose(entries, Vec::new(), typed))
}

/// Whether the word names a source that is not a path.
fn is_address(typed: &str) -> bool {
    SOURCES.iter().any(|(scheme, _)| typed.starts_with(scheme))
}

/// One spelling of each command: the first that goes on from what was typed, else the first of the
/// same family.
fn names(vocabulary: &Vocabulary, typed: &str) -> Vec<Entry> {
    let family = typed.chars().next().unwrap_or('\\');
    let commands = vocabulary.commands.iter();
    commands
        .filter_map(|command| {
            let of_family = || command.names.iter().filter(|name| name.starts_with(family));
            let name =
                of_family().find(|name| name.starts_with(typed)).or_else(|| of_family().next())?;
            let mut entry = Entry::new(name, (*name).to_owned(), command.doc);
            if *name == command.name() && !command.usage.is_empty() {
                entry.display = format!("{name} {}", command.usage);
            }
            Some(entry)
        })
        .collect()
}

fn argument_entries(
    vocabulary: &Vocabulary,
    argument: Argument,
    words: &[String],
    typed: &str,
) -> Vec<Entry> {
    match argument {
        Argument::Table => tables(vocabulary),
        Argument::Function => functions(vocabulary),
        Argument::Query => {
            let is_verb_due = !words.get(1).is_some_and(|word| is_verb(word));
            let verbs: &[&str] = if is_verb_due { &VERBS } else { &[] };
            fixed(verbs).into_iter().chain(queries(vocabulary)).collect()
        }
        Argument::Parameter => {
            let query = words.iter().find_map(|word| vocabulary.query(word));
            query.map(|query| parameters(query, words, typed)).unwrap_or_default()
        }
        Argument::Framework => named(&vocabulary.frameworks),
        Argument::Format => named(&vocabulary.formats),
        Argument::Variable => named(&vocabulary.variables),
        Argument::Word(words) => fixed(words),
        Argument::Source => SOURCES
            .iter()
            .map(|(scheme, doc)| Entry::new(scheme, (*scheme).to_owned(), doc))
            .collect(),
        Argument::Command => topics(vocabulary),
        Argument::Path | Argument::Text => Vec::new(),
    }
}

fn tables(vocabulary: &Vocabulary) -> Vec<Entry> {
    let tables = vocabulary.tables.iter();
    tables.map(|table| Entry::new(&table.name, table.name.clone(), &table.doc)).collect()
}

fn functions(vocabulary: &Vocabulary) -> Vec<Entry> {
    let functions = vocabulary.functions.iter();
    let entry = |name: &String, doc: &str| Entry::new(name, name.clone(), doc);
    functions.map(|function| entry(&function.name, &function.signature)).collect()
}

fn queries(vocabulary: &Vocabulary) -> impl Iterator<Item = Entry> {
    vocabulary.queries.iter().map(|query| Entry::new(&query.id, query.id.clone(), &query.title))
}

fn named(words: &[NamedWord]) -> Vec<Entry> {
    words.iter().map(|word| Entry::new(&word.name, word.name.clone(), &word.doc)).collect()
}

fn fixed(words: &[&str]) -> Vec<Entry> {
    words.iter().map(|word| Entry::new(word, (*word).to_owned(), "")).collect()
}

/// Whatever help is given on: commands without their sign, queries, tables and functions.
fn topics(vocabulary: &Vocabulary) -> Vec<Entry> {
    let commands = vocabulary.commands.iter().flat_map(|command| {
        command.names.iter().map(|name| {
            let name = name.trim_start_matches(['\\', '.']);
            Entry::new(name, name.to_owned(), command.doc)
        })
    });
    let rest =
        tables(vocabulary).into_iter().chain(queries(vocabulary)).chain(functions(vocabulary));
    commands.filter(|entry| !entry.key.is_empty()).chain(rest).collect()
}

/// The parameters that are not given yet, or values for the one that is being given.
fn parameters(query: &QueryWords, words: &[String], typed: &str) -> Vec<Entry> {
    if let Some((name, _)) = typed.split_once('=') {
        let parameter = query.parameters.iter().find(|parameter| parameter.name == name);
        return parameter.map(values).unwrap_or_default();
    }
    let is_given = |name: &str| {
        words.iter().any(|word| word.split_once('=').is_some_and(|(given, _)| given == name))
    };
    query
        .parameters
        .iter()
        .filter(|parameter| !is_given(&parameter.name))
        .map(|parameter| {
            let doc = match &parameter.default {
                Some(default) => format!("{} (default {default})", parameter.doc),
                None => parameter.doc.clone(),
            };
            Entry::new(&parameter.name, format!("{}=", parameter.name), &doc)
        })
        .collect()
}

fn values(parameter: &ParameterWords) -> Vec<Entry> {
    let booleans: &[&str] = if parameter.kind == "boolean" { &["true", "false"] } else { &[] };
    let all = parameter.default.as_deref().into_iter().chain(booleans.iter().copied());
    all.map(|value| {
        let given = format!("{}={value}", parameter.name);
        Entry::new(&given, given.clone(), "")
    })
    .collect()
}
