//! `credsql doctor`: what is in the way between us and the reports of a source.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::args::DoctorArgs;
use super::queries;
use crate::aws::access::Access;
use crate::aws::calls;
use crate::aws::doctor::{self, Allowed, Examination, Finding};
use crate::aws::options::AwsOptions;
use crate::aws::organization::{self, State};
use crate::aws::policy::{self, Need};
use crate::aws::role::Roles;
use crate::aws::s3::{Bucket, Location};
use crate::aws::trouble::{Kind, Trouble};
use crate::error::Result;
use crate::output;
use crate::run::exit::Exit;
use crate::run::telling;
use crate::source::Source;
use crate::source::live::Live;

/// AWS refuses requests of a clock that is wrong by more (IAM User Guide, "Signing AWS API requests").
const WRONG_CLOCK: i64 = 5 * 60_000;

/// Runs the command.
///
/// # Errors
/// If a source is none, or the output cannot be written; what is not allowed is in the exit code.
pub(super) fn run(args: &DoctorArgs) -> Result<Exit> {
    let options = Arc::new(args.aws.options()?);
    let named = if args.sources.is_empty() { vec!["aws:".into()] } else { args.sources.clone() };
    let mut page = Page::default();
    for typed in named {
        let source = Source::parse(&typed)?;
        page.source = typed.to_string_lossy().into_owned();
        examine(source, &options, &mut page)?;
    }
    if args.policy {
        // It is wanted most where something is denied.
        return super::print(page.policies().as_bytes());
    }
    let columns = ["source", "check", "answer", "detail"];
    let rows = page.rows.iter().cloned().map(Vec::from);
    queries::write(&output::texts(&columns, rows)?, &args.output)?;
    for hint in page.hints.iter().filter(|_| !args.output.manner.quiet) {
        telling::hint(hint);
    }
    if !args.output.manner.quiet && !page.policies.is_empty() {
        telling::note("the least policy that allows it, also printed by `--policy` alone:");
        telling::aside(page.policies().trim_end());
    }
    Ok(page.exit())
}

/// What was found, and what would have to be allowed.
#[derive(Default)]
struct Page {
    source: String,
    rows: Vec<[String; 4]>,
    hints: Vec<String>,
    /// By partition.
    policies: Vec<(String, Vec<Need>)>,
    something_is_wrong: bool,
}

impl Page {
    fn exit(&self) -> Exit {
        if self.something_is_wrong { Exit::Failed } else { Exit::Done }
    }

    fn row(&mut self, check: &str, answer: &str, detail: &str) {
        self.rows.push([&self.source, check, answer, detail].map(str::to_owned));
    }

