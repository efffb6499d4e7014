//! `credsql check`: controls over reports, for a terminal, CI or an auditor.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use super::args::{CheckArgs, OutputArgs};
use super::queries;
use crate::check::choice::{self, Choice, Wanted};
use crate::check::evidence::{Evidence, Request};
use crate::check::judge::{Rules, Use};
use crate::check::render::{CheckFormat, Look, Render, renderer};
use crate::check::run::{self, Check, Outcome};
use crate::error::{Error, Result};
use crate::library::exemption::{self, Exemption};
use crate::library::query::Severity;
use crate::output;
use crate::report::Millis;
use crate::run::clock::Clock;
use crate::run::conclude::{Terms, conclude};
use crate::run::exit::Exit;
use crate::run::new_file::NewFile;
use crate::run::style::stdout_style;
use crate::run::telling;
use crate::run::workspace::Workspace;
use crate::session::Session;
use crate::table::selection::Scope;

/// Runs the command.
///
/// # Errors
/// If the check could not be run; what it found is in the exit code.
pub(super) fn run(args: &CheckArgs, clock: Clock) -> Result<Exit> {
    let library = Arc::new(queries::library(&args.queries)?);
    let wanted = Wanted {
        frameworks: args.choice.framework.clone(),
        controls: args.choice.control.clone(),
        tags: args.choice.tag.clone(),
        severity: args.choice.severity,
        params: args.engine.params.clone(),
    };
    let choice = choice::choose(&library, &wanted)?;
    let (exemptions, exempt_text) = match &args.exempt {
        None => (Vec::new(), None),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| Error::Read { path: path.clone(), cause })?;
            (exemption::parse(path, &text, &library)?, Some(text))
        }
    };
    let mut workspace =
        Workspace::open(&args.sources, &args.engine.options()?, Arc::clone(&library), clock.now())?;
    let run_time = workspace.collection.options.run_time;
    let check = Check {
        choice,
        rules: Rules { run_time, as_of: args.engine.as_of, max_age: args.max_age, exemptions },
        only_new: args.only_new,
        names_unanswered: !wanted.is_default(),
    };
    if args.sources.is_empty() && workspace.options.athena.is_none() {
        return Err(Error::NoSource);
    }
    workspace.spare(&args.outputs)?;
    if args.dry_run {
        return dry_run(args, &workspace, &check.choice);
    }
    let mut outputs = Outputs::open(args, run_time)?;
    let athena = workspace.options.athena.as_deref();
    let outcome = super::interruptible(&workspace.collection, athena, async {
        let outcome = outputs.judge(args, &workspace, &check).await?;
        if let Some(evidence) = outputs.evidence.take() {
            let arguments = std::env::args_os().skip(1);
            let request = Request {
                arguments: arguments.map(|text| text.to_string_lossy().into_owned()).collect(),
                exemptions: exempt_text,
                made_at: clock.now(),
            };
            evidence.finish(&workspace.collection, athena, &check, &request)?;
        }
        Ok(outcome)
    });
    if !args.manner.quiet {
        workspace.tell_bill();
    }
    let outcome = outcome?;
    workspace.list_missing();
    let told = workspace.tell(args.manner.quiet);
    match outcome {
        Err(error) if error.is_closed_pipe() => Ok(told),
        Err(error) => Err(error),
        Ok(outcome) => {
            outputs.commit()?;
            if !args.manner.quiet {
                tell_frameworks(args, &check.choice);
                tell_exemptions(&check.rules.exemptions, &outcome.uses, &check.choice);
            }
            let terms = Terms { fail_on: args.fail_on, allow_unknown: args.allow_unknown };
            Ok(told.max(conclude(&outcome, &terms, args.manner.quiet)))
        }
    }
}

/// The region that the environment names, as for any tool of AWS.
fn configured_region() -> Option<String> {
    let mut named =
        ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().filter_map(|name| std::env::var(name).ok());
    named.find(|region| !region.is_empty())
}

/// Where results go.
struct Outputs {
    stdout: Option<CheckFormat>,
    files: Vec<(CheckFormat, NewFile)>,
    evidence: Option<Evidence>,
    look: Look,
}

impl Outputs {
    fn open(args: &CheckArgs, run_time: Millis) -> Result<Self> {
        let style = stdout_style(args.manner.color);
        let is_terminal = style.width.is_some();
        let usual = if is_terminal { CheckFormat::Summary } else { CheckFormat::Csv };
        let look = Look {
            style,
            all: args.all,
            remediation: args.remediation,
            region: args.engine.aws.region.clone().or_else(configured_region),
            run_time,
        };
        let file = |path: &std::path::PathBuf| {
            let format = args.format.or_else(|| CheckFormat::from_path(path));
            let format = format.ok_or_else(|| no_format(path))?;
            Ok((format, NewFile::create(path)?))
        };
        Ok(Self {
            stdout: args.outputs.is_empty().then(|| args.format.unwrap_or(usual)),
            files: args.outputs.iter().map(file).collect::<Result<_>>()?,
            evidence: args.evidence.as_deref().map(Evidence::create).transpose()?,
            look,
        })
    }

