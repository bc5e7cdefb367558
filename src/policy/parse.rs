//! Reading a policy document, with the place of every mistake.
//!
//! Taken is what IAM takes and what people have: one statement or a list, one value or a
//! list, a missing `Version` or `Sid`, a byte order mark. Not taken is what IAM refuses as
//! MalformedPolicyDocument: another JSON than RFC 8259's (comments, trailing commas), members
//! twice, members that the grammar does not have.

use std::fmt;

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object, ObjectProp, Value},
    common::{Range, Ranged},
};
use serde::de::IgnoredAny;

use super::{
    arn::ArnPattern,
    condition::Test,
    document::{
        Actions, Effect, Policy, Principals, Resources, Scalar, Several, Statement, TrusteeKind,
        Trustees, Version,
    },
    operator::{NAMES, Operator},
    pattern::{ActionPattern, Reading},
};
use crate::domain::{
    document::{Mistake, suggest},
    untrusted::display_in,
};

/// The longest document read, in bytes: IAM's own limit (policyDocumentType).
pub const MAX_BYTES: usize = 131_072;

/// The most mistakes told of one document.
const MOST_TOLD: usize = 20;

/// The longest text of the document that a message repeats, in cells.
const QUOTED_CELLS: usize = 60;

/// A document that is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// At least one, in the document's order.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            write!(f, "{}{mistake}", if at > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Malformed {}

impl Policy {
    /// Reads a document. Every mistake is told, with line and column.
    pub fn parse(text: &str) -> Result<Policy, Malformed> {
        let alone =
            |line, column, what| Malformed { mistakes: vec![Mistake { line, column, what }] };
        if text.len() > MAX_BYTES {
            let what = format!("the document has {} bytes; IAM takes {MAX_BYTES}", text.len());
            return Err(alone(1, 1, what));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(alone(1, 1, "the document is empty".to_owned()));
        }
        // The strict reader first: the other one, which knows places, is for JSON with comments.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(&*what, |(what, _)| what);
            let what = format!("this is not JSON: {what}");
            return Err(alone(error.line().max(1), error.column().max(1), what));
        }
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let root = match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &strict) {
            Ok(parsed) => parsed.value,
            Err(error) => {
                let what = format!("this is not JSON: {}", error.kind());
                return Err(alone(error.line_display(), error.column_display(), what));
            }
        };
        let mut reader =
            Reader { found: Vec::new(), reading: Reading { wildcards: true, variables: false } };
        let policy = root.as_ref().and_then(|root| reader.policy(text, root));
        match policy {
            Some(policy) if reader.found.is_empty() => Ok(policy),
            _ => Err(reader.malformed(text)),
        }
    }
}

/// The place of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = 1 + before.bytes().filter(|b| *b == b'\n').count();
    (line, 1 + before[line_start..].chars().count())
}

struct Reader {
    found: Vec<(usize, String)>,
    reading: Reading,
}

impl Reader {
    fn say(&mut self, at: Range, what: impl Into<String>) {
        self.found.push((at.start, what.into()));
    }

    fn malformed(mut self, text: &str) -> Malformed {
        self.found.sort_by_key(|(at, _)| *at);
        let more = self.found.len().saturating_sub(MOST_TOLD);
        self.found.truncate(MOST_TOLD);
        let mut mistakes: Vec<Mistake> = self
            .found
            .into_iter()
            .map(|(at, what)| {
                let (line, column) = place(text, at);
                Mistake { line, column, what }
            })
            .collect();
        if let Some(last) = mistakes.last().filter(|_| more > 0) {
            let what = format!("and {more} more");
            mistakes.push(Mistake { what, ..last.clone() });
        }
        debug_assert!(!mistakes.is_empty(), "a reader gave up without naming a mistake");
        Malformed { mistakes }
    }

    fn object<'v, 't>(&mut self, value: &'v Value<'t>, what: &str) -> Option<&'v Object<'t>> {
        let object = value.as_object();
        if object.is_none() {
            self.say(value.range(), format!("{what} is an object, {{ … }}"));
        }
        object
    }

