//! Secrets in events are not kept. AssumeRole logs the session token that it gave out.

mod names;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt, ops::Range};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use self::names::{
    MARK, SECRET_TEXTS, SECRETS, Secret, hint, is_harmless, is_mark, mark, mentions, plain, secret,
};
use super::members::{MAX_DEPTH, is_too_deep, members};

/// What an event's text was before secrets were taken out of it: enough to prove that a
/// file on somebody's disk is the one that was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// SHA-256 in hex.
    pub sha256: String,
    pub bytes: usize,
    /// Values that were replaced.
    pub redacted: usize,
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {} redacted", self.bytes, self.redacted)
    }
}

/// The text with the values of secrets replaced by `<redacted sha256:…>` and everything
/// else as it was, byte for byte; and what it was. What is so short that its hash could be
/// guessed is replaced by `<redacted>`.
///
/// A secret is a string or a number under a secret's name, whatever its case and the dashes
/// between its words, at any depth, also inside JSON that stands in a string; the value
/// beside such a name, as in `{"name": "DB_PASSWORD", "value": …}`; and what is assigned to
/// such a name inside a text, as in `password=…`.
///
/// Where a text mentions such a name and cannot be read as JSON, or is nested more deeply
/// than [`MAX_DEPTH`], what follows is cut. A string that holds JSON in strings in strings
/// beyond [`MAX_LEVELS`], or brackets deeper than that all in all, goes as a whole.
pub fn redacted(raw: &str) -> (String, Original) {
    let mut original =
        Original { sha256: format!("{:x}", Sha256::digest(raw)), bytes: raw.len(), redacted: 0 };
    if !mentions(raw) {
        return (raw.to_owned(), original);
    }
    let (text, count) = clean(raw);
    original.redacted = count;
    (text, original)
}

/// JSON in a string in JSON in a string is read so many strings deep. Every one may double
/// the backslashes before a quote.
const MAX_LEVELS: usize = 4;

/// The text without secrets, and how many there were.
fn clean(raw: &str) -> (String, usize) {
    if serde_json::from_str::<&RawValue>(raw).is_err() || is_too_deep(raw) {
        // It names a secret and is not JSON: what comes from there on goes.
        return match hint(raw) {
            Some(at) => (format!("{}{MARK}", &raw[..at]), 1),
            None => (raw.to_owned(), 0),
        };
    }
    let top = Layer { text: raw, jumps: &[], base: 0, above: None, level: 0 };
    let mut cuts = Cuts(Vec::new());
    if cuts.value(&top, raw.trim_ascii(), About::default(), 0).is_err() {
        // Cannot be: the text is not too deep, and its strings end there.
        return (MARK.to_owned(), 1);
    }
    let (mut out, mut at) = (String::with_capacity(raw.len()), 0);
    for (range, with) in &cuts.0 {
        out.push_str(&raw[at..range.start]);
        out.push_str(with);
        at = range.end;
    }
    out.push_str(&raw[at..]);
    (out, cuts.0.len())
}

/// A text: the event's own, or what a string in another layer says.
struct Layer<'l> {
    text: &'l str,
    /// After every escape: where that is in this text, and where in the string's body.
    jumps: &'l [(usize, usize)],
    /// Where the string's body begins in the layer above.
    base: usize,
    above: Option<&'l Layer<'l>>,
    /// How many strings it is in.
    level: usize,
}

impl Layer<'_> {
    /// Where a place of this text is in the event's.
    fn raw(&self, at: usize) -> usize {
        let Some(above) = self.above else { return at };
        let jump = self.jumps.partition_point(|(here, _)| *here <= at).checked_sub(1);
        let (here, there) = jump.map_or((0, 0), |i| self.jumps[i]);
        above.raw(self.base + there + at - here)
    }

    fn place(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.len()
    }
}

/// Where a text that was read out of a string goes on elsewhere in that string.
type Jumps = Vec<(usize, usize)>;

