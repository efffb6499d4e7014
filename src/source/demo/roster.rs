//! Who is in an account at a moment, in the order of a report.

use super::account::Account;
use super::calendar::{DAY, HOUR};
use super::names::{Names, in_order};
use super::people::Role;
use super::random::Dice;

/// One user who is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) dice: Dice,
    pub(super) created: i64,
    /// Between `user/` and the name in the ARN.
    pub(super) path: &'static str,
    /// Access keys beyond the two that have columns.
    pub(super) more_keys: u64,
}

/// A user with a name of its own.
struct Character {
    name: &'static str,
    path: &'static str,
    role: Role,
    /// In so many of 100 accounts.
    chance: u64,
    /// And certainly in this account.
    home: Option<u32>,
}

/// In the order of a report. No made-up name is like one of these.
#[rustfmt::skip]
static CHARACTERS: [Character; 10] = [
    Character { name: "alerts+pager@example.com", path: "", role: Role::Unattended, chance: 8, home: Some(9) },
    Character { name: "break-glass", path: "", role: Role::BreakGlass, chance: 60, home: Some(0) },
    Character { name: "build=artifacts_publisher", path: "service/", role: Role::Pipeline, chance: 6, home: Some(2) },
    Character { name: "ci-deploy", path: "service/", role: Role::Pipeline, chance: 65, home: Some(0) },
    Character { name: "legacy_backup", path: "", role: Role::Forgotten, chance: 15, home: Some(3) },
    Character { name: "Okafor,Ngozi", path: "", role: Role::Person, chance: 1, home: Some(1) },
    Character { name: "root", path: "", role: Role::Unattended, chance: 0, home: Some(3) },
    Character { name: "ses-smtp-user.outbound", path: "", role: Role::Unattended, chance: 25, home: Some(11) },
    Character { name: "terraform", path: "service/", role: Role::Tool, chance: 25, home: Some(5) },
    Character { name: "third-party-scanner", path: "", role: Role::Partner, chance: 10, home: Some(4) },
];

/// Calls `visit` for each user who is in the account at `now`, in the order of a report.
pub(super) fn visit(account: &Account, now: i64, mut visit: impl FnMut(&[u8], Member)) {
    let characters = present_characters(account);
    let places = account.places - characters.len() as u64;
    let people = (places * account.people).div_ceil(100);
    let mut queues = [
        Queue::new(Kind::People(Names::of_people(people, account.style)), people),
        Queue::new(Kind::Services(Names::of_services(places - people)), places - people),
        Queue::new(Kind::Characters(&characters), characters.len() as u64),
    ];
    for queue in &mut queues {
        queue.advance(account, now);
    }
    // Each queue is in order, so the least of the heads is the next user of all.
    while let Some((queue, member)) = queues
        .iter_mut()
        .filter_map(|queue| queue.head.map(|member| (queue, member)))
        .reduce(|left, right| if in_order(&left.0.name, &right.0.name) { left } else { right })
    {
        visit(&queue.name, member);
        queue.advance(account, now);
    }
}

/// At most every third place is for a character, so that small accounts have ordinary users too.
fn present_characters(account: &Account) -> Vec<(u64, &'static Character)> {
    let is_present = |&(number, character): &(u64, &Character)| {
        character.home == Some(account.number)
            || account.dice.part(6).part(number).percent(character.chance)
    };
    let most = usize::try_from(account.places / 3).unwrap_or(usize::MAX);
    (0..).zip(&CHARACTERS).filter(is_present).take(most).collect()
}

enum Kind<'a> {
    People(Names),
    Services(Names),
    Characters(&'a [(u64, &'static Character)]),
}

/// The users of one kind; `head` is the next one, of whom `name` is the name.
struct Queue<'a> {
    kind: Kind<'a>,
    next_place: u64,
    places: u64,
    name: Vec<u8>,
    head: Option<Member>,
}

impl<'a> Queue<'a> {
    fn new(kind: Kind<'a>, places: u64) -> Self {
        Self { kind, next_place: 0, places, name: Vec::with_capacity(64), head: None }
    }

    /// Goes on to the next place that is taken.
    fn advance(&mut self, account: &Account, now: i64) {
        self.head = None;
        while self.next_place < self.places && self.head.is_none() {
            self.name.clear();
            self.head = self.take(self.next_place, account, now);
            self.next_place += 1;
        }
    }

    /// The user in a place, and its name; `None` if the place is free.
    fn take(&mut self, place: u64, account: &Account, now: i64) -> Option<Member> {
        match &self.kind {
            Kind::People(names) => {
                let place_dice = account.dice.part(7).part(place);
                let tenant = Tenant::at(account, place_dice, 400..2400, now)?;
                names.write_person(
                    &mut self.name,
                    account.style,
                    (place, tenant.number),
                    place_dice.part(2),
                );
                Some(tenant.member(Role::Person, account.people_path))
            }
            Kind::Services(names) => {
                let place_dice = account.dice.part(8).part(place);
                let tenant = Tenant::at(account, place_dice, 900..5000, now)?;
                names.write_service(
                    &mut self.name,
                    account.service_prefix,
                    (place, tenant.number),
                    place_dice.part(2),
                );
                let path = place_dice.part(3).pick(&[
                    "",
                    "",
                    "",
                    "service/",
                    "service/",
                    "service/batch/",
                ]);
                if account.extended && place == 0 {
                    // Who has keys beyond the columns has both columns full.
                    let member = tenant.member(Role::Tool, path);
                    return Some(Member { more_keys: 2, ..member });
                }
                Some(tenant.member(Role::Service, path))
            }
            Kind::Characters(present) => {
                let &(number, character) = present.get(usize::try_from(place).ok()?)?;
                let mut dice = account.dice.part(9).part(number);
                let created = working_hour(account.opening(&mut dice), dice);
                self.name.extend_from_slice(character.name.as_bytes());
                let member = Member {
                    role: character.role,
                    dice,
                    created,
                    path: character.path,
                    more_keys: 0,
                };
                (created <= now).then_some(member)
            }
        }
    }
}

/// One of the users who have a place one after the other.
struct Tenant {
    number: i64,
    dice: Dice,
    created: i64,
}

impl Tenant {
    /// Who has the place at `now`: each stays for so many days (the same for all of one place), and
    /// comes a while after the one before left.
    fn at(
        account: &Account,
        place: Dice,
        stay_days: std::ops::Range<i64>,
        now: i64,
    ) -> Option<Self> {
        let mut traits = place.part(0);
        let stay = traits.between(stay_days.start, stay_days.end) * DAY;
        let begin = account.end - traits.between(0, stay);
        let opening = account.opening(&mut traits);
        let number = (now - begin).div_euclid(stay);
        let dice = place.part(1).on(number);
        let start = begin + number * stay + dice.part(6).between(DAY, 40 * DAY);
        let created = working_hour(start.max(opening), dice.part(7));
        (created <= now).then_some(Self { number, dice, created })
    }

    fn member(&self, role: Role, path: &'static str) -> Member {
        Member { role, dice: self.dice, created: self.created, path, more_keys: 0 }
    }
}

/// A moment in the working hours of the same day.
fn working_hour(time: i64, mut dice: Dice) -> i64 {
    time.div_euclid(DAY) * DAY + dice.between(7 * HOUR, 18 * HOUR)
}
