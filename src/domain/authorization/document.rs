//! Policy documents on their way: IAM sends them percent-encoded (RFC 3986), tools decode them.

use percent_encoding::percent_decode_str;

/// The JSON text of a document that may be percent-encoded. `{` is no character of an encoded
/// text (RFC 3986, section 2), so a text that has one is decoded already: its percent signs
/// are its own.
pub fn decoded(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if text.contains('{') {
        return Ok(text.to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "is not UTF-8 once it is percent-decoded".to_owned())?;
    if decoded.contains('{') {
        Ok(decoded.into_owned())
    } else {
        Err("is neither a JSON object nor one that is percent-encoded".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_decoded_once() {
        for (text, want) in [
            ("%7B%22Version%22%3A%222012-10-17%22%7D", r#"{"Version":"2012-10-17"}"#),
            ("%7B%22a%22%3A%22%2520b+c%22%7D", r#"{"a":"%20b+c"}"#),
            (r#"{"a":"%20b"}"#, r#"{"a":"%20b"}"#),
            ("\n {}", "\n {}"),
            ("%7B%22%C3%A9%22%7D", "{\"é\"}"),
        ] {
            assert_eq!(decoded(text).as_deref(), Ok(want), "{text}");
        }
        for bad in ["", " ", "v1", "%5B%5D", "%7B%FF%7D"] {
            assert!(decoded(bad).is_err(), "{bad}");
        }
    }
}