/// What the body of a string in JSON says. `None` for half a surrogate pair: JSON, and no
/// text.
fn unescaped(body: &str) -> Option<(Cow<'_, str>, Jumps)> {
    if !body.contains('\\') {
        return Some((body.into(), Vec::new()));
    }
    let unit = |at: usize| u32::from_str_radix(body.get(at..at + 4)?, 16).ok();
    let (mut out, mut jumps, mut at) = (String::with_capacity(body.len()), Vec::new(), 0);
    while let Some(found) = memchr::memchr(b'\\', &body.as_bytes()[at..]) {
        out.push_str(&body[at..at + found]);
        at += found + 2;
        let c = match body.as_bytes().get(at - 1)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let mut code = unit(at)?;
                at += 4;
                if (0xd800..0xdc00).contains(&code) && body[at..].starts_with("\\u") {
                    let low = unit(at + 2)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    code = 0x10000 + ((code - 0xd800) << 10) + low;
                    at += 6;
                }
                char::from_u32(code)?
            }
            other => char::from(*other),
        };
        out.push(c);
        jumps.push((out.len(), at));
    }
    out.push_str(&body[at..]);
    Some((out.into(), jumps))
}

/// What is known of a value from its name.
#[derive(Clone, Copy, Default)]
struct About {
    secret: Option<Secret>,
    /// It is called `credentials`; in such an object `token` is a secret.
    credentials: bool,
}

/// Strings in strings, or brackets, deeper than is looked into.
struct TooDeep;

/// Places in the event's text, in order, and what to put there. INVARIANT: layers are JSON
/// where [`Cuts::value`] gets them, and all layers together are at most `MAX_DEPTH` deep,
/// which bounds its calls of itself.
struct Cuts(Vec<(Range<usize>, String)>);

