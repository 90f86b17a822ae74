//! SQLite's `LIKE`, in memory and without its worst cases.

/// Whether the whole text fits the pattern: `%` is any run, `_` any one character, the rest is
/// literal and ignores ASCII case.
///
/// Only the last `%` is ever tried again, so the work is bounded by the product of the two lengths.
#[must_use]
pub fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut in_pattern, mut in_text) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(in_text) {
        match pattern.get(in_pattern) {
            Some(b'%') => {
                in_pattern += 1;
                if in_pattern == pattern.len() {
                    return true;
                }
                last_run = Some((in_pattern, in_text));
            }
            Some(b'_') => (in_pattern, in_text) = (in_pattern + 1, in_text + character_length(*byte)),
            Some(wanted) if wanted.eq_ignore_ascii_case(byte) => (in_pattern, in_text) = (in_pattern + 1, in_text + 1),
            _ => {
                let Some((after_run, start)) = last_run else { return false };
                let start = start + character_length(text[start]);
                last_run = Some((after_run, start));
                (in_pattern, in_text) = (after_run, start);
            }
        }
    }
    pattern[in_pattern..].iter().all(|byte| *byte == b'%')
}

/// Bytes of the UTF-8 character that starts with `first`.
fn character_length(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

/// The one spelling of all patterns that mean the same: ASCII lower case, and of neighbouring
/// wildcards every `_` first, then at most one `%`.
pub(crate) fn canonical_pattern(pattern: &str) -> String {
    let mut canonical = String::with_capacity(pattern.len());
    let mut run_pending = false;
    for character in pattern.chars() {
        match character {
            '%' => run_pending = true,
            '_' => canonical.push('_'),
            other => {
                if std::mem::take(&mut run_pending) {
                    canonical.push('%');
                }
                canonical.push(other.to_ascii_lowercase());
            }
        }
    }
    if run_pending {
        canonical.push('%');
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::{canonical_pattern, like};

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(like(pattern, text), expected, "{text:?} like {pattern:?}");
        assert_eq!(like(&canonical_pattern(pattern), text), expected, "canonical form of {pattern:?}");
    }

    #[test]
    fn wildcards_match_runs_and_single_characters() {
        check("", "", true);
        check("", "a", false);
        check("%", "", true);
        check("_", "", false);
        check("%%", "abc", true);
        check("a%", "abc", true);
        check("%c", "abc", true);
        check("%b%", "abc", true);
        check("%d%", "abc", false);
        check("a_c", "abc", true);
        check("a_c", "ac", false);
        check("%_", "", false);
        check("_%_", "a", false);
        check("_%_", "ab", true);
        check("%ab%ab", "abxab", true);
        check("%ab%ab", "ab", false);
        check("a%b%c", "a1b2b3c", true);
    }

    #[test]
    fn only_ascii_case_is_ignored() {
        check("HeLLo", "hEllO", true);
        check("É", "é", false);
        check("%é", "CAFé", true);
        check("[", "{", false);
        check("@", "`", false);
    }

    #[test]
    fn an_underscore_is_one_character_of_any_length() {
        check("_", "é", true);
        check("_", "🦀", true);
        check("__", "🦀", false);
        check("%_x", "日本x", true);
        check("_本%", "日本語", true);
        check("%__", "é", false);
    }

    #[test]
    fn there_is_no_escape_character() {
        check(r"100\%", "100%", false);
        check(r"100\%", r"100\ and more", true);
    }

    #[test]
    fn a_hostile_pattern_does_not_blow_up() {
        let pattern = format!("{}b", "%a".repeat(500));
        check(&pattern, &"a".repeat(20_000), false);
        check(&"%".repeat(1000), &"x".repeat(20_000), true);
    }
}
