//! Which controls a check runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Map;

use super::verdict::Control;
use crate::error::{Error, Result};
use crate::library::framework::{Framework, Requirement};
use crate::library::query::{CannedQuery, Severity};
use crate::library::{DEFAULT_FRAMEWORK, HYGIENE, Library};

/// What the user asked for. Without frameworks, controls and tags: the default.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Frameworks by id.
    pub frameworks: Vec<String>,
    /// Controls by id.
    pub controls: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The lowest severity that is of interest.
    pub severity: Option<Severity>,
    /// `id.name` or `name`, and the value.
    pub params: Vec<(String, String)>,
}

impl Wanted {
    /// Whether nothing was said about which controls.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.frameworks.is_empty() && self.controls.is_empty() && self.tags.is_empty()
    }
}

/// A control to run.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// Where it comes from.
    pub query: &'a CannedQuery,
    /// As it is run.
    pub control: Control,
}

/// A requirement that no control answers.
#[derive(Debug)]
pub struct Unanswered {
    /// The requirement in the place of a control.
    pub control: Control,
    /// Why not.
    pub reason: String,
    /// Whether no credential report could: then it is nobody's fault.
    pub unanswerable: bool,
}

/// The controls to run, worst severity first, and what none of them answers.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The controls.
    pub controls: Vec<Chosen<'a>>,
    /// Requirements of the chosen frameworks that no control answers.
    pub unanswered: Vec<Unanswered>,
    /// The frameworks in force.
    pub frameworks: Vec<&'a Framework>,
    /// In words, for a headline.
    pub title: String,
}

/// Chooses.
///
/// # Errors
/// If a framework, control, tag or parameter does not exist, a value is of the wrong type, or
/// nothing is left to run.
pub fn choose<'a>(library: &'a Library, wanted: &Wanted) -> Result<Choice<'a>> {
    let default = wanted.is_default();
    let mut frameworks: Vec<&Framework> = Vec::new();
    let standard = [DEFAULT_FRAMEWORK.to_owned()];
    for id in if default { &standard[..] } else { &wanted.frameworks[..] } {
        let framework = library.framework(id).ok_or_else(|| no_framework(library, id))?;
        if !frameworks.iter().any(|other| other.id == framework.id) {
            frameworks.push(framework);
        }
    }
    let tags: BTreeSet<&str> = if default {
        BTreeSet::from([HYGIENE])
    } else {
        wanted.tags.iter().map(String::as_str).collect()
    };
    check_names(library, wanted, &tags, default)?;
    let is_chosen = |query: &CannedQuery| {
        frameworks.iter().any(|framework| query.frameworks.contains_key(&framework.id))
            || query.tags.iter().any(|tag| tags.contains(tag.as_str()))
            || wanted.controls.contains(&query.id)
            || (default && library.is_own(&query.id))
    };
    let mut queries: Vec<&CannedQuery> = library
        .controls()
        .filter(|query| is_chosen(query) && query.severity >= wanted.severity)
        .collect();
    let unanswered: Vec<Unanswered> =
        frameworks.iter().flat_map(|framework| unanswered(library, framework)).collect();
    if queries.is_empty() && (wanted.severity.is_some() || unanswered.is_empty()) {
        return Err(Error::usage(
            "no control is that severe among those chosen",
            "`credsql queries list` shows the severity of each",
        ));
    }
    queries.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    let shown = if frameworks.is_empty() { vec![DEFAULT_FRAMEWORK] } else { ids(&frameworks) };
    let params = Params::split(library, &queries, &wanted.params)?;
    let controls = queries
        .iter()
        .map(|query| Ok(Chosen { query, control: control(query, &shown, params.of(&query.id))? }))
        .collect::<Result<_>>()?;
    Ok(Choice { controls, unanswered, title: title(&frameworks, wanted, default), frameworks })
}

fn ids<'a>(frameworks: &[&'a Framework]) -> Vec<&'a str> {
    frameworks.iter().map(|framework| framework.id.as_str()).collect()
}

/// What to say where a framework does not exist.
#[must_use]
pub fn no_framework(library: &Library, id: &str) -> Error {
    let hint = match library.nearest_framework(id) {
        Some(near) => format!("did you mean `{near}`? `credsql queries frameworks` lists all"),
        None => "`credsql queries frameworks` lists all".to_owned(),
    };
    Error::usage(format!("there is no framework `{id}`"), hint)
}

