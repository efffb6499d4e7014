//! The order in which a bucket is listed: which requests follow from an answer.
//!
//! A page has a thousand keys at most and names the next one, so a listing is a line of requests, each
//! waiting for the one before. What is long is listed by its folders instead, many at once: a page
//! that is not the last is followed by a look at the level it ended in, and every folder found there
//! becomes a line of its own. Small folders share a line, as many as seem to fit one page. Nothing is
//! asked for only to look: every answer brings keys that count.
//!
//! Folders are only where the work is cut. Each key belongs to exactly one span, or to exactly one
//! level, whatever folders there are.

use super::list::Object;

/// One request of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// All keys in some folders.
    Span(Span),
    /// What is directly in a folder: keys, and the names of the folders in it.
    Level(Level),
}

/// Neighbouring folders, in order, to be listed with all that is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// What they are in. Keys directly in it do not belong to the span.
    parent: String,
    /// At least one.
    folders: Vec<String>,
    /// Only keys behind this one.
    after: Option<String>,
    /// Where the next page begins, if the last one had nothing to go on from: a store may pass over
    /// what was deleted, and name a next page all the same.
    token: Option<String>,
}

/// One level of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Level {
    folder: String,
    /// Only keys behind this one; the folder that it is in belongs to others.
    after: String,
    /// Where the next page begins, if this is not the first.
    token: Option<String>,
    /// How many folders of this level seem to fit one page.
    group: usize,
}

/// What a step asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) prefix: String,
    pub(super) after: Option<String>,
    pub(super) token: Option<String>,
    /// Whether what is in folders is left out.
    pub(super) one_level: bool,
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// In the order of their keys.
    pub(super) objects: Vec<Object>,
    pub(super) folders: Vec<String>,
    /// Where the next page begins; none if this is the last.
    pub(super) next: Option<String>,
}

/// What follows from an answer.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Keys that count.
    pub(super) objects: Vec<Object>,
    /// What is left to do.
    pub(super) steps: Vec<Step>,
    /// The answer leads nowhere: asked for what follows, the store gave what came before.
    pub(super) is_stuck: bool,
}

impl Step {
    /// The first step of listing everything that begins so.
    pub(super) fn first(prefix: &str) -> Self {
        let prefix = prefix.to_owned();
        Self::Span(Span { parent: prefix.clone(), folders: vec![prefix], after: None, token: None })
    }

    pub(super) fn request(&self) -> Request {
        match self {
            Self::Span(span) => span.request(),
            Self::Level(level) => Request {
                prefix: level.folder.clone(),
                after: Some(level.after.clone()),
                token: level.token.clone(),
                one_level: true,
            },
        }
    }

    /// What to do with the answer.
    pub(super) fn answered(self, page: Page) -> Found {
        match self {
            Self::Span(span) => span.answered(page),
            Self::Level(level) => level.answered(page),
        }
    }
}

impl Span {
    fn request(&self) -> Request {
        let (prefix, start) = match self.folders.as_slice() {
            [folder] => (folder, None),
            folders => (&self.parent, folders.first().and_then(|folder| before(folder))),
        };
        Request {
            prefix: prefix.clone(),
            after: self.after.clone().or(start),
            token: self.token.clone(),
            ..Request::default()
        }
    }

    fn answered(self, page: Page) -> Found {
        let last = page.objects.last().map(|object| object.key.clone());
        let objects: Vec<Object> =
            page.objects.into_iter().filter(|object| self.holds(&object.key)).collect();
        let Some(next) = page.next else {
            return Found { objects, ..Found::default() };
        };
        let Some(last) = last else {
            let is_stuck = self.token.as_ref() == Some(&next);
            let steps = vec![Step::Span(Self { token: Some(next), ..self })];
            return Found { steps: if is_stuck { Vec::new() } else { steps }, is_stuck, objects };
        };
        if self.after.as_ref().is_some_and(|after| last <= *after) {
            return Found { is_stuck: true, ..Found::default() };
        }
        let steps = self.rest(&last, &objects);
        Found { objects, steps, is_stuck: false }
    }

    /// Whether a key belongs to the span. Several folders are asked for by the range they span, in
    /// which there are other keys as well, and the last page reaches beyond its end.
    fn holds(&self, key: &str) -> bool {
        if self.after.as_deref().is_some_and(|after| key <= after) {
            return false;
        }
        match self.folders.as_slice() {
            [folder] => key.starts_with(folder.as_str()),
            [first, .., last] => {
                key >= first.as_str()
                    && (key <= last.as_str() || key.starts_with(last.as_str()))
                    && child(key, &self.parent).is_some()
            }
            [] => false,
        }
    }

