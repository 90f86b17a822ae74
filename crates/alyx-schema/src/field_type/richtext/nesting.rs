//! Whether HTML keeps its elements few and closed, without building its tree.
//!
//! Parsing takes time by the square of the depth, and repeats formatting elements that were left open in
//! each paragraph that follows. So the scan may count too many open elements and never too few: an end
//! tag counts only where it closes the element opened last, and not where it could be something else.

/// Most elements open at once.
const MAX_OPEN: usize = 128;
/// Most formatting elements open at once.
const MAX_FORMATTING: usize = 8;

const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// They need no end tag: a second one right inside the first closes it, and so does the end of their parent.
const SELF_CLOSING: [&str; 8] = ["p", "li", "dt", "dd", "td", "th", "tr", "option"];
/// Their content is text until their end tag.
const RAW: [&str; 8] = ["style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];
/// After these it takes a real parser to say what is a tag.
const OPAQUE: [&str; 4] = ["script", "plaintext", "svg", "math"];

pub(super) fn is_bounded(html: &str) -> bool {
    let mut scan = Scan { rest: html, open: Vec::new(), uncounted: 0, raw: None, is_opaque: false };
    while let Some(start) = scan.rest.find('<') {
        scan.rest = &scan.rest[start + 1..];
        scan.markup();
        if !scan.is_bounded() {
            return false;
        }
    }
    true
}

struct Scan<'h> {
    /// What follows.
    rest: &'h str,
    /// Elements open, the last one innermost.
    open: Vec<&'h str>,
    /// Start tags that may be text or not, and so may be open for good.
    uncounted: usize,
    /// Inside this raw element.
    raw: Option<&'h str>,
    /// From here on no end tag is trusted.
    is_opaque: bool,
}

impl<'h> Scan<'h> {
    fn is_bounded(&self) -> bool {
        let formatting = self.open.iter().filter(|name| is_one_of(name, &FORMATTING)).count();
        self.open.len() + self.uncounted <= MAX_OPEN && formatting <= MAX_FORMATTING
    }

    /// What stands after a `<`.
    fn markup(&mut self) {
        if let Some(end) = self.rest.strip_prefix('/').filter(|end| starts_with_letter(end)) {
            return self.end_tag(end);
        }
        if starts_with_letter(self.rest) {
            return self.start_tag();
        }
        if self.raw.is_some() {
            return;
        }
        if let Some(comment) = self.rest.strip_prefix("!--") {
            let length = comment.find("-->").unwrap_or(comment.len());
            self.uncounted += start_tags(&comment[..length]);
            self.rest = &comment[length..];
        } else if self.rest.starts_with(['!', '?', '/']) {
            self.is_opaque = true;
        }
    }

    fn start_tag(&mut self) {
        if self.raw.is_some() {
            self.uncounted += 1;
            return;
        }
        let (name, rest) = tag(self.rest);
        self.rest = rest;
        let repeats = self.open.last().is_some_and(|last| last.eq_ignore_ascii_case(name));
        if is_one_of(name, &VOID) || (repeats && is_one_of(name, &SELF_CLOSING)) {
            return;
        }
        self.open.push(name);
        self.is_opaque |= is_one_of(name, &OPAQUE);
        if is_one_of(name, &RAW) {
            self.raw = Some(name);
        }
    }

    fn end_tag(&mut self, tag_text: &'h str) {
        let (name, rest) = tag(tag_text);
        if self.raw.is_some_and(|raw| !raw.eq_ignore_ascii_case(name)) {
            return;
        }
        self.raw = None;
        self.rest = rest;
        if !self.is_opaque {
            self.close(name);
        }
    }

    /// Closes the innermost element, and before it those that need no end tag of their own.
    fn close(&mut self, name: &str) {
        let implied = self
            .open
            .iter()
            .rev()
            .take_while(|open| is_one_of(open, &SELF_CLOSING) && !open.eq_ignore_ascii_case(name));
        let Some(place) = self.open.len().checked_sub(implied.count() + 1) else { return };
        if self.open[place].eq_ignore_ascii_case(name) {
            self.open.truncate(place);
        }
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn starts_with_letter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn start_tags(text: &str) -> usize {
    text.split('<').skip(1).filter(|after| starts_with_letter(after)).count()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// The name of a tag and what follows its `>`.
fn tag(text: &str) -> (&str, &str) {
    let length = text.find(|c| is_space(c) || matches!(c, '/' | '>')).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(length);
    loop {
        rest = rest.trim_start_matches(|c| is_space(c) || c == '/');
        if rest.is_empty() {
            return (name, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (name, after);
        }
        rest = attribute(rest);
    }
}

/// What follows an attribute; a quoted value may hold anything but its quote.
fn attribute(text: &str) -> &str {
    // A `=` at the start belongs to the name.
    let first = text.chars().next().map_or(0, char::len_utf8);
    let ends_name = |c: char| is_space(c) || matches!(c, '/' | '>' | '=');
    let length = text[first..].find(ends_name).map_or(text.len(), |length| first + length);
    let rest = text[length..].trim_start_matches(is_space);
    let Some(value) = rest.strip_prefix('=').map(|value| value.trim_start_matches(is_space)) else { return rest };
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).map_or("", |(_, after)| after),
        _ => &value[value.find(|c| is_space(c) || c == '>').unwrap_or(value.len())..],
    }
}

#[cfg(test)]
mod tests {
    use super::is_bounded;

    #[track_caller]
    fn check(html: &str, expected: bool) {
        assert_eq!(is_bounded(html), expected, "{}", html.chars().take(80).collect::<String>());
    }

    #[test]
    fn what_editors_write_is_bounded() {
        check(&"<p class=\"a>b\">x <b>y</b> <a href='?a=1&b=<'>z</a><br><img src=x></p>".repeat(5000), true);
        check(&"<ul><li>one<li>two</ul><table><tr><td>1<td>2<tr><td>3</table>".repeat(20), true);
        check(&"<p>one<p>two".repeat(5000), true);
        check(&format!("<!-- a --><style>p > a {{}}</style>{}", "<p>x</p>".repeat(5000)), true);
        check("1 < 2 <3 <", true);
    }

    #[test]
    fn elements_left_open_are_not() {
        check(&"<div>".repeat(129), false);
        check(&"<b id=1>".repeat(9), false);
        check(&"<b></p>".repeat(9), false);
        check(&"<p><b></p>".repeat(9), false);
        check(&"<div><select></div></select>".repeat(200), false);
    }

    #[test]
    fn end_tags_that_are_none_do_not_count() {
        check(&"<div title=\"</div>\">".repeat(200), false);
        check(&"<div title=</div>".repeat(200), false);
        check(&"<div><!-- </div> -->".repeat(200), false);
        check(&"<div><textarea></div></textarea>".repeat(200), false);
        check(&"<div><script><!--<script></script></div></script>".repeat(200), false);
        check(&"<div><svg><![CDATA[</div>]]></svg>".repeat(200), false);
        check(&"<svg><style><div></style></svg>".repeat(200), false);
    }
}
