//! The words of Rust source, without its comments and its strings.

/// The identifiers and keywords of `source` in order. What stands in comments
/// and in string literals is left out.
#[must_use]
pub fn words(source: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = not_code(rest);
        if skipped > 0 {
            rest = &rest[skipped..];
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            words.push(word.to_string());
            rest = after;
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    words
}

/// The names of the modules that `source` declares.
#[must_use]
pub fn inline_modules(source: &str) -> Vec<String> {
    let words = words(source);
    let pairs = words.windows(2).filter(|pair| pair[0] == "mod");
    pairs.map(|pair| pair[1].clone()).collect()
}

/// The length of the comment, string or quoted character that `rest` starts
/// with, or 0.
fn not_code(rest: &str) -> usize {
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        until(rest, "*/", 2)
    } else if let Some(hashes) = raw_string(rest) {
        let end = format!("\"{}", "#".repeat(hashes));
        until(rest, &end, hashes + 2)
    } else if rest.starts_with('"') {
        quoted(rest)
    } else if rest.starts_with("'\"'") {
        3
    } else if rest.starts_with("'\\\"'") {
        4
    } else {
        0
    }
}

/// The number of hashes of the raw string that `rest` starts with.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?.trim_start_matches('#');
    after.starts_with('"').then(|| rest.len() - after.len() - 1)
}

/// The length up to the end of `end`, searched from `start` on.
fn until(rest: &str, end: &str, start: usize) -> usize {
    let found = rest[start..].find(end);
    found.map_or(rest.len(), |at| start + at + end.len())
}

/// The length of a string literal with escapes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::{inline_modules, words};

    #[test]
    fn comments_and_strings_are_no_words() {
        let source = r##"
            // unsafe
            /* unsafe */ let a = "unsafe \" unsafe"; let b = r#"unsafe " unsafe"#;
            let c = '"'; unsafe_code(b"unsafe", '\"', 'x')
        "##;
        let expected = ["let", "a", "let", "b", "let", "c", "unsafe_code", "b", "x"];
        assert_eq!(words(source), expected);
        assert_eq!(words("unsafe { r }"), ["unsafe", "r"]);
    }

    #[test]
    fn modules_are_found() {
        assert_eq!(inline_modules("pub mod a; mod b { mod c {} }"), ["a", "b", "c"]);
    }
}