    /// Runs the check and writes all outputs.
    async fn judge(
        &mut self,
        args: &CheckArgs,
        workspace: &Workspace,
        check: &Check<'_>,
    ) -> Result<Outcome> {
        let open =
            |scope| Session::showing(scope, Arc::clone(&workspace.collection), &workspace.options);
        let session = open(Scope::Latest).await?;
        let previous = if check.only_new { Some(open(Scope::Previous).await?) } else { None };
        let mut progress = workspace.progress(args.manner.quiet);
        let mut renderers: Vec<Box<dyn Render + '_>> = Vec::new();
        let plain = Look { style: output::Style::default(), ..self.look.clone() };
        if let Some(format) = self.stdout {
            // What comes first on a terminal takes the place of the progress line.
            let mut out: Box<dyn Write + Send> = Box::new(BufWriter::new(io::stdout()));
            if self.evidence.is_some() {
                // Somebody who has seen enough still wants the folder whole.
                out = Box::new(MayClose { out: Some(out) });
            }
            renderers.push(renderer(format, out, &self.look)?);
        }
        for (format, file) in &mut self.files {
            let (_, out) = file.writer();
            renderers.push(renderer(*format, out, &plain)?);
        }
        if let Some(evidence) = &self.evidence {
            for (format, out) in evidence.outputs()? {
                renderers.push(renderer(format, out, &plain)?);
            }
        }
        let streams = self.stdout.is_some_and(|format| format != CheckFormat::Summary || args.all);
        if streams && self.look.style.width.is_some() {
            progress.stop();
        }
        let outcome = run::run(&session, previous.as_ref(), check, &mut renderers).await?;
        if let Some(evidence) = &mut self.evidence {
            evidence.look_up(&session, previous.as_ref()).await?;
        }
        progress.stop();
        for renderer in renderers {
            for text in renderer.finish(&outcome)? {
                telling::note(&text);
            }
        }
        Ok(outcome)
    }

    fn commit(self) -> Result<()> {
        self.files.into_iter().try_for_each(|(_, file)| file.commit())
    }
}

/// A destination whose reader may go away.
struct MayClose<W> {
    out: Option<W>,
}

impl<W: Write> MayClose<W> {
    fn unless_closed<T>(
        &mut self,
        otherwise: T,
        write: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        match self.out.as_mut().map(write) {
            Some(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.out = None;
                Ok(otherwise)
            }
            Some(result) => result,
            None => Ok(otherwise),
        }
    }
}

impl<W: Write> Write for MayClose<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}

fn no_format(path: &Path) -> Error {
    Error::usage(
        format!("cannot tell the format of {}", path.display()),
        "end its name in .txt, .csv, .tsv, .json, .ndjson, .md, .parquet, .junit.xml or .asff.json, \
         or give `--format`",
    )
}

/// What would be run. Statements are planned, so that mistakes in them are found.
fn dry_run(args: &CheckArgs, workspace: &Workspace, choice: &Choice<'_>) -> Result<Exit> {
    super::interruptible(&workspace.collection, None, async {
        let session = Session::new(Arc::clone(&workspace.collection), &workspace.options).await?;
        run::plan(&session, choice).await
    })??;
    let rows = choice.controls.iter().map(|chosen| {
        let control = &chosen.control;
        let severity = control.severity.map_or("", Severity::word).to_owned();
        vec![control.id.clone(), severity, control.parameters_json(), control.requirement()]
    });
    let batch = output::texts(&["control", "severity", "parameters", "requirement"], rows)?;
    let format = args.format.map(CheckFormat::of_plain_rows);
    let output = OutputArgs {
        format: format.transpose()?,
        outputs: args.outputs.clone(),
        manner: args.manner.clone(),
    };
    queries::write(&batch, &output)?;
    if !args.manner.quiet {
        telling::note(&format!("{}; no report was read", choice.title));
    }
    Ok(Exit::Done)
}

/// What a pass of a framework that was asked for does not mean.
fn tell_frameworks(args: &CheckArgs, choice: &Choice<'_>) {
    let asked =
        choice.frameworks.iter().filter(|framework| args.choice.framework.contains(&framework.id));
    for framework in asked.filter(|framework| framework.excerpt) {
        if let Some(note) = &framework.note {
            telling::note(&format!("{}: {note}", framework.title));
        }
    }
}

/// What became of each exemption, as far as its control was run.
fn tell_exemptions(exemptions: &[Exemption], uses: &[Use], choice: &Choice<'_>) {
    for (exemption, used) in exemptions.iter().zip(uses) {
        if !choice.controls.iter().any(|chosen| chosen.control.id == exemption.control) {
            continue;
        }
        let place = format!("{}:{}", exemption.file.display(), exemption.line);
        let Exemption { control, owner, until, .. } = exemption;
        if used.ended > 0 {
            let alarms = if used.ended == 1 { "alarm counts" } else { "alarms count" };
            telling::warning(&format!(
                "{place}: the exemption from {control} ({owner}) ended on {until}: {} {alarms} again",
                used.ended
            ));
        } else if used.exempted + used.renewed == 0 {
            telling::warning(&format!(
                "{place}: the exemption from {control} ({owner}) matches no alarm"
            ));
        }
    }
}
