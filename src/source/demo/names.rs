//! User names, made so that their order is known before they are.
//!
//! The n-th place of an account takes its name from the n-th stretch of all possible names in
//! alphabetical order. So names are unique and a report comes out sorted, without keeping or
//! sorting anything, however many users there are.

use super::calendar::digit;
use super::random::Dice;
use super::words::{GIVEN, SURNAMES, SYSTEMS, TASKS};

/// How the people of an account spell their user names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    /// `ana.silva`
    Dotted,
    /// `Ana.Silva`
    Capital,
    /// `ana.silva@example.com`
    Email,
    /// `ana_silva`
    Underscore,
    /// `asilva`
    Initial,
}

/// Letters that given names begin with.
const INITIALS: [&str; 22] = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "r", "s", "t",
    "v", "y", "z",
];

/// Ends that tell apart service accounts of the same task.
const VARIANTS: [&str; 4] = ["", "-eu", "-ro", "-rw"];

/// Several times more names than places, in alphabetical order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    places: u64,
    /// Names without a number.
    plain: u64,
    /// Each plain name comes so often: without a number, with 1, with 2, …
    copies: u64,
}

impl Names {
    /// Enough names for the people of an account.
    pub(super) fn of_people(places: u64, style: Style) -> Self {
        let first = if matches!(style, Style::Initial) { INITIALS.len() } else { GIVEN.len() };
        Self::new(places, first * SURNAMES.len())
    }

    /// Enough names for the service accounts of an account.
    pub(super) fn of_services(places: u64) -> Self {
        Self::new(places, SYSTEMS.len() * TASKS.len() * VARIANTS.len())
    }

    fn new(places: u64, plain: usize) -> Self {
        let plain = plain as u64;
        Self { places, plain, copies: (places * 4).div_ceil(plain).max(1) }
    }

    /// Which name the `tenant`-th holder of a place has: the plain name's number, and its copy.
    fn draw(self, place: u64, tenant: i64, mut dice: Dice) -> (u64, u64) {
        let all = self.plain * self.copies;
        let start = place * all / self.places.max(1);
        let width = (place + 1) * all / self.places.max(1) - start;
        let step = tenant.unsigned_abs().wrapping_mul(width / 3 + 1);
        let name = start + dice.below(width).wrapping_add(step) % width.max(1);
        (name / self.copies, name % self.copies)
    }

    /// Writes the name of a person.
    pub(super) fn write_person(
        self,
        out: &mut Vec<u8>,
        style: Style,
        (place, tenant): (u64, i64),
        dice: Dice,
    ) {
        let (plain, copy) = self.draw(place, tenant, dice);
        let first = plain / SURNAMES.len() as u64;
        let surname = item(&SURNAMES, plain);
        match style {
            Style::Initial => out.extend_from_slice(item(&INITIALS, first).as_bytes()),
            Style::Capital => {
                push_capital(out, item(&GIVEN, first));
                out.push(b'.');
            }
            Style::Underscore => {
                out.extend_from_slice(item(&GIVEN, first).as_bytes());
                out.push(b'_');
            }
            Style::Dotted | Style::Email => {
                out.extend_from_slice(item(&GIVEN, first).as_bytes());
                out.push(b'.');
            }
        }
        if matches!(style, Style::Capital) {
            push_capital(out, surname);
        } else {
            out.extend_from_slice(surname.as_bytes());
        }
        if matches!(style, Style::Email) {
            // A digit sorts before `@`, so here the name without a number is the last.
            self.push_number(out, (copy + 1) % self.copies);
            out.extend_from_slice(b"@example.com");
        } else {
            self.push_number(out, copy);
        }
    }

    /// Writes the name of a service account.
    pub(super) fn write_service(
        self,
        out: &mut Vec<u8>,
        prefix: &str,
        (place, tenant): (u64, i64),
        dice: Dice,
    ) {
        let (plain, copy) = self.draw(place, tenant, dice);
        let task = plain / VARIANTS.len() as u64;
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(item(&SYSTEMS, task / TASKS.len() as u64).as_bytes());
        out.push(b'-');
        out.extend_from_slice(item(&TASKS, task).as_bytes());
        out.extend_from_slice(item(&VARIANTS, plain).as_bytes());
        if copy > 0 {
            out.push(b'-');
            self.push_number(out, copy);
        }
    }

    /// Writes the number of a copy in as many digits as the largest has; nothing for copy 0.
    fn push_number(self, out: &mut Vec<u8>, copy: u64) {
        if copy == 0 {
            return;
        }
        let mut unit = 1;
        while unit * 10 < self.copies {
            unit *= 10;
        }
        while unit > 0 {
            out.push(digit(copy / unit));
            unit /= 10;
        }
    }
}

/// The order of a report: by name, upper and lower case alike.
pub(super) fn in_order(left: &[u8], right: &[u8]) -> bool {
    left.iter().map(u8::to_ascii_lowercase).le(right.iter().map(u8::to_ascii_lowercase))
}

fn push_capital(out: &mut Vec<u8>, word: &str) {
    let start = out.len();
    out.extend_from_slice(word.as_bytes());
    if let Some(letter) = out.get_mut(start) {
        letter.make_ascii_uppercase();
    }
}

/// One item of a list, counted round and round.
fn item<'a, const N: usize>(list: &[&'a str; N], number: u64) -> &'a str {
    const { assert!(N > 0) };
    // Invariant: the index is below N, and N > 0 was checked when this was compiled.
    list[usize::try_from(number % N as u64).unwrap_or(0)]
}
