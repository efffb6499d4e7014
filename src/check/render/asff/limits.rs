//! The sizes the AWS Security Finding Format allows, and text cut to them.
//!
//! AWS counts "characters" without saying which. UTF-16 units are counted here: they are never
//! fewer than characters, so a text that fits is short enough either way.

pub(super) const ID: usize = 512;
pub(super) const GENERATOR_ID: usize = 512;
pub(super) const TITLE: usize = 256;
pub(super) const DESCRIPTION: usize = 1024;
pub(super) const RECOMMENDATION: usize = 512;
pub(super) const REQUIREMENTS: usize = 32;
/// Not documented; longer ones are known to be refused.
pub(super) const REQUIREMENT: usize = 64;
/// Not documented; that of a recommendation.
pub(super) const STATUS_REASON: usize = 512;
pub(super) const FIELDS: usize = 50;
pub(super) const FIELD_NAME: usize = 128;
pub(super) const FIELD_VALUE: usize = 2048;
/// The longest ARN of IAM.
pub(super) const RESOURCE_ID: usize = 2048;
pub(super) const USER_NAME: usize = 64;
pub(super) const REGION: usize = 16;
/// Of a finding, in bytes: 240 KB, be a kilobyte 1000 bytes or 1024.
pub(super) const FINDING: usize = 240_000;

/// The text if it fits, else as much as does with an ellipsis after it.
pub(super) fn fit(text: &str, limit: usize) -> String {
    if units(text) <= limit {
        return text.to_owned();
    }
    let mut fitting = cut(text, limit.saturating_sub(1)).to_owned();
    fitting.push('…');
    fitting
}

/// As much of the text as fits.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let mut left = limit;
    let end = text.char_indices().find_map(|(at, c)| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            None
        }
        None => Some(at),
    });
    end.map_or(text, |end| &text[..end])
}

/// The length of a text as AWS may count it.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_at_the_limit_is_kept() {
        assert_eq!(fit("", 0), "");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("äöü", 3), "äöü");
        assert_eq!(fit("a👍", 3), "a👍");
    }

    #[test]
    fn text_over_the_limit_is_cut_between_characters() {
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("äöüß", 3), "äö…");
        // the second thumb would be the fourth and fifth unit
        assert_eq!(fit("a👍👍", 4), "a👍…");
        assert_eq!(fit("👍👍", 2), "…");
        assert_eq!(cut("👍👍", 3), "👍");
        assert_eq!(cut("👍👍", 0), "");
    }
}
