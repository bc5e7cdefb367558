//! What is called a secret, and what is put in its place.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use sha2::{Digest, Sha256};

/// Ends of the names of secrets, in lower case without `_`, `-` and blanks; one of them or
/// several. What lies deeper under such a name is secret too.
pub(super) const SECRETS: &[&str] = &[
    "secretaccesskey",
    "secretkey",
    "sessiontoken",
    "securitytoken",
    "accesstoken",
    "refreshtoken",
    "identitytoken",
    "idtoken",
    "password",
    "passphrase",
    "passwd",
    "pwd",
    "secretstring",
    "secretbinary",
    "secretvalue",
    "privatekey",
    "keymaterial",
    "clientsecret",
    "authtoken",
    "authorizationtoken",
    "signintoken",
    "samlassertion",
    "base32stringseed",
    "tokencode",
    "xamzsignature",
];

/// Ends of names whose own text is secret, but not what lies deeper: RDS's
/// `masterUserSecret` is an object that says where the secret is.
pub(super) const SECRET_TEXTS: &[&str] = &["secret", "apikey"];

/// Calls whose names end like those of secrets. They are keys too: the console answers
/// `{"GetSigninToken": "Success"}`.
const CALLS: &[&str] = &[
    "getsignintoken",
    "getsessiontoken",
    "getauthorizationtoken",
    "getsecretvalue",
    "putsecretvalue",
    "batchgetsecretvalue",
    "createsecret",
    "deletesecret",
    "describesecret",
    "updatesecret",
    "restoresecret",
    "rotatesecret",
    "cancelrotatesecret",
    "getapikey",
    "createapikey",
    "deleteapikey",
    "updateapikey",
];

/// A part of every secret's name that no dash divides, or the name in each usual spelling;
/// and an escaped letter, which could hide one.
const HINTS: &[&str] = &[
    "secret",
    "token",
    "pass",
    "pwd",
    "private",
    "material",
    "assertion",
    "base",
    "apikey",
    "api-key",
    "api_key",
    "api key",
    "authorization",
    "amzsignature",
    "amz-signature",
    "amz_signature",
    "\\u00",
];

static HINTED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(HINTS)
        .ok()
});

/// A cheap first look: where a secret may be named.
pub(super) fn hint(text: &str) -> Option<usize> {
    match &*HINTED {
        Some(hinted) => hinted.find(text).map(|found| found.start()),
        // Cannot be, for these few words; then every text is looked through.
        None => Some(0),
    }
}

pub(super) fn mentions(text: &str) -> bool {
    hint(text).is_some()
}

/// What a name says of its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Secret {
    /// All of it is secret.
    All,
    /// It is where it is a text.
    Text,
    /// It is where it looks like a credential: `Bearer …`.
    Header,
}

pub(super) fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

pub(super) fn secret(key: &str) -> Option<Secret> {
    let plain = plain(key);
    let ends = |end: &&str| plain.ends_with(end);
    if CALLS.contains(&&*plain) {
        None
    } else if SECRETS.iter().any(ends)
        || plain.strip_suffix('s').is_some_and(|one| SECRETS.iter().any(|end| one.ends_with(end)))
    {
        Some(Secret::All)
    } else if SECRET_TEXTS.iter().any(ends) {
        Some(Secret::Text)
    } else if ["authorization", "proxyauthorization"].contains(&&*plain) {
        Some(Secret::Header)
    } else {
        None
    }
}

/// Shorter ones could be guessed from their hash, as could a code of six digits.
const MIN_HASHED: usize = 12;
pub(super) const MARK: &str = "<redacted>";

pub(super) fn mark(secret: &str) -> String {
    match secret.chars().count() < MIN_HASHED {
        true => MARK.to_owned(),
        false => format!("<redacted sha256:{:x}>", Sha256::digest(secret)),
    }
}

/// What [`mark`] makes, and nothing more: redacting twice is redacting once.
pub(super) fn is_mark(text: &str) -> bool {
    let hash = text.strip_prefix("<redacted sha256:").and_then(|rest| rest.strip_suffix('>'));
    text == MARK || hash.is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A value under a secret's name that is none: nothing, what AWS or we put in its place, or
/// the place where it is kept.
pub(super) fn is_harmless(kind: Secret, text: &str) -> bool {
    let is = |what: &str| text.get(..what.len()).is_some_and(|s| s.eq_ignore_ascii_case(what));
    is_mark(text)
        || text.bytes().all(|b| b == b'*')
        || ["HIDDEN_DUE_TO_SECURITY_REASONS", "<sensitiveDataRemoved>", "null", "true", "false"]
            .contains(&text)
        || text.starts_with("{{resolve:") && text.ends_with("}}")
        || match kind {
            Secret::All => false,
            Secret::Text => text.starts_with("arn:aws") && !text.contains(char::is_whitespace),
            Secret::Header => {
                let scheme =
                    ["bearer ", "basic ", "digest ", "token ", "aws4-"].into_iter().any(is);
                !scheme && (text.len() < 20 || text.contains(' '))
            }
        }
}