    fn hint(&mut self, hint: &str) {
        if !self.hints.iter().any(|known| known == hint) {
            self.hints.push(hint.to_owned());
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let answer = match finding.allowed {
            Allowed::Yes => "allowed",
            Allowed::No => "denied",
            Allowed::Unknown => "unknown",
        };
        let trouble = finding.trouble.as_ref();
        self.row(&finding.action, answer, trouble.map_or("", |trouble| &trouble.message));
        if let Some(hint) = trouble.and_then(|trouble| trouble.hint.as_ref()) {
            self.hint(hint);
        }
        self.something_is_wrong |= finding.allowed != Allowed::Yes;
    }

    fn examination(&mut self, examination: &Examination) {
        match &examination.caller {
            Ok(caller) => {
                self.row("identity", &caller.arn, "");
                self.row("account", &caller.account_id, "");
            }
            Err(trouble) => {
                self.row("identity", "unknown", &trouble.message);
                trouble.hint.iter().for_each(|hint| self.hint(hint));
                self.something_is_wrong = true;
            }
        }
        self.row("partition", &examination.partition, "");
        let from = examination.region_from.as_ref().map(|from| format!("from {from}"));
        self.row("region", &examination.region, &from.unwrap_or_default());
        for (service, address) in &examination.endpoints {
            self.row("endpoint", address, service);
        }
        self.clock(examination.clock_skew);
        for finding in &examination.findings {
            self.finding(finding);
        }
    }

    fn clock(&mut self, skew: Option<i64>) {
        let Some(skew) = skew else {
            return self.row("clock", "unknown", "AWS did not answer");
        };
        let seconds = skew.abs() / 1000;
        let detail = match skew {
            1000.. => format!("AWS is {seconds} s ahead of this machine"),
            ..=-1000 => format!("AWS is {seconds} s behind this machine"),
            _ => "within a second of that of AWS".to_owned(),
        };
        let is_wrong = skew.abs() >= WRONG_CLOCK;
        self.row("clock", if is_wrong { "wrong" } else { "right" }, &detail);
        if is_wrong {
            self.hint("set the clock of this machine: AWS refuses requests of another time");
            self.something_is_wrong = true;
        }
    }

    fn needs(&mut self, partition: &str, needs: Vec<Need>) {
        match self.policies.iter_mut().find(|(other, _)| other == partition) {
            Some((_, known)) => known.extend(needs),
            None => self.policies.push((partition.to_owned(), needs)),
        }
    }

    /// JSON: one document, unless there are sources in several partitions.
    fn policies(&self) -> String {
        let text = |(partition, needs): &(String, Vec<Need>)| policy::policy_text(partition, needs);
        self.policies.iter().map(|policy| text(policy) + "\n").collect()
    }
}

fn examine(source: Source, options: &Arc<AwsOptions>, page: &mut Page) -> Result<()> {
    // Ctrl-C ends the program: nothing is written here that could be left half done.
    let cancelled = AtomicBool::new(false);
    match source {
        Source::Live(live) => examine_live(&live, options, &cancelled, page),
        Source::Bucket(location) => examine_bucket(location, options, &cancelled, page),
        Source::Path(_) | Source::Glob(_) | Source::Stdin | Source::Demo(_) => {
            if let Some(error) = source.missing() {
                return Err(error);
            }
            page.row("access", "none needed", "it is read without AWS");
            Ok(())
        }
    }
}

/// What must be allowed to whoever names this source. What the role of an organization must be
/// allowed is a matter of its accounts.
fn needs(live: &Live, options: &AwsOptions) -> Vec<Need> {
    let Some(role) = live.role() else {
        let enrich = options.enrich.then_some(Need::Enrich);
        return std::iter::once(Need::LiveReport).chain(enrich).collect();
    };
    let accounts = match (&options.accounts, options.ous.is_empty()) {
        (Some(_), _) => None,
        (None, true) => Some(Need::OrganizationAccounts),
        (None, false) => Some(Need::OrganizationalUnits),
    };
    accounts.into_iter().chain([Need::AssumeRole { role: role.to_owned() }]).collect()
}

fn examine_live(
    live: &Live,
    options: &Arc<AwsOptions>,
    cancelled: &AtomicBool,
    page: &mut Page,
) -> Result<()> {
    let needs = needs(live, options);
    let access = options.access(live.profile());
    let (asked, role) = (needs.clone(), live.role().map(|role| options.role(role)));
    let settings = Arc::clone(options);
    let (examination, member) = calls::wait(cancelled, async move {
        let access = Access::load(access).await?;
        let examination = doctor::examine(&access, &asked).await;
        let member = match (&examination.caller, role) {
            (Ok(caller), Some(role)) => {
                let roles = Roles::new(&access, caller.clone(), role)?;
                examine_member(&access, &roles, &caller.account_id, &settings).await
            }
            _ => Vec::new(),
        };
        Ok((examination, member))
    })?;
    page.examination(&examination);
    for finding in &member {
        page.finding(finding);
    }
    page.needs(&examination.partition, needs);
    Ok(())
}

/// Tries the role in the first account, and there what the role is for.
async fn examine_member(
    access: &Access,
    roles: &Roles,
    own: &str,
    options: &AwsOptions,
) -> Vec<Finding> {
    const ASSUME: &str = "sts:AssumeRole";
    let accounts = match organization::accounts(access, &options.choice()).await {
        Ok(accounts) => accounts,
        Err(trouble) => return vec![Finding::untried(ASSUME, trouble)],
    };
    // In one's own account one's own credentials would do, role or not.
    let mut members =
        accounts.iter().filter(|account| account.state == State::Active && account.id != own);
    let Some(account) = members.next() else {
        let none = Trouble::new(Kind::NotFound, "there is no other account to try it in");
        return vec![Finding::untried(ASSUME, none)];
    };
    let action = format!("{ASSUME} on {}", roles.arn(&account.id));
    let assumed = match roles.assume(&account.id).await {
        Ok(assumed) => assumed,
        Err(trouble) => return vec![Finding::of::<()>(&action, Err(trouble))],
    };
    let mut findings = vec![Finding::of(&action, Ok(()))];
    for tried in doctor::try_in_account(&assumed.iam, options.enrich).await {
        findings.push(Finding { action: format!("{} in {}", tried.action, account.id), ..tried });
    }
    findings
}

fn examine_bucket(
    location: Location,
    options: &Arc<AwsOptions>,
    cancelled: &AtomicBool,
    page: &mut Page,
) -> Result<()> {
    let (settings, place) = (Arc::clone(options), location.clone());
    let (examination, findings) = calls::wait(cancelled, async move {
        let access = Access::load(settings.access(None)).await?;
        let bucket = Bucket::connect(&access, &place.bucket, &settings.s3()).await?;
        // A public bucket is read without anybody's credentials.
        let examination =
            if settings.no_sign_request { None } else { Some(doctor::examine(&access, &[]).await) };
        let first = bucket.first(&place.prefix).await;
        let read = match &first {
            Ok(Some(object)) if object.size > 0 => Some(bucket.get_range(object, 0..1).await),
            _ => None,
        };
        let mut findings = vec![Finding::of("s3:ListBucket", first.map(drop))];
        findings.extend(read.map(|read| Finding::of("s3:GetObject", read)));
        Ok((examination, findings))
    })?;
    if let Some(examination) = &examination {
        page.examination(examination);
    }
    for finding in &findings {
        page.finding(finding);
    }
    if findings.len() == 1 {
        page.row("s3:GetObject", "not tried", "there is no object to try it on");
    }
    let partition =
        examination.map_or_else(|| "aws".to_owned(), |examination| examination.partition);
    let need = Need::ReadBucket { bucket: location.bucket, prefix: location.prefix };
    page.needs(&partition, vec![need]);
    Ok(())
}
