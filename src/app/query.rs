//! The query bar: what it takes, and what it makes of it.

use super::{Effect, trail};
use crate::{
    domain::event::By,
    model::{Asked, DEFAULT, Field, Form, Model, Overlay, Purpose, When, asked_by},
};

/// The names that a filter can have.
const NAMES: [&str; 9] =
    ["key", "user", "role", "event", "resource", "source", "event-id", "address", "agent"];

/// Lays the form over the screen, filled in with the present question.
pub fn ask(model: &mut Model) {
    let asked = model.trail.sight.asked.as_ref();
    let by = asked.map(|a| asked_by(&a.by)).unwrap_or_default();
    let when = asked.map_or(DEFAULT, |a| a.when).typed();
    let fields = vec![
        Field::new(
            "by",
            "a key or an address by itself; key, user, role, event, resource, source, address, \
             agent and a value; empty for everything",
            &by,
        )
        .optional(),
        Field::new("window", "24h, 2026-03-02T02:00Z..2026-03-02T04:00Z or ±1h@TIME", &when),
    ];
    let title = "Ask CloudTrail".to_owned();
    let form = Form { purpose: Purpose::Query, title, fields, at: 0, trouble: None };
    model.overlay = Some(Overlay::Form(form));
}

/// What was filled in. It is another question: the text filter and the failed ones of the
/// one before would hide what nobody sees is hidden.
pub fn submit(
    model: &mut Model,
    values: &[(String, String)],
    effects: &mut Vec<Effect>,
) -> Result<(), (usize, String)> {
    let value = |at: usize| values.get(at).map(|(_, v)| v.as_str()).unwrap_or_default();
    let by = read(value(0)).map_err(|why| (0, why))?;
    let when = When::parse(value(1), model.now).map_err(|why| (1, why))?;
    model.overlay = None;
    trail::ask(model, Asked::new(by, when, model.now), effects);
    Ok(())
}

/// Reads `key AKIA… source iam agent "aws-cli/2 with blanks"`, and a key, an address or an
/// ARN of a role by itself.
fn read(text: &str) -> Result<Vec<By>, String> {
    let mut by = Vec::new();
    let mut words = words(text)?.into_iter().peekable();
    while let Some(word) = words.next() {
        if let Some((name, value)) = word.split_once('=')
            && NAMES.contains(&name)
        {
            by.extend(By::named(name, value));
        } else if NAMES.contains(&word.as_str()) {
            let Some(value) = words.next() else {
                return Err(format!("{word}: its value is missing"));
            };
            by.extend(By::named(&word, &value));
        } else {
            by.push(guess(&word)?);
        }
    }
    Ok(by)
}

/// What a value by itself must be.
fn guess(word: &str) -> Result<By, String> {
    let is_key = ["AKIA", "ASIA"].iter().any(|p| word.starts_with(p))
        && word.len() >= 16
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_key {
        return Ok(By::Key(word.to_owned()));
    }
    if word.parse::<std::net::IpAddr>().is_ok() {
        return Ok(By::Address(word.to_owned()));
    }
    if word.starts_with("arn:") {
        let is_role = word.splitn(6, ':').nth(5).is_some_and(|r| r.starts_with("role/"));
        let value = word.to_owned();
        return Ok(if is_role { By::Role(value) } else { By::Resource(value) });
    }
    let word = crate::domain::untrusted::display_in(word, 40);
    Err(format!("what is {word}? Say `user {word}`, or one of {}", NAMES.join(", ")))
}

/// Apart by blanks, but for what stands in quotes.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut out, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if any || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if any || !word.is_empty() {
        out.push(word);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_they_are_written() {
        for by in [
            vec![],
            vec![By::Key("AKIAI44QH8DHBEXAMPLE".into())],
            vec![By::Agent("aws-cli/2.1 md/Botocore".into()), By::Source("iam".into())],
            vec![By::Role("arn:aws:iam::111122223333:role/admin".into())],
        ] {
            assert_eq!(read(&asked_by(&by)), Ok(by));
        }
    }

    #[test]
    fn what_can_only_be_one_thing_needs_no_name() {
        assert_eq!(read("203.0.113.7"), Ok(vec![By::Address("203.0.113.7".into())]));
        assert_eq!(read("2001:db8::7"), Ok(vec![By::Address("2001:db8::7".into())]));
        let key = "ASIAI44QH8DHBEXAMPLE";
        assert_eq!(read(key), Ok(vec![By::Key(key.into())]));
        let role = "arn:aws:iam::111122223333:role/admin";
        assert_eq!(read(role), Ok(vec![By::Role(role.into())]));
        assert_eq!(read("key=AKIAX"), Ok(vec![By::Key("AKIAX".into())]));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (text, part) in [
            ("admin", "user admin"),
            ("key", "its value is missing"),
            ("user \"a b", "not closed"),
            ("iam.amazonaws.com", "what is"),
        ] {
            let why = read(text).expect_err(text);
            assert!(why.contains(part), "{text}: {why}");
        }
    }
}
