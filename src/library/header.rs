//! The header of a canned query: TOML in a marked comment block.
//!
//! ```text
//! -- /// control
//! -- title = "…"
//! -- ///
//! SELECT …
//! ```
//!
//! The form is that of PEP 723: what any other tool takes for comments is data here. Unknown keys,
//! wrong types, and parameters that stand on one side only are refused with file and line.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use serde::Deserialize;

use super::LibraryError;
use super::query::{CannedQuery, NEEDS, Param, ParamType, Purpose, Severity};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    title: String,
    description: String,
    severity: Option<Severity>,
    remediation: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    frameworks: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    params: BTreeMap<String, HeaderParam>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderParam {
    #[serde(rename = "type")]
    param_type: ParamType,
    default: Option<toml::Value>,
    doc: String,
}

/// The marked block of a file.
struct Block {
    purpose: Purpose,
    toml: String,
    /// Line of the first line of TOML, from 1.
    first_line: usize,
}

/// Reads one file.
///
/// # Errors
/// What is wrong and in which line.
pub fn parse(id: &str, file: &Path, text: &str) -> Result<CannedQuery, LibraryError> {
    let error =
        |line: usize, message: String| LibraryError { file: file.to_owned(), line, message };
    let block = find(text).map_err(|(line, message)| error(line, message))?;
    let header: Header = toml::from_str(&block.toml).map_err(|wrong| {
        let before =
            wrong.span().map_or("", |span| block.toml.get(..span.start).unwrap_or_default());
        error(block.first_line + before.matches('\n').count(), wrong.message().to_owned())
    })?;
    if !is_kebab(id) {
        return Err(error(
            1,
            format!("`{id}` is no id: use lower-case letters, digits and hyphens"),
        ));
    }
    let line_of = |key: &str| {
        let offset = block.toml.lines().position(|line| line.trim_start().starts_with(key));
        block.first_line + offset.unwrap_or(0)
    };
    check_purpose(&block, &header).map_err(|(key, message)| error(line_of(key), message))?;
    let params = header
        .params
        .into_iter()
        .map(|(name, param)| {
            let section = format!("[params.{name}]");
            typed(&name, param)
                .map(|param| (name, param))
                .map_err(|message| error(line_of(&section), message))
        })
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    check_params(text, &params).map_err(|(line, name, message)| {
        error(line.unwrap_or_else(|| line_of(&format!("[params.{name}]"))), message)
    })?;
    Ok(CannedQuery {
        id: id.to_owned(),
        purpose: block.purpose,
        title: header.title,
        severity: header.severity,
        description: header.description,
        remediation: header.remediation,
        tags: header.tags,
        columns: header.columns,
        needs: header.needs,
        frameworks: header.frameworks,
        params,
        sql: text.to_owned(),
        file: file.to_owned(),
    })
}

/// Finds the block and takes the comment marks off.
fn find(text: &str) -> Result<Block, (usize, String)> {
    let mut lines = text.lines().enumerate();
    let (start, purpose) = lines
        .by_ref()
        .find_map(|(index, line)| Some((index, line.strip_prefix("-- /// ")?.trim())))
        .ok_or((1, "has no header: begin it with `-- /// control` or `-- /// query`".to_owned()))?;
    let purpose = match purpose {
        "control" => Purpose::Control,
        "query" => Purpose::Investigation,
        other => return Err((start + 1, format!("`{other}` is neither `control` nor `query`"))),
    };
    let mut toml = String::new();
    for (index, line) in lines {
        if line.trim_end() == "-- ///" {
            return Ok(Block { purpose, toml, first_line: start + 2 });
        }
        let Some(content) = line.strip_prefix("--") else {
            return Err((index + 1, "the header is not closed: end it with `-- ///`".to_owned()));
        };
        toml.push_str(content.strip_prefix(' ').unwrap_or(content));
        toml.push('\n');
    }
    Err((start + 1, "the header is not closed: end it with `-- ///`".to_owned()))
}