fn check_names(
    library: &Library,
    wanted: &Wanted,
    tags: &BTreeSet<&str>,
    default: bool,
) -> Result<()> {
    if let Some(id) = wanted.controls.iter().find(|id| library.control(id).is_none()) {
        let hint = match (library.get(id), library.nearest(id)) {
            (Some(_), _) => format!("it is an investigation: credsql queries run {id}"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "`credsql queries list` shows all".to_owned(),
        };
        return Err(Error::usage(format!("there is no control `{id}`"), hint));
    }
    let known: BTreeSet<&str> =
        library.controls().flat_map(|query| &query.tags).map(String::as_str).collect();
    match tags.iter().find(|tag| !default && !known.contains(*tag)) {
        None => Ok(()),
        Some(tag) => Err(Error::usage(
            format!("no control has the tag `{tag}`"),
            format!("there are {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        )),
    }
}

fn title(frameworks: &[&Framework], wanted: &Wanted, default: bool) -> String {
    let mut parts: Vec<String> =
        frameworks.iter().map(|framework| framework.title.clone()).collect();
    if default {
        parts.push(HYGIENE.to_owned());
    }
    parts.extend(wanted.tags.iter().map(|tag| format!("tag {tag}")));
    match wanted.controls.as_slice() {
        [] => {}
        [one] => parts.push(one.clone()),
        many => parts.push(format!("{} controls", many.len())),
    }
    if let Some(severity) = wanted.severity {
        parts.push(format!("severity {} and above", severity.word()));
    }
    parts.join(" + ")
}

fn control(query: &CannedQuery, shown: &[&str], given: &[(String, String)]) -> Result<Control> {
    let parameters = query.with_defaults(given).map_err(|error| {
        Error::usage(error.to_string(), format!("`credsql queries show {}`", query.id))
    })?;
    let requirements = query.frameworks.iter().filter(|(id, _)| shown.contains(&id.as_str()));
    Ok(Control {
        id: query.id.clone(),
        title: query.title.clone(),
        severity: query.severity,
        description: query.description.clone(),
        remediation: query.remediation.clone().unwrap_or_default(),
        requirements: requirements
            .flat_map(|(framework, ids)| ids.iter().map(|id| (framework.clone(), id.clone())))
            .collect(),
        values: query.json(&parameters),
        parameters,
    })
}

/// What a framework asks for and no control answers.
fn unanswered(library: &Library, framework: &Framework) -> Vec<Unanswered> {
    let is_answered = |requirement: &Requirement| {
        library.answering(&framework.id, &requirement.id).next().is_some()
    };
    let open = framework.requirements.iter().filter(|requirement| !is_answered(requirement));
    open.map(|requirement| {
        let control = Control {
            id: format!("{}/{}", framework.id, requirement.id),
            title: requirement.title.clone(),
            severity: None,
            description: String::new(),
            remediation: String::new(),
            requirements: vec![(framework.id.clone(), requirement.id.clone())],
            parameters: Vec::new(),
            values: Map::new(),
        };
        let unanswerable = requirement.manual || !requirement.needs.is_empty();
        Unanswered { control, reason: requirement.why_unanswered(), unanswerable }
    })
    .collect()
}

/// The given parameters, by control.
struct Params(BTreeMap<String, Vec<(String, String)>>);

impl Params {
    /// `id.name` is for one control, `name` for every chosen one that has it and is not meant by
    /// an `id.name`.
    fn split(
        library: &Library,
        queries: &[&CannedQuery],
        given: &[(String, String)],
    ) -> Result<Self> {
        let mut params = Self(BTreeMap::new());
        // Of two values the later counts: what is meant for one control comes last.
        let (general, special): (Vec<_>, Vec<_>) =
            given.iter().partition(|(name, _)| !name.contains('.'));
        for (name, value) in general.into_iter().chain(special) {
            let (id, short) = match name.rsplit_once('.') {
                Some((id, short)) => (Some(id), short),
                None => (None, name.as_str()),
            };
            let takers: Vec<&&CannedQuery> = queries
                .iter()
                .filter(|query| match id {
                    Some(id) => query.id == id,
                    None => query.params.contains_key(short),
                })
                .collect();
            if takers.is_empty() {
                return Err(no_taker(library, queries, id, short));
            }
            for query in takers {
                let own = params.0.entry(query.id.clone()).or_default();
                own.push((short.to_owned(), value.clone()));
            }
        }
        Ok(params)
    }

    fn of(&self, id: &str) -> &[(String, String)] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

fn no_taker(library: &Library, queries: &[&CannedQuery], id: Option<&str>, name: &str) -> Error {
    match id {
        Some(id) if library.control(id).is_some() => Error::usage(
            format!("control {id} is not among those that are run"),
            format!("choose it with `--control {id}`"),
        ),
        Some(id) => {
            let hint = library.nearest(id).map_or_else(
                || "`credsql queries list` shows all".to_owned(),
                |near| format!("did you mean `{near}.{name}`?"),
            );
            Error::usage(format!("there is no control `{id}`"), hint)
        }
        None => {
            let known: BTreeSet<&str> =
                queries.iter().flat_map(|query| query.params.keys()).map(String::as_str).collect();
            Error::usage(
                format!("no control that is run has a parameter `{name}`"),
                format!("there are {}", known.into_iter().collect::<Vec<_>>().join(", ")),
            )
        }
    }
}
