//! Commands on the canned library: list, show, run and edit queries; run controls.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::Shell;
use super::command::{Call, Next};
use super::statement::Once;
use crate::check::choice::{self, Wanted};
use crate::check::judge::Rules;
use crate::check::render::{CheckFormat, Look, Render, renderer};
use crate::check::run::{self, Check, Outcome};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::library::query::{CannedQuery, Severity, Value};
use crate::output::texts;
use crate::page;
use crate::run::conclude::{Terms, conclude};
use crate::session::Session;

/// The canned query of this id.
///
/// # Errors
/// If there is none, with the nearest.
pub(crate) fn find_query<'a>(library: &'a Library, id: &str) -> Result<&'a CannedQuery> {
    library.get(id).ok_or_else(|| {
        let hint = match library.nearest(id) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`credsql queries list` shows all, in the shell `\\n`".to_owned(),
        };
        Error::usage(format!("there is no canned query `{id}`"), hint)
    })
}

/// `\n`: lists canned queries, runs one, shows or edits its text.
pub(super) fn query(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    let words = call.words()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["list"] => list(shell, ""),
        ["list", word] => list(shell, word),
        ["show", id] => {
            let text = page::query(find_query(&shell.library, id)?);
            shell.show_text(&text)?;
            Ok(Next::Continue)
        }
        ["edit", id] => edit(shell, call, id),
        ["show" | "edit", ..] => Err(call.usage("give one id")),
        ["run", id, parameters @ ..] | [id, parameters @ ..] => {
            run_one(shell, call, id, parameters)
        }
    }
}

fn list(shell: &mut Shell, word: &str) -> Result<Next> {
    let word = word.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&word);
    let chosen = shell.library.iter().filter(|query| {
        has(&query.id) || has(&query.title) || query.tags.iter().any(|tag| has(tag))
    });
    let rows = chosen.map(|query| {
        let severity = query.severity.map_or("", Severity::word);
        [query.id.as_str(), query.purpose.word(), severity, &query.title].map(str::to_owned).into()
    });
    let batch = texts(&["id", "purpose", "severity", "title"], rows)?;
    shell.show_rows(&batch)?;
    Ok(Next::Continue)
}

fn run_one(shell: &mut Shell, call: &Call<'_>, id: &str, parameters: &[&str]) -> Result<Next> {
    let library = Arc::clone(&shell.library);
    let query = find_query(&library, id)?;
    let given = assignments(call, parameters)?;
    let texts = query.with_defaults(&given).map_err(|error| {
        Error::usage(error.to_string(), format!("`\\n show {id}` lists parameters"))
    })?;
    if !texts.is_empty() && shell.is_interactive {
        let words = texts.iter().map(|(name, text)| format!("{name}={text}"));
        shell.note(&words.collect::<Vec<_>>().join(" "));
    }
    shell.run_sql(&query.sql, &query.values(&texts), Once::default())?;
    Ok(Next::Continue)
}

fn assignments(call: &Call<'_>, words: &[&str]) -> Result<Vec<(String, String)>> {
    let pair = |word: &&str| match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.trim_start_matches('$').to_owned(), value.to_owned()))
        }
        _ => Err(call.usage(&format!("`{word}` is no NAME=VALUE"))),
    };
    words.iter().map(pair).collect()
}

/// Lets the user change the text of a query. Its parameters become variables with their defaults.
fn edit(shell: &mut Shell, call: &Call<'_>, id: &str) -> Result<Next> {
    if !shell.is_interactive {
        return Err(call.usage("editing needs a terminal"));
    }
    let library = Arc::clone(&shell.library);
    let query = find_query(&library, id)?;
    for (name, param) in &query.params {
        if shell.variables.contains_key(name) {
            continue;
        }
        match &param.default {
            Some(text) => {
                let value = param.param_type.value(text);
                shell.note(&format!("${name} is {text}; `\\set {name} …` changes it"));
                shell.set_variable(name.clone(), Some(value));
            }
            None => {
                shell.note(&format!("${name} has no value yet: `\\set {name} …`; {}", param.doc));
            }
        }
    }
    Ok(Next::Edit(format!("{};", query.sql.trim().trim_end_matches(';'))))
}