    /// The members of an object, each once.
    fn members<'v, 't>(&mut self, object: &'v Object<'t>) -> Vec<(&'v str, &'v ObjectProp<'t>)> {
        let mut out: Vec<(&str, &ObjectProp<'_>)> = Vec::new();
        for member in &object.properties {
            let name = member.name.as_str();
            if out.iter().any(|(known, _)| *known == name) {
                self.say(member.range, format!("{} stands here twice", quoted(name)));
            } else {
                out.push((name, member));
            }
        }
        out
    }

    fn unknown(&mut self, member: &ObjectProp<'_>, known: &[&str], of: &str) {
        let name = member.name.as_str();
        let hint = match known.iter().find(|k| k.eq_ignore_ascii_case(name)) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => suggest(name, known.iter().copied()),
        };
        self.say(member.range, format!("{of} has no member {}{hint}", quoted(name)));
    }

    fn text<'v>(&mut self, value: &'v Value<'_>, what: &str) -> Option<&'v str> {
        let text = value.as_string_lit().map(|s| &*s.value);
        if text.is_none() {
            self.say(value.range(), format!("{what} is a text"));
        }
        text
    }

    fn policy(&mut self, text: &str, root: &Value<'_>) -> Option<Policy> {
        const KNOWN: &[&str] = &["Version", "Id", "Statement"];
        let object = self.object(root, "a policy")?;
        let members = self.members(object);
        let (mut version, mut id, mut statements) = (None, None, None);
        // What a statement means depends on the version, which may stand behind it.
        for (name, member) in &members {
            match *name {
                "Version" => version = self.version(&member.value),
                "Id" => id = self.text(&member.value, "`Id`").map(Into::into),
                "Statement" => statements = Some(&member.value),
                _ => self.unknown(member, KNOWN, "a policy"),
            }
        }
        self.reading.variables = version == Some(Version::V2012);
        let Some(statements) = statements else {
            self.say(root.range(), "a policy has a `Statement`");
            return None;
        };
        let (items, listed): (&[Value<'_>], bool) = match statements {
            Value::Array(list) => (&list.elements, true),
            one => (std::slice::from_ref(one), false),
        };
        let read = items.iter().filter_map(|s| self.statement(text, s)).collect();
        Some(Policy { version, id, statements: read, listed })
    }

    fn version(&mut self, value: &Value<'_>) -> Option<Version> {
        match self.text(value, "`Version`")? {
            "2012-10-17" => Some(Version::V2012),
            "2008-10-17" => Some(Version::V2008),
            _ => {
                self.say(value.range(), "`Version` is \"2012-10-17\" or \"2008-10-17\"");
                None
            }
        }
    }

    fn statement(&mut self, text: &str, value: &Value<'_>) -> Option<Statement> {
        const KNOWN: &[&str] = &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        let object = self.object(value, "a statement")?;
        let (mut sid, mut effect, mut conditions) = (None, None, None);
        let mut idle = Vec::new();
        let (mut principals, mut actions, mut resources) = (Vec::new(), Vec::new(), Vec::new());
        for (name, member) in self.members(object) {
            let value = &member.value;
            match name {
                "Sid" => sid = self.text(value, "`Sid`").map(Into::into),
                "Effect" => effect = Some(self.effect(value)),
                "Principal" => principals.push(self.trustees(value).map(Principals::These)),
                "NotPrincipal" => principals.push(self.trustees(value).map(Principals::AllBut)),
                "Action" => actions.push(self.actions(value).map(Actions::These)),
                "NotAction" => actions.push(self.actions(value).map(Actions::AllBut)),
                "Resource" => resources.push(self.arns(value).map(Resources::These)),
                "NotResource" => resources.push(self.arns(value).map(Resources::AllBut)),
                "Condition" => conditions = Some(self.conditions(value, &mut idle)),
                _ => self.unknown(member, KNOWN, "a statement"),
            }
        }
        for (found, one, other) in [
            (principals.len(), "Principal", "NotPrincipal"),
            (actions.len(), "Action", "NotAction"),
            (resources.len(), "Resource", "NotResource"),
        ] {
            if found > 1 {
                self.say(object.range, format!("a statement has `{one}` or `{other}`, not both"));
            }
        }
        if effect.is_none() {
            self.say(object.range, "a statement has an `Effect`");
        }
        if actions.is_empty() {
            self.say(object.range, "a statement has an `Action` or a `NotAction`");
        }
        let (line, column) = place(text, object.range.start);
        Some(Statement {
            sid,
            effect: effect??,
            principals: principals.pop().flatten(),
            actions: actions.pop()??,
            resources: resources.pop().flatten(),
            has_condition: conditions.is_some(),
            idle_operators: idle,
            conditions: conditions.unwrap_or_default(),
            line,
            column,
        })
    }

    fn effect(&mut self, value: &Value<'_>) -> Option<Effect> {
        match self.text(value, "`Effect`")? {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            _ => {
                self.say(value.range(), "`Effect` is \"Allow\" or \"Deny\", in this case");
                None
            }
        }
    }

    /// One text or a list of them.
    fn texts<'v>(&mut self, value: &'v Value<'_>, what: &str) -> Option<Several<&'v str>> {
        let (values, listed): (&[Value<'_>], bool) = match value {
            Value::Array(list) => (&list.elements, true),
            one => (std::slice::from_ref(one), false),
        };
        let items: Vec<&str> = values.iter().filter_map(|v| self.text(v, what)).collect();
        (items.len() == values.len()).then_some(Several { items, listed })
    }

    fn actions(&mut self, value: &Value<'_>) -> Option<Several<ActionPattern>> {
        let texts = self.texts(value, "an action")?;
        for action in &texts.items {
            let bare = action.trim();
            let shaped = bare == "*"
                || bare.split_once(':').is_some_and(|(service, name)| {
                    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-*?".contains(&b);
                    !service.is_empty() && !name.is_empty() && service.bytes().all(plain)
                });
            if !shaped {
                let what = "is no action: it is `*` or `service:Name`";
                self.say(value.range(), format!("{} {what}", quoted(action)));
            }
        }
        let items = texts.items.into_iter().map(ActionPattern::new).collect();
        Some(Several { items, listed: texts.listed })
    }

    fn arns(&mut self, value: &Value<'_>) -> Option<Several<ArnPattern>> {
        let texts = self.texts(value, "a resource")?;
        for arn in &texts.items {
            let bare = arn.trim();
            if !bare.starts_with("arn:") && !bare.starts_with(['*', '?', '$']) {
                let what = "is no resource: it is `*` or an ARN";
                self.say(value.range(), format!("{} {what}", quoted(arn)));
            }
        }
        let items = texts.items.into_iter().map(|t| ArnPattern::new(t, self.reading)).collect();
        Some(Several { items, listed: texts.listed })
    }

    fn trustees(&mut self, value: &Value<'_>) -> Option<Trustees> {
        if let Some(text) = value.as_string_lit() {
            if &*text.value == "*" {
                return Some(Trustees::Everyone);
            }
            self.say(value.range(), "a principal is \"*\" or an object such as {\"AWS\": …}");
            return None;
        }
        let object = self.object(value, "a principal")?;
        let mut named = Vec::new();
        for (name, member) in self.members(object) {
            let Some(kind) = TrusteeKind::ALL.into_iter().find(|k| k.word() == name) else {
                self.unknown(member, &TrusteeKind::ALL.map(TrusteeKind::word), "a principal");
                continue;
            };
            let texts = self.texts(&member.value, "a principal")?;
            let items = texts.items.into_iter().map(Into::into).collect();
            named.push((kind, Several { items, listed: texts.listed }));
        }
        Some(Trustees::Named(named))
    }

    /// The tests; operators without a key go into `idle`.
    fn conditions(&mut self, value: &Value<'_>, idle: &mut Vec<Box<str>>) -> Vec<Test> {
        let mut out = Vec::new();
        let Some(object) = self.object(value, "a condition") else { return out };
        for (name, member) in self.members(object) {
            let Ok(operator) = name.parse::<Operator>() else {
                let bare = name.rsplit(':').next().unwrap_or_default();
                let hint = suggest(bare, NAMES.iter().copied());
                let what = format!("{} is no condition operator{hint}", quoted(name));
                self.say(member.range, what);
                continue;
            };
            let Some(keys) = self.object(&member.value, "what an operator compares") else {
                continue;
            };
            if keys.properties.is_empty() {
                idle.push(name.into());
            }
            for (key, member) in self.members(keys) {
                if let Some((values, listed)) = self.scalars(&member.value) {
                    let how = (listed, self.reading.variables);
                    out.push(Test::new(operator, name, key, values, how));
                }
            }
        }
        out
    }

    /// Texts, numbers and truth values: one, or a list.
    fn scalars(&mut self, value: &Value<'_>) -> Option<(Vec<Scalar>, bool)> {
        let (values, listed): (&[Value<'_>], bool) = match value {
            Value::Array(list) => (&list.elements, true),
            one => (std::slice::from_ref(one), false),
        };
        let mut out = Vec::new();
        for value in values {
            out.push(match value {
                Value::StringLit(text) => Scalar::Text((*text.value).into()),
                Value::BooleanLit(yes) => {
                    Scalar::Other(yes.value.into(), yes.value.to_string().into())
                }
                Value::NumberLit(number) => {
                    let Ok(parsed) = serde_json::from_str(number.value) else {
                        self.say(number.range, "this number is too large");
                        return None;
                    };
                    Scalar::Other(parsed, number.value.into())
                }
                other => {
                    self.say(
                        other.range(),
                        "a condition's value is a text, a number, true or false",
                    );
                    return None;
                }
            });
        }
        Some((out, listed))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", display_in(text, QUOTED_CELLS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Policy::parse(text).expect_err("malformed").to_string()
    }

    #[test]
    fn what_people_have_is_read_and_given_back() {
        for text in [
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"","Effect":"Deny","NotAction":["iam:*"],"NotResource":["arn:aws:s3:::b"]}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#,
            r#"{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333","AIDACKCEVSQ6C2EXAMPLE"],"Service":"ec2.amazonaws.com"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":{"bool":{"AWS:SecureTransport":true},"NumericLessThan":{"s3:max-keys":[10,"20"]},"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*"]}}}]}"#,
            r#"{"Statement":[]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":[],"Resource":[],"Condition":{}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{},"Null":{"a":true}}}]}"#,
        ] {
            let policy = Policy::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let written: serde_json::Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(policy.to_json(), written);
            let again = Policy::parse(&policy.to_json().to_string()).expect("again");
            assert_eq!(again.to_json(), written);
        }
        let marked = "\u{feff}{\r\n\"Statement\": []}\r\n";
        assert!(Policy::parse(marked).is_ok());
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        assert_eq!(told(""), "1:1: the document is empty");
        assert!(told("{\n  // no\n}").starts_with("2:3: this is not JSON: "));
        assert!(told("{\"Resource\": ${arn}}").starts_with("1:"));
        assert!(told("[1,]").starts_with("1:4: this is not JSON"));
        assert_eq!(told("[]"), "1:1: a policy is an object, { … }");
        assert_eq!(told("{}"), "1:1: a policy has a `Statement`");
        let text = "{\"Version\": \"2012\",\n \"Statement\": [\n  {\"Effect\": \"allow\", \"action\": \"*\"},\n  {\"Effect\": \"Deny\", \"Action\": \"GetObject\",\n   \"Resource\": \"bucket\", \"Condition\": {\"StringEqual\": {}}}]}";
        assert_eq!(
            told(text),
            "1:13: `Version` is \"2012-10-17\" or \"2008-10-17\"\n\
             3:3: a statement has an `Action` or a `NotAction`\n\
             3:14: `Effect` is \"Allow\" or \"Deny\", in this case\n\
             3:23: a statement has no member \"action\"; did you mean `Action`?\n\
             4:32: \"GetObject\" is no action: it is `*` or `service:Name`\n\
             5:16: \"bucket\" is no resource: it is `*` or an ARN\n\
             5:40: \"StringEqual\" is no condition operator; did you mean `StringEquals`?"
        );
        let twice =
            r#"{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","NotAction":"*"}]}"#;
        assert!(told(twice).contains("stands here twice"));
        assert!(told(twice).contains("not both"));
    }

    #[test]
    fn hostile_documents_are_refused_in_time() {
        let deep = "[".repeat(60_000) + &"]".repeat(60_000);
        assert!(told(&deep).contains("nesting depth"));
        assert!(told(&" ".repeat(MAX_BYTES + 1)).contains("bytes"));
        let many = format!("{{\"Statement\":[{}1]}}", "1,".repeat(2000));
        assert!(told(&many).ends_with("and 1981 more"));
        let escape = "{\"\u{202e}\\u001b[31m\": 1, \"Statement\": []}";
        assert!(!told(escape).contains(['\u{1b}', '\u{202e}']));
    }
}