    /// What is left of the span behind a key.
    fn rest(self, last: &str, objects: &[Object]) -> Vec<Step> {
        let is_done =
            |folder: &String| folder.as_str() < last && !last.starts_with(folder.as_str());
        let done = self.folders.iter().take_while(|folder| is_done(folder)).count();
        let left = self.folders.get(done..).unwrap_or_default();
        let Some((current, others)) = left.split_first() else {
            return Vec::new();
        };
        if done > 0 {
            // As many folders again as there were in this page.
            return spans(&self.parent, left, done, Some(last));
        }
        let mut steps = if last.starts_with(current.as_str()) {
            inside(current, last, objects)
        } else {
            spans(&self.parent, std::slice::from_ref(current), 1, Some(last))
        };
        // They were thought to fit one page together with the first, which was wrong.
        steps.extend(spans(&self.parent, others, others.len().div_ceil(4), None));
        steps
    }
}

impl Level {
    fn answered(self, page: Page) -> Found {
        let taken = child(&self.after, &self.folder);
        let objects = page.objects.into_iter().filter(|object| object.key > self.after).collect();
        let is_new = |folder: &String| match taken {
            Some(taken) => folder.as_str() > taken,
            None => *folder > self.after,
        };
        let folders: Vec<String> = page.folders.into_iter().filter(is_new).collect();
        let mut steps = spans(&self.folder, &folders, self.group, None);
        let is_stuck = page.next.is_some() && page.next == self.token;
        if let Some(token) = page.next.filter(|_| !is_stuck) {
            steps.push(Step::Level(Self { token: Some(token), ..self }));
        }
        Found { objects, steps, is_stuck }
    }
}

/// What is left of a folder behind a key: the folder in it that the key is in, and all others.
fn inside(folder: &str, last: &str, objects: &[Object]) -> Vec<Step> {
    let mut children: Vec<&str> =
        objects.iter().filter_map(|object| child(&object.key, folder)).collect();
    children.dedup();
    // The last one is not complete.
    let group = children.len().saturating_sub(1).max(1);
    let (folder, after) = (folder.to_owned(), last.to_owned());
    let mut steps: Vec<Step> = child(last, &folder)
        .map(|child| spans(&folder, &[child.to_owned()], 1, Some(last)))
        .unwrap_or_default();
    steps.push(Step::Level(Level { folder, after, token: None, group }));
    steps
}

/// Folders in groups; the first group begins behind a key.
fn spans(parent: &str, folders: &[String], group: usize, after: Option<&str>) -> Vec<Step> {
    let groups = folders.chunks(group.max(1)).enumerate();
    groups
        .map(|(number, folders)| {
            let after = after.filter(|_| number == 0).map(ToOwned::to_owned);
            Step::Span(Span {
                parent: parent.to_owned(),
                folders: folders.to_vec(),
                after,
                token: None,
            })
        })
        .collect()
}

/// Something that comes before a folder and behind nearly everything else that does. The folder's
/// name itself may be a key.
fn before(folder: &str) -> Option<String> {
    // A dot is what comes before a slash.
    Some(format!("{}.~", folder.strip_suffix('/')?))
}