/// What a check writes to, to be shown when it is done.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `\check`: runs controls and shows the summary.
pub(super) fn check(shell: &mut Shell, call: &Call<'_>) -> Result<Next> {
    if shell.sources.is_empty() && shell.engine.workspace.options.athena.is_none() {
        return Err(Error::NoSource);
    }
    let wanted = wanted(shell, call)?;
    shell.engine.collection().progress.restart();
    let look = Look {
        style: shell.settings.terminal().0,
        all: false,
        remediation: false,
        region: None,
        run_time: shell.engine.collection().options.as_of.unwrap_or_else(|| shell.now()),
    };
    let progress = shell.engine.workspace.progress(shell.settings.quiet);
    let buffer = Buffer::default();
    let work = judge(shell, wanted, look, buffer.clone());
    let judged = shell.engine.run(work);
    drop(progress);
    let (outcome, notes) = judged?;
    let text = std::mem::take(&mut *buffer.0.lock().unwrap_or_else(PoisonError::into_inner));
    shell.show_text(&String::from_utf8_lossy(&text))?;
    for text in &notes {
        shell.note(text);
    }
    let terms = Terms { fail_on: Severity::Low, allow_unknown: false };
    let exit = conclude(&outcome, &terms, shell.settings.quiet || shell.is_interactive);
    // At the prompt an alarm is an answer.
    if !shell.is_interactive {
        shell.exit = shell.exit.max(exit);
    }
    Ok(Next::Continue)
}

/// Frameworks and controls as named; a value of a parameter is one with a `=` in it.
fn wanted(shell: &Shell, call: &Call<'_>) -> Result<Wanted> {
    let words = call.words()?;
    let (params, ids): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|word| word.contains('='));
    let (controls, frameworks): (Vec<&str>, Vec<&str>) =
        ids.into_iter().partition(|id| shell.library.control(id).is_some());
    if let Some(id) = frameworks.iter().find(|id| shell.library.framework(id).is_none()) {
        let control =
            shell.library.nearest(id).filter(|near| shell.library.control(near).is_some());
        let near = control.or(shell.library.nearest_framework(id));
        let hint = near
            .map_or("`\\n` lists controls".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Error::usage(format!("there is no framework and no control `{id}`"), hint));
    }
    let own = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
    Ok(Wanted {
        frameworks: own(frameworks),
        controls: own(controls),
        tags: Vec::new(),
        severity: None,
        params: assignments(call, &params)?,
    })
}

/// The work of a check. Returns what came of it, and what is to be said beside it.
fn judge(
    shell: &Shell,
    wanted: Wanted,
    look: Look,
    out: Buffer,
) -> impl Future<Output = Result<(Outcome, Vec<String>)>> + Send + 'static {
    let session: Arc<Session> = Arc::clone(shell.engine.session());
    let library = Arc::clone(&shell.library);
    async move {
        let as_of = session.collection().options.as_of;
        let check = Check {
            choice: choice::choose(&library, &wanted)?,
            rules: Rules { run_time: look.run_time, as_of, max_age: None, exemptions: Vec::new() },
            only_new: false,
            names_unanswered: !wanted.is_default(),
        };
        let summary = renderer(CheckFormat::Summary, Box::new(out), &look)?;
        let mut renderers: Vec<Box<dyn Render + '_>> = vec![summary];
        let outcome = run::run(&session, None, &check, &mut renderers).await?;
        let mut notes = Vec::new();
        for renderer in renderers {
            notes.extend(renderer.finish(&outcome)?);
        }
        Ok((outcome, notes))
    }
}

impl Shell {
    /// Sets or forgets what `$name` stands for.
    pub(super) fn set_variable(&mut self, name: String, value: Option<Value>) {
        match value {
            Some(value) => {
                self.variables.insert(name, value);
            }
            None => {
                self.variables.remove(&name);
            }
        }
        self.know_variables();
    }
}
