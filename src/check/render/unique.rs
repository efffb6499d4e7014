//! Names of which none may come twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The names given so far. Only hashes are kept: two names of one hash cost a number that was not
/// needed, never a name given twice.
#[derive(Debug, Default)]
pub(super) struct Unique {
    given: HashMap<u64, u64>,
}

impl Unique {
    /// The name itself the first time, then `name#2`, `name#3`, …
    pub(super) fn give(&mut self, name: &str) -> String {
        let base = hash(name);
        let mut count = self.given.get(&base).map_or(1, |count| count + 1);
        let mut unique = numbered(name, count);
        // somebody may be called `name#2`
        while self.given.contains_key(&hash(&unique)) {
            count += 1;
            unique = numbered(name, count);
        }
        self.given.insert(hash(&unique), 1);
        self.given.insert(base, count);
        unique
    }
}

fn numbered(name: &str, count: u64) -> String {
    if count == 1 { name.to_owned() } else { format!("{name}#{count}") }
}

/// The same for every run, so that equal input gives equal output.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn repetitions_are_numbered() {
        let mut names = Unique::default();
        let given: Vec<String> = ["alice", "bob", "alice", "alice#2", "alice", "alice#2"]
            .into_iter()
            .map(|name| names.give(name))
            .collect();
        assert_eq!(given, ["alice", "bob", "alice#2", "alice#2#2", "alice#3", "alice#2#3"]);
    }

    #[test]
    fn many_of_one_name_do_not_take_long() {
        let mut names = Unique::default();
        let given: HashSet<String> = (0..100_000).map(|_| names.give("x")).collect();
        assert_eq!(given.len(), 100_000);
    }
}
