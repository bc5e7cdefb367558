//! Choosing and ordering findings: GuardDuty's criteria, Security Hub's filters.

pub mod criteria;
pub mod filters;
pub mod order;

use serde_json::Value;

/// The values at a dotted path; lists on the way are searched through.
pub fn at_path<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for part in path.split('.').filter(|p| !p.is_empty()) {
        found = found.into_iter().flat_map(items).filter_map(|v| v.get(part)).collect();
    }
    found.into_iter().flat_map(items).filter(|v| !v.is_null()).collect()
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().flat_map(items).collect(),
        other => vec![other],
    }
}

/// `*` stands for any characters, `?` for one.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and how far the text was taken for it.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*' {
            (p, t) = (p + 1, t + 1);
        } else if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, t) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn globs() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ab", false),
            ("*:IAMUser/*", "Recon:IAMUser/X", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("", "x", false),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn paths_go_through_lists() {
        let value = json!({"a": [{"b": 1}, {"b": [2, 3]}, {"c": 4}, {"b": null}]});
        assert_eq!(at_path(&value, "a.b"), [&json!(1), &json!(2), &json!(3)]);
        assert!(at_path(&value, "a.x").is_empty());
    }
}