/// The folder in `folder` that a key is in, if it is in one.
fn child<'a>(key: &'a str, folder: &str) -> Option<&'a str> {
    let end = key.strip_prefix(folder)?.find('/')?;
    key.get(..=folder.len() + end)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, VecDeque};

    use super::*;

    /// A store with pages of some size. Services differ in whether a folder that `after` is in
    /// comes again.
    struct Store {
        keys: BTreeSet<String>,
        size: usize,
        comes_again: bool,
    }

    impl Store {
        fn page(&self, request: &Request) -> Page {
            let mut page = Page::default();
            let mut seen = String::new();
            let start = request.after.as_ref().or(request.token.as_ref());
            let start = start.map_or(&request.prefix, |after| after.max(&request.prefix));
            let keys = self.keys.range(start.clone()..);
            for key in keys.take_while(|key| key.starts_with(&request.prefix)) {
                let folder = child(key, &request.prefix).filter(|_| request.one_level);
                let shown = folder.unwrap_or(key);
                let hides = |after: &String| {
                    if self.comes_again { key <= after } else { shown <= after.as_str() }
                };
                if request.after.as_ref().is_some_and(hides)
                    || request.token.as_deref().is_some_and(|token| shown <= token)
                    || shown == seen
                {
                    continue;
                }
                if page.objects.len() + page.folders.len() == self.size {
                    page.next = Some(seen);
                    break;
                }
                shown.clone_into(&mut seen);
                match folder {
                    Some(folder) => page.folders.push(folder.to_owned()),
                    None => page.objects.push(Object::named(key)),
                }
            }
            page
        }

        /// All keys in the order they come, the number of requests, and of rounds if sixteen go at
        /// once.
        fn list(&self, prefix: &str) -> (Vec<String>, usize, usize) {
            let mut waiting = VecDeque::from([Step::first(prefix)]);
            let (mut keys, mut requests, mut rounds) = (Vec::new(), 0, 0);
            while !waiting.is_empty() {
                rounds += 1;
                let round: Vec<Step> = waiting.drain(..waiting.len().min(16)).collect();
                for step in round {
                    requests += 1;
                    let page = self.page(&step.request());
                    let found = step.answered(page);
                    assert!(!found.is_stuck);
                    keys.extend(found.objects.into_iter().map(|object| object.key));
                    waiting.extend(found.steps);
                }
                assert!(requests < 10_000);
            }
            (keys, requests, rounds)
        }
    }

    fn store(keys: impl IntoIterator<Item = String>) -> Store {
        Store { keys: keys.into_iter().collect(), size: 1000, comes_again: true }
    }

    #[test]
    fn every_key_comes_once_whatever_the_folders_are() {
        arbtest::arbtest(|random| {
            let count = random.int_in_range(0..=120)?;
            let mut keys = BTreeSet::new();
            for _ in 0..count {
                let depth = random.int_in_range(0..=4)?;
                let part = |random: &mut arbtest::arbitrary::Unstructured<'_>| {
                    random.choose(&["a", "b", "a-", "a0", "é", "b\u{10ffff}", "", "c c"]).copied()
                };
                let mut key = part(random)?.to_owned();
                for _ in 0..depth {
                    key = format!("{key}/{}", part(random)?);
                }
                keys.insert(key);
            }
            // No object has no name.
            keys.remove("");
            let size = random.int_in_range(1..=7)?;
            let prefix = random.choose(&["", "a", "a/", "b/a/"]).copied()?;
            let store = Store { keys, size, comes_again: random.arbitrary()? };
            let (mut came, ..) = store.list(prefix);
            came.sort();
            let wanted: Vec<_> =
                store.keys.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
            assert_eq!(came, wanted);
            Ok(())
        })
        .budget_ms(1500);
    }

    #[test]
    fn what_fits_one_page_takes_one_request() {
        assert_eq!(store((0..1000).map(|n| format!("r/{n}/x"))).list("r/").1, 1);
        assert_eq!(store([]).list("").1, 1);
    }

    #[test]
    fn a_year_of_days_is_listed_many_days_at_once() {
        let days = |accounts: usize| {
            (0..365).flat_map(move |day| {
                (0..accounts).map(move |n| format!("o/x/date={day:03}/account_id={n:04}/r.csv"))
            })
        };
        // As many pages as there are, some more, and sixteen of them at once.
        let (keys, requests, rounds) = store(days(1000)).list("o/");
        assert_eq!(keys.len(), 365_000);
        assert!((365..=380).contains(&requests) && rounds <= 30, "{requests} in {rounds}");
        let (_, requests, rounds) = store(days(40)).list("o/");
        assert!((15..=30).contains(&requests) && rounds <= 5, "{requests} in {rounds}");
    }

    #[test]
    fn many_small_folders_share_pages() {
        let keys = (0..5000).map(|n| format!("r/{n:012}/latest.csv"));
        let (_, requests, rounds) = store(keys).list("r/");
        assert!(requests <= 16 && rounds <= 8, "{requests} in {rounds}");
    }

    #[test]
    fn one_folder_of_everything_is_found_among_small_ones() {
        let small = (0..20).map(|n| format!("r/{n:02}/x"));
        let large = (0..100).flat_map(|day| (0..500).map(move |n| format!("r/10/{day:03}/{n:04}")));
        let (_, requests, rounds) = store(small.chain(large)).list("r/");
        assert!(requests <= 120 && rounds <= 14, "{requests} in {rounds}");
    }

    #[test]
    fn a_flat_prefix_is_a_line_of_pages() {
        let (keys, requests, _) = store((0..50_000).map(|n| format!("r/{n:06}"))).list("r/");
        assert_eq!((keys.len(), requests), (50_000, 50));
    }

    #[test]
    fn an_empty_page_that_names_another_is_gone_on_from() {
        let empty = |next: &str| Page { next: Some(next.to_owned()), ..Page::default() };
        let found = Step::first("a/").answered(empty("one"));
        let [step] = <[Step; 1]>::try_from(found.steps).expect("one step");
        assert_eq!(step.request().token.as_deref(), Some("one"));
        let objects = vec![Object::named("a/b")];
        let last = step.clone().answered(Page { objects, ..Page::default() });
        assert_eq!((last.objects.len(), last.steps.len(), last.is_stuck), (1, 0, false));
        assert!(step.answered(empty("one")).is_stuck, "the same page again and again");
    }

    #[test]
    fn a_store_that_does_not_move_on_is_noticed() {
        let same = || Page {
            objects: vec![Object::named("a/b")],
            folders: Vec::new(),
            next: Some("t".to_owned()),
        };
        let mut steps = Step::first("a/").answered(same()).steps;
        while let Some(step) = steps.pop() {
            let found = step.answered(same());
            if found.is_stuck {
                return;
            }
            steps = found.steps;
        }
        panic!("it was not noticed");
    }
}
