//! How wide each column of a table is, and which columns a terminal has no room for.

/// Between two columns: ` │ `.
const GAP: usize = 3;
/// The least that is left of a column of text, and of the name over it.
const LEAST_TEXT: usize = 8;
/// The least that is left of a key, which is of little use in part.
const LEAST_KEY: usize = 16;
/// The least that is left of a name over a column that is never cut, long enough for all but
/// the names that SQL makes up for expressions.
const LEAST_NAME: usize = 20;

/// What a column's cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// May be shortened.
    Text,
    /// Means something else when shortened, as times do.
    Whole,
    /// As [`Kind::Whole`], and its digits stand under one another.
    Number,
}

/// A column as measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) kind: Kind,
    /// Width of the name.
    pub(super) name: usize,
    /// Width of the widest cell seen.
    pub(super) cells: usize,
    /// How much of it is left when room is short.
    pub(super) rank: Rank,
}

/// Which columns a terminal shows if it has no room for all, first to last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Says whose row it is.
    Key,
    #[default]
    Usual,
    /// Says what keys say.
    Redundant,
    /// Has no value in any row seen.
    Empty,
}

/// The order in which columns are shown: their own if all fit, otherwise by rank.
pub(super) fn order(columns: &[Extent], limit: Option<usize>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    if plan(columns, limit).is_none_or(|layout| layout.widths.len() < columns.len()) {
        order.sort_by_key(|&column| columns.get(column).map(|extent| extent.rank));
    }
    order
}

impl Extent {
    fn full(self) -> usize {
        self.name.max(self.cells)
    }

    fn least(self) -> usize {
        match self.kind {
            Kind::Text if self.rank == Rank::Key => self.full().min(LEAST_KEY),
            Kind::Text => self.full().min(LEAST_TEXT),
            Kind::Whole | Kind::Number => self.name.min(LEAST_NAME).max(self.cells),
        }
    }

    /// The width under a cap that all columns share.
    fn capped(self, cap: usize) -> usize {
        cap.clamp(self.least(), self.full())
    }
}

/// The columns that are shown, which are the first ones, and how wide.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) widths: Vec<usize>,
    /// Room right of the table, into which a longer cell may push its row.
    pub(super) spare: usize,
}

/// Fits the columns into `limit`: shortens the widest texts first, then hides columns from the right.
///
/// `None` if not even two columns fit. A single column is never cut: its lines may wrap, there is nothing
/// beside it to get out of line.
pub(super) fn plan(columns: &[Extent], limit: Option<usize>) -> Option<Layout> {
    let Some(limit) = limit.filter(|_| columns.len() > 1) else {
        return Some(Layout {
            widths: columns.iter().map(|column| column.full()).collect(),
            spare: usize::MAX,
        });
    };
    let shown = shown(columns, limit)?;
    // `shown` is at least 2 and fits with its mark and gaps, so nothing here goes below zero;
    // the mark where columns are hidden takes a gap and one `…`
    let mark = if shown == columns.len() { 0 } else { GAP + 1 };
    let budget = limit - mark - GAP * (shown - 1);
    let widths = level(columns.get(..shown)?, budget);
    let spare = budget - widths.iter().sum::<usize>();
    Some(Layout { widths, spare })
}

/// How many columns fit when all are at their least; at least two, and all columns if all fit.
fn shown(columns: &[Extent], limit: usize) -> Option<usize> {
    // the width of the table up to and including each column
    let ends: Vec<usize> = columns
        .iter()
        .enumerate()
        .scan(0, |end, (position, column)| {
            *end += column.least() + if position == 0 { 0 } else { GAP };
            Some(*end)
        })
        .collect();
    if ends.last().is_some_and(|&end| end <= limit) {
        return Some(columns.len());
    }
    let fit = ends.iter().take_while(|&&end| end + GAP < limit).count();
    (fit >= 2).then_some(fit)
}

