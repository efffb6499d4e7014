//! Accounts that the user lists, instead of asking Organizations: ids on the command line, or a
//! file of them.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::aws::trouble::{Kind, Result, Trouble};
use crate::decode::sections::is_account_id;

/// Names of the column that holds ids, the best first.
const ID: [&str; 2] = ["account_id", "id"];

/// Names of the column that holds names, the best first.
const NAME: [&str; 2] = ["account_name", "name"];

/// An account the user listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Twelve digits.
    pub id: String,
    /// Its name, if the list tells one.
    pub name: Option<String>,
}

/// Takes what was said on the command line: ids with commas between them, or the path of a file.
/// An account listed twice is given once, where it came first.
///
/// # Errors
/// If a word is neither an id nor a file, and those of [`parse_file`].
pub fn parse(argument: &str) -> Result<Vec<Given>> {
    let words: Vec<&str> = argument.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    if !words.is_empty() && words.iter().all(|word| is_account_id(word)) {
        let given = words.into_iter().map(|id| Given { id: id.to_owned(), name: None });
        return Ok(once(given.collect()));
    }
    let path = Path::new(argument);
    match std::fs::read(path) {
        Ok(bytes) => parse_file(&String::from_utf8_lossy(&bytes), argument),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(match words.iter().find(|word| !is_account_id(word)) {
                Some(word)
                    if word.chars().any(|c| c.is_ascii_digit())
                        && !argument.contains(['/', '.']) =>
                {
                    not_an_id(word)
                }
                _ => Trouble::new(Kind::NotFound, format!("{argument}: no such file"))
                    .hint("give a file of account ids, or ids with commas between them"),
            })
        }
        Err(error) => Err(Trouble::new(Kind::Other, format!("{argument}: {error}"))),
    }
}

/// Reads a list: one id on a line, or CSV whose header has a column `account_id` or `id`, and
/// perhaps `account_name` or `name`. Blank lines and lines that begin with `#` are skipped.
///
/// # Errors
/// If an id is not one, if there is none, or if a header has no such column. `file` and the line
/// are named.
pub fn parse_file(text: &str, file: &str) -> Result<Vec<Given>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .zip(1_usize..)
        .map(|(line, number)| (line.trim(), number))
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let columns = lines.peek().and_then(|(line, _)| header(line));
    if columns.is_some() {
        lines.next();
    }
    let given: Vec<Given> = lines
        .map(|(line, number)| {
            let read = match columns {
                Some(columns) => row(line, columns),
                None => plain(line),
            };
            read.map_err(|trouble| Trouble {
                message: format!("{file}, line {number}: {}", trouble.message),
                ..trouble
            })
        })
        .collect::<Result<_>>()?;
    if given.is_empty() {
        return Err(Trouble::new(Kind::NotFound, format!("{file} lists no account"))
            .hint("write one account id on each line"));
    }
    Ok(once(given))
}

/// Where ids and names stand.
#[derive(Clone, Copy)]
struct Columns {
    id: usize,
    name: Option<usize>,
}

fn header(line: &str) -> Option<Columns> {
    let cells: Vec<String> = cells(line).iter().map(|cell| cell.to_ascii_lowercase()).collect();
    let place =
        |names: [&str; 2]| names.iter().find_map(|name| cells.iter().position(|cell| cell == name));
    Some(Columns { id: place(ID)?, name: place(NAME) })
}

fn row(line: &str, columns: Columns) -> Result<Given> {
    let cells = cells(line);
    let id = cells.get(columns.id).map_or("", String::as_str);
    if !is_account_id(id) {
        return Err(not_an_id(id));
    }
    let name = columns.name.and_then(|name| cells.get(name)).filter(|name| !name.is_empty());
    Ok(Given { id: id.to_owned(), name: name.cloned() })
}

/// A line of a plain list. What follows a `#` is for people.
fn plain(line: &str) -> Result<Given> {
    let id = line.split('#').next().unwrap_or_default().trim();
    if is_account_id(id) {
        return Ok(Given { id: id.to_owned(), name: None });
    }
    let trouble = not_an_id(id);
    Err(if id.contains(',') {
        trouble.hint("a file of several columns begins with a header that names account_id")
    } else {
        trouble
    })
}

