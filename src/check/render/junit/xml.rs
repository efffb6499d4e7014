//! Text on its way into XML 1.0: whatever it holds, the document is well-formed, and a reader gets
//! the same text back.

use std::fmt::Write;

/// Adds text between tags.
pub(super) fn push_text(out: &mut String, text: &str) {
    push(out, text, |c| matches!(c, '\t' | '\n'));
}

/// Adds ` name="value"`. A reader makes every tab and line end of an attribute a space unless it is
/// written as a reference.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push(out, value, |_| false);
    out.push('"');
}

/// The text as a reader will get it.
pub(super) fn readable(text: &str) -> String {
    text.chars().map(|c| if allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

fn push(out: &mut String, text: &str, keep: fn(char) -> bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // always, so that no `]]>` stands in text
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if !allowed(c) => out.push(char::REPLACEMENT_CHARACTER),
            c if acts(c) && !keep(c) => {
                // writing to a string cannot fail
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// The production Char of XML 1.0. The others cannot even be written as references.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a terminal that shows the file would act on the character, or a reader of XML change it.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(text: &str) -> String {
        let mut xml = String::from("<a");
        push_attribute(&mut xml, "b", text);
        xml.push('>');
        push_text(&mut xml, text);
        xml.push_str("</a>");
        xml
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            element("\"a\" & 'b' <c>]]>\t\r\n"),
            "<a b=\"&quot;a&quot; &amp; &apos;b&apos; &lt;c&gt;]]&gt;&#x9;&#xD;&#xA;\">\
             &quot;a&quot; &amp; &apos;b&apos; &lt;c&gt;]]&gt;\t&#xD;\n</a>"
        );
        assert_eq!(element("\u{9b}\u{202e}"), "<a b=\"&#x9B;&#x202E;\">&#x9B;&#x202E;</a>");
    }

    #[test]
    fn every_character_is_read_back() {
        let all: String = ('\0'..=char::MAX).collect();
        let expected: String = all
            .chars()
            .map(|c| match c {
                '\0'..='\u{8}'
                | '\u{b}'
                | '\u{c}'
                | '\u{e}'..='\u{1f}'
                | '\u{fffe}'
                | '\u{ffff}' => '\u{fffd}',
                c => c,
            })
            .collect();
        let xml = element(&all);
        let document = roxmltree::Document::parse(&xml).unwrap();
        assert!(document.root_element().attribute("b") == Some(&expected));
        assert!(document.root_element().text() == Some(&expected));
        assert!(readable(&all) == expected);
    }
}