/// Lowers the widest columns to one level at which all fit; the caller knows that the least widths do.
fn level(columns: &[Extent], budget: usize) -> Vec<usize> {
    let total = |cap: usize| columns.iter().map(|column| column.capped(cap)).sum::<usize>();
    let (mut low, mut high) = (0, columns.iter().map(|column| column.full()).max().unwrap_or(0));
    while low < high {
        let middle = high - (high - low) / 2;
        if total(middle) <= budget {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    let mut left = budget.saturating_sub(total(low));
    columns
        .iter()
        .map(|column| {
            let width = column.capped(low);
            let grows = left > 0 && width == low && width < column.full();
            left -= usize::from(grows);
            width + usize::from(grows)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cells: usize) -> Extent {
        Extent { kind: Kind::Text, name: 4, cells, rank: Rank::Usual }
    }

    fn time() -> Extent {
        Extent { kind: Kind::Whole, name: 12, cells: 20, rank: Rank::Usual }
    }

    fn widths(columns: &[Extent], limit: usize) -> Option<Vec<usize>> {
        let layout = plan(columns, Some(limit))?;
        let mark = if layout.widths.len() < columns.len() { GAP + 1 } else { 0 };
        let total = layout.widths.iter().sum::<usize>() + GAP * (layout.widths.len() - 1) + mark;
        assert!(total + layout.spare == limit, "{total} and {} are not {limit}", layout.spare);
        Some(layout.widths)
    }

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(widths(&[text(10), time(), text(30)], 80), Some(vec![10, 20, 30]));
        assert_eq!(widths(&[text(10), time(), text(30)], 66), Some(vec![10, 20, 30]));
    }

    #[test]
    fn the_widest_texts_give_way_first_and_fully_use_the_room() {
        assert_eq!(widths(&[text(10), time(), text(30)], 60), Some(vec![10, 20, 24]));
        assert_eq!(widths(&[text(100), time(), text(30)], 60), Some(vec![17, 20, 17]));
        assert_eq!(widths(&[text(100), time(), text(31)], 61), Some(vec![18, 20, 17]));
    }

    #[test]
    fn columns_are_hidden_when_texts_are_at_their_least() {
        assert_eq!(widths(&[text(50), time(), time()], 54), Some(vec![8, 20, 20]));
        assert_eq!(widths(&[text(50), time(), time()], 53), Some(vec![26, 20]));
        assert_eq!(widths(&[text(50), time(), time()], 35), Some(vec![8, 20]));
    }

    #[test]
    fn fewer_than_two_columns_are_no_table() {
        assert_eq!(widths(&[text(50), time(), time()], 34), None);
        assert_eq!(widths(&[time(), time()], 42), None);
        assert_eq!(widths(&[time(), time()], 43), Some(vec![20, 20]));
        assert_eq!(widths(&[time(), time()], 0), None);
    }

    #[test]
    fn only_a_name_that_sql_made_up_is_cut_over_a_number() {
        let sum = Extent { kind: Kind::Number, name: 90, cells: 2, rank: Rank::Usual };
        let named = Extent { name: 19, ..sum };
        assert_eq!(widths(&[text(8), named, sum], 53), Some(vec![8, 19, 20]));
    }

    #[test]
    fn keys_come_first_only_if_something_is_hidden() {
        let of = |rank| Extent { rank, ..text(20) };
        let columns = [of(Rank::Redundant), of(Rank::Empty), of(Rank::Usual), of(Rank::Key)];
        assert_eq!(order(&columns, None), [0, 1, 2, 3]);
        assert_eq!(order(&columns, Some(49)), [0, 1, 2, 3]);
        assert_eq!(order(&columns, Some(48)), [3, 2, 0, 1]);
    }

    #[test]
    fn one_column_and_no_limit_are_never_cut() {
        assert_eq!(
            plan(&[text(500)], Some(80)),
            Some(Layout { widths: vec![500], spare: usize::MAX })
        );
        assert_eq!(
            plan(&[text(500), time()], None),
            Some(Layout { widths: vec![500, 20], spare: usize::MAX })
        );
        assert_eq!(plan(&[], Some(80)), Some(Layout { widths: vec![], spare: usize::MAX }));
    }

    #[test]
    fn no_shape_overflows_the_limit() {
        let sizes = [0, 1, 5, 9, 30];
        let extents: Vec<_> = [Kind::Text, Kind::Number]
            .into_iter()
            .flat_map(|kind| {
                sizes.map(|cells| Extent { kind, name: 9 - cells.min(9), cells, rank: Rank::Usual })
            })
            .collect();
        for &first in &extents {
            for &second in &extents {
                for &third in &extents {
                    for limit in 0..70 {
                        widths(&[first, second, third], limit);
                    }
                }
            }
        }
        let nothing = Extent { name: 0, ..text(0) };
        assert_eq!(widths(&[nothing, text(5)], 8), Some(vec![0, 5]));
        assert_eq!(widths(&[nothing, text(5)], 7), None);
    }
}