fn not_an_id(text: &str) -> Trouble {
    let trouble = Trouble::new(Kind::Other, format!("`{text}` is not an account id"));
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    trouble.hint(if digits && (9..12).contains(&text.len()) {
        "ids have 12 digits; a spreadsheet may have dropped zeros at the front"
    } else {
        "an account id is 12 digits"
    })
}

/// The cells of one line of CSV. A quoted cell may hold commas, and quotes written twice; a line
/// break inside a name is nothing that Organizations allows.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => push(&mut cells, letter),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

/// Each account once; a name told later is not lost.
fn once(given: Vec<Given>) -> Vec<Given> {
    let mut names: HashMap<String, String> = HashMap::new();
    for account in given.iter().rev() {
        if let Some(name) = &account.name {
            names.insert(account.id.clone(), name.clone());
        }
    }
    let mut seen = HashSet::new();
    given
        .into_iter()
        .filter(|account| seen.insert(account.id.clone()))
        .map(|account| Given { name: names.remove(&account.id), ..account })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(given: &[Given]) -> Vec<&str> {
        given.iter().map(|account| account.id.as_str()).collect()
    }

    #[test]
    fn ids_on_the_command_line_are_taken_once_with_their_zeros() {
        let given = parse("001122334455, 111122223333,001122334455,").expect("ids");
        assert_eq!(ids(&given), ["001122334455", "111122223333"]);
    }

    #[test]
    fn a_word_that_is_no_id_is_named() {
        let trouble = parse("111122223333,12345678901").expect_err("eleven digits");
        assert_eq!(trouble.message, "`12345678901` is not an account id");
        assert!(trouble.hint.is_some_and(|hint| hint.contains("zeros")));
        assert_eq!(parse("no/such.csv").expect_err("no file").message, "no/such.csv: no such file");
        assert_eq!(parse("nofile").expect_err("no file").message, "nofile: no such file");
        assert_eq!(parse("").expect_err("nothing").kind, Kind::NotFound);
    }

    #[test]
    fn a_plain_list_has_comments_and_blank_lines() {
        let text = "\u{feff}# prod\r\n001122334455\r\n\r\n  111122223333  # eu\r\n001122334455\r\n";
        assert_eq!(ids(&parse_file(text, "a").expect("a list")), ["001122334455", "111122223333"]);
    }

    #[test]
    fn a_table_tells_names() {
        let text =
            "# from HR\nName,Email,Id\n\"Prod, \"\"EU\"\" #1\",a@b,001122334455\n,,111122223333\n";
        let given = parse_file(text, "a.csv").expect("a table");
        assert_eq!(ids(&given), ["001122334455", "111122223333"]);
        assert_eq!(given[0].name.as_deref(), Some("Prod, \"EU\" #1"));
        assert_eq!(given[1].name, None);
    }

    #[test]
    fn account_id_is_a_better_column_than_id() {
        let text = "id,account_id,account_name\n7,001122334455,Prod\n";
        assert_eq!(ids(&parse_file(text, "a").expect("a table")), ["001122334455"]);
    }

    #[test]
    fn a_name_told_later_is_kept() {
        let text = "account_id,name\n001122334455,\n001122334455,Prod\n001122334455,Other\n";
        let given = parse_file(text, "a").expect("a table");
        assert_eq!(given, [Given { id: "001122334455".to_owned(), name: Some("Prod".to_owned()) }]);
    }

    #[test]
    fn file_and_line_are_named() {
        let message = |text: &str| parse_file(text, "ids.txt").expect_err("a bad list").message;
        assert_eq!(
            message("# x\n111122223333\n1111-2222-3333\n"),
            "ids.txt, line 3: `1111-2222-3333` is not an account id"
        );
        assert_eq!(
            message("account_id,name\n111122223333,a\n,b\n"),
            "ids.txt, line 3: `` is not an account id"
        );
        assert_eq!(
            message("111122223333,Prod\n"),
            "ids.txt, line 1: `111122223333,Prod` is not an account id"
        );
        assert_eq!(message("# nothing\n\n"), "ids.txt lists no account");
        assert_eq!(message("account_id\n"), "ids.txt lists no account");
    }
}