fn check_purpose(block: &Block, header: &Header) -> Result<(), (&'static str, String)> {
    match block.purpose {
        Purpose::Control if header.severity.is_none() => {
            Err(("title", "a control has a severity".to_owned()))
        }
        Purpose::Control if header.remediation.is_none() => {
            Err(("title", "a control has a remediation".to_owned()))
        }
        Purpose::Investigation if header.severity.is_some() => {
            Err(("severity", "an investigation judges nothing and has no severity".to_owned()))
        }
        Purpose::Investigation if !header.needs.is_empty() => {
            Err(("needs", "an investigation shows what there is and needs nothing".to_owned()))
        }
        Purpose::Control if !header.needs.is_empty() && !has_needs(header) => Err((
            "needs",
            format!(
                "a control that needs more than reports says so in its rows: columns = [\"{NEEDS}\"]"
            ),
        )),
        Purpose::Investigation if !header.columns.is_empty() => Err((
            "columns",
            "only controls declare columns; an investigation's are its own".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn has_needs(header: &Header) -> bool {
    header.columns.iter().any(|column| column == NEEDS)
}

fn typed(name: &str, param: HeaderParam) -> Result<Param, String> {
    let default = match param.default {
        None => None,
        Some(toml::Value::String(text))
            if matches!(param.param_type, ParamType::Text | ParamType::Timestamp) =>
        {
            Some(text)
        }
        Some(toml::Value::Array(items)) if param.param_type == ParamType::TextList => {
            let texts = items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>();
            Some(texts.ok_or_else(|| wrong_default(name, param.param_type))?.join(","))
        }
        Some(toml::Value::String(_)) => return Err(wrong_default(name, param.param_type)),
        Some(value) if !matches!(param.param_type, ParamType::Text | ParamType::TextList) => {
            Some(value.to_string())
        }
        Some(_) => return Err(wrong_default(name, param.param_type)),
    };
    if default.as_ref().is_some_and(|text| !param.param_type.accepts(text)) {
        return Err(wrong_default(name, param.param_type));
    }
    Ok(Param { param_type: param.param_type, default, doc: param.doc })
}

fn wrong_default(name: &str, param_type: ParamType) -> String {
    format!("the default of `{name}` is not {}", param_type.words())
}

/// Every `$name` is declared, every declared name is used.
fn check_params(
    sql: &str,
    params: &BTreeMap<String, Param>,
) -> Result<(), (Option<usize>, String, String)> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql)
        .tokenize_with_location()
        .map_err(|error| (Some(1), String::new(), error.to_string()))?;
    let mut used = Vec::new();
    for token in tokens {
        if let Token::Placeholder(name) = &token.token {
            let name = name.trim_start_matches('$').to_owned();
            if !params.contains_key(&name) {
                let line = usize::try_from(token.span.start.line).ok();
                let message =
                    format!("`${name}` is not declared: add [params.{name}] to the header");
                return Err((line, name, message));
            }
            used.push(name);
        }
    }
    match params.keys().find(|name| !used.contains(name)) {
        Some(name) => Err((None, name.clone(), format!("the statement does not use `${name}`"))),
        None => Ok(()),
    }
}

fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "-- /// control\n-- title = \"t\"\n-- description = \"d\"\n-- severity = \"high\"\n\
        -- remediation = \"r\"\n-- [params.days]\n-- type = \"integer\"\n-- default = 90\n-- doc = \"x\"\n-- ///\nSELECT $days AS n\n";

    fn error(text: &str) -> String {
        parse("an-id", Path::new("q.sql"), text).expect_err(text).to_string()
    }

    #[test]
    fn a_header_is_read() {
        let query = parse("an-id", Path::new("q.sql"), GOOD).expect("it is good");
        assert_eq!(query.severity, Some(Severity::High));
        assert_eq!(query.params["days"].default.as_deref(), Some("90"));
        assert_eq!(query.sql, GOOD);
    }

    #[test]
    fn mistakes_are_refused_with_their_line() {
        for (from, to, expected) in [
            ("-- /// control", "-- control", "q.sql:1: has no header"),
            ("-- /// control", "-- /// controls", "q.sql:1: `controls` is neither"),
            ("-- ///\nSELECT", "SELECT", "q.sql:10: the header is not closed"),
            ("-- title = \"t\"\n", "", "missing field `title`"),
            ("title =", "titel =", "q.sql:2: unknown field `titel`"),
            ("\"high\"", "\"huge\"", "q.sql:4: unknown variant `huge`"),
            ("-- severity = \"high\"\n", "", "a control has a severity"),
            (
                "default = 90",
                "default = \"90\"",
                "q.sql:6: the default of `days` is not a whole number",
            ),
            (
                "default = 90",
                "default = 9.5",
                "q.sql:6: the default of `days` is not a whole number",
            ),
            ("\"integer\"", "\"int\"", "q.sql:7: unknown variant `int`"),
            ("$days", "$day", "q.sql:11: `$day` is not declared"),
            (
                "-- [params",
                "-- needs = [\"iam:GetAccountSummary\"]\n-- [params",
                "q.sql:6: a control that needs more than reports says so",
            ),
            ("$days", "1", "q.sql:6: the statement does not use `$days`"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = error(&text);
            assert!(error.contains(expected), "{expected}: {error}");
        }
        let error =
            parse("An_Id", Path::new("q.sql"), GOOD).expect_err("the id is bad").to_string();
        assert!(error.contains("`An_Id` is no id"), "{error}");
    }
}