impl Cuts {
    fn value(
        &mut self,
        layer: &Layer<'_>,
        value: &str,
        about: About,
        depth: usize,
    ) -> Result<(), TooDeep> {
        match value.as_bytes().first() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err(TooDeep),
            Some(b'{') => self.object(layer, value, about, depth + 1),
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(value) {
                Ok(items) => items
                    .into_iter()
                    .try_for_each(|inner| self.value(layer, inner.get(), about, depth + 1)),
                Err(_) => {
                    self.cut_quoted(layer, value);
                    Ok(())
                }
            },
            Some(b'"') => self.string(layer, value, about.secret, depth),
            // A number under a secret's name is a code.
            Some(b'0'..=b'9' | b'-') if about.secret.is_some_and(|s| s != Secret::Header) => {
                self.push(layer, layer.place(value), in_quotes(MARK, layer.level));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn object(
        &mut self,
        layer: &Layer<'_>,
        value: &str,
        about: About,
        depth: usize,
    ) -> Result<(), TooDeep> {
        // A key that is no text: half a surrogate pair.
        let Ok(object) = members(value) else {
            self.cut_quoted(layer, value);
            return Ok(());
        };
        let over = about.secret.filter(|s| *s == Secret::All);
        let named = ["name", "key", "parameterKey", "parameterName"]
            .into_iter()
            .any(|key| object.text(key).is_some_and(|name| secret(&name).is_some()));
        for (key, inner) in object.iter() {
            let of_pair = named
                && ["value", "values", "parameterValue"]
                    .iter()
                    .any(|value| key.eq_ignore_ascii_case(value));
            let own = if of_pair {
                Some(Secret::All)
            } else if about.credentials && key.eq_ignore_ascii_case("token") {
                Some(Secret::Text)
            } else {
                secret(key)
            };
            let credentials = plain(key).ends_with("credentials");
            self.value(layer, inner.get(), About { secret: over.or(own), credentials }, depth)?;
        }
        Ok(())
    }

    fn string(
        &mut self,
        layer: &Layer<'_>,
        value: &str,
        secret: Option<Secret>,
        depth: usize,
    ) -> Result<(), TooDeep> {
        let body = &value[1..value.len() - 1];
        let place = layer.place(body);
        let Some((text, jumps)) = unescaped(body) else {
            if secret.is_some() || mentions(body) {
                self.push(layer, place, mark(body));
            }
            return Ok(());
        };
        match secret {
            Some(kind) if !is_harmless(kind, &text) => {
                self.push(layer, place, mark(&text));
                return Ok(());
            }
            Some(kind) if kind != Secret::Header => return Ok(()),
            _ if !mentions(&text) => return Ok(()),
            _ => {}
        }
        let (base, level) = (place.start, layer.level + 1);
        let inner = Layer { text: &text, jumps: &jumps, base, above: Some(layer), level };
        let before = self.0.len();
        let read = self.text(&inner, depth);
        if read.is_err() && layer.level == 0 {
            self.0.truncate(before);
            self.push(layer, place, mark(&text));
            return Ok(());
        }
        read
    }

    /// A text that mentions a secret's name: JSON, or words.
    fn text(&mut self, layer: &Layer<'_>, depth: usize) -> Result<(), TooDeep> {
        let text = layer.text.trim_ascii();
        if !text.starts_with(['{', '[', '"']) || serde_json::from_str::<&RawValue>(text).is_err() {
            self.words(layer);
            return Ok(());
        }
        if layer.level > MAX_LEVELS {
            return Err(TooDeep);
        }
        self.value(layer, text, About::default(), depth)
    }

    /// Words about secrets are none; only what is assigned to a secret's name goes.
    fn words(&mut self, layer: &Layer<'_>) {
        let text = layer.text;
        // A name could be spelled in escapes, if this was JSON before somebody cut it short.
        let escaped = |from: usize| {
            text.get(from..)?.find("\\u00").filter(|_| text.contains('"')).map(|at| from + at)
        };
        let (mut from, mut done) = (0, 0);
        let mut limit = escaped(0);
        while let Some(sign) = memchr::memchr2(b'=', b':', &text.as_bytes()[from..]) {
            let sign = from + sign;
            if limit.is_some_and(|limit| limit < sign) {
                break;
            }
            from = sign + 1;
            if let Some((kind, value)) = assigned(text, done, sign)
                && !value.is_empty()
            {
                from = value.end;
                if !is_harmless(kind, &text[value.clone()]) {
                    done = value.end;
                    self.push(layer, value.clone(), mark(&text[value]));
                    if limit.is_some_and(|limit| limit < done) {
                        limit = escaped(done);
                    }
                }
            }
        }
        if let Some(at) = limit {
            self.push(layer, at..text.len(), MARK.to_owned());
        }
    }

    /// Cuts a whole value, which becomes a string.
    fn cut_quoted(&mut self, layer: &Layer<'_>, value: &str) {
        self.push(layer, layer.place(value), in_quotes(&mark(value), layer.level));
    }

    fn push(&mut self, layer: &Layer<'_>, place: Range<usize>, with: String) {
        self.0.push((layer.raw(place.start)..layer.raw(place.end), with));
    }
}

/// A mark as a string in so many strings. It has nothing to escape but its quotes.
fn in_quotes(mark: &str, level: usize) -> String {
    let quote = "\\".repeat((1 << level) - 1) + "\"";
    format!("{quote}{mark}{quote}")
}

/// Bytes that are looked at before and after a sign, for a name.
const NEAR: usize = 100;

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// What is assigned to a secret's name at a `=` or `:` of a text: `PASSWORD=x`,
/// `password: x`, `"password": "x"`, cut short or in backslashes too. Nothing before `done`
/// is looked at.
fn assigned(text: &str, done: usize, sign: usize) -> Option<(Secret, Range<usize>)> {
    let bytes = text.as_bytes();
    let least = done.max(sign.saturating_sub(NEAR));
    let back = |from: usize, of: fn(u8) -> bool| {
        let run = bytes[least..from].iter().rev().take_while(|b| of(**b)).count();
        from - run
    };
    let unquoted = back(back(sign, is_blank), |b| is_quote(b) || b == b'\\');
    let in_quotes = unquoted < back(sign, is_blank);
    // `secret access key: x` too.
    let (mut begin, mut kind) = (unquoted, None);
    for words in 1..=3 {
        let end = if words == 1 { begin } else { back(begin, |b| b == b' ') };
        let start = back(end, is_word);
        if start == end || (words > 1 && begin - end != 1) {
            break;
        }
        begin = start;
        let name = &text[begin..unquoted];
        kind = secret(name).filter(|_| {
            let plain = plain(name);
            words == 1 || SECRETS.contains(&&*plain) || SECRET_TEXTS.contains(&&*plain)
        });
        if kind.is_some() {
            break;
        }
    }
    let kind = kind?;
    let before = bytes[..begin].last().copied().unwrap_or(b'\n');
    let line = text[least..begin].rsplit('\n').next().unwrap_or_default();
    let begins_line = line.bytes().all(|b| is_blank(b) || b == b'-')
        && (least == 0 || text[least..begin].contains('\n'));
    let skip = |from: usize, of: fn(u8) -> bool| {
        from + bytes[from..].iter().take_while(|b| of(**b)).count()
    };
    let signs = skip(sign + 1, |b| matches!(b, b'=' | b'>'));
    let start = skip(signs, is_blank);
    let quote = skip(start, |b| b == b'\\');
    let quoted = bytes.get(quote).is_some_and(|b| is_quote(*b));
    if bytes[sign] == b':' && start == signs && !quoted && !in_quotes {
        // An ARN: `secret:NAME`. Nothing else has a name right after a colon, but this.
        let alone =
            matches!(before, b'{' | b',' | b'\n') && plain(&text[begin..unquoted]) != "secret";
        if !alone {
            return None;
        }
    }
    if quoted {
        let (level, begins) = (quote - start, quote + 1);
        return Some((kind, begins..closing(bytes, begins, bytes[quote], level)));
    }
    let rest = &text[start..];
    if in_quotes && rest.starts_with(['{', '[']) {
        return Some((kind, start..text.len()));
    }
    if rest.starts_with("<redacted")
        && let Some(end) = rest.find('>').filter(|end| is_mark(&rest[..=*end]))
    {
        return Some((kind, start..start + end + 1));
    }
    let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    if begins_line && start > signs {
        return Some((kind, start..start + text[start..line_end].trim_ascii_end().len()));
    }
    let mut end = word_end(bytes, start, line_end);
    let scheme = &text[start..end];
    if ["bearer", "basic", "digest", "token"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) {
        end = word_end(bytes, skip(end, is_blank), line_end);
    }
    let value = text[start..end].trim_end_matches([',', ';', '}', ')', ']', '"', '\'', '\\']);
    Some((kind, start..start + value.len()))
}

/// Where a quoted text ends: at the first quote that stands behind as many backslashes as
/// the one it began with, or behind fewer.
fn closing(bytes: &[u8], begins: usize, quote: u8, level: usize) -> usize {
    let mut from = begins;
    while let Some(found) = memchr::memchr(quote, &bytes[from..]) {
        let at = from + found;
        let run = bytes[from..at].iter().rev().take_while(|b| **b == b'\\').count();
        // Every backslash of the text itself is written twice at its own level.
        match run.checked_sub(level) {
            None => return at - run,
            Some(more) if more % (2 * (level + 1)) == 0 => return at - level,
            Some(_) => from = at + 1,
        }
    }
    bytes.len()
}

/// Where a text without quotes ends: at a blank, or where the next name begins.
fn word_end(bytes: &[u8], start: usize, line_end: usize) -> usize {
    let ends = |at: usize| match bytes[at] {
        b if b.is_ascii_whitespace() => true,
        b'&' | b',' | b';' => {
            let after = bytes[at + 1..line_end].iter().take(NEAR);
            let mut after = after.copied().skip_while(|b| is_blank(*b) || is_quote(*b)).peekable();
            after.peek().is_some_and(|b| is_word(*b))
                && after.find(|b| !is_word(*b)).is_some_and(|b| matches!(b, b'=' | b':' | b'"'))
        }
        b if is_quote(b) => match bytes.get(at + 1) {
            Some(b) => {
                b.is_ascii_whitespace() || matches!(b, b',' | b'}' | b')' | b']' | b';' | b':')
            }
            None => true,
        },
        _ => false,
    };
    (start..line_end).find(|at| ends(*at)).unwrap_or(line_end)
}
