//! Signature Version 4: who claims to have signed a request, and whether they did.
//!
//! AWS: IAM user guide, "Create a signed AWS API request".

use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::Request;
use sha2::{Digest, Sha256};

use crate::range::seed::hex;

/// What the Authorization header says, before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub access_key: String,
    /// `YYYYMMDD`.
    date: String,
    pub region: String,
    pub service: String,
    signed_headers: String,
    signature: String,
}

/// Reads the Authorization header; `None` where it is missing or not of SigV4.
pub fn claim<B>(request: &Request<B>) -> Option<Claim> {
    let text = request.headers().get("authorization")?.to_str().ok()?;
    let fields = text.strip_prefix("AWS4-HMAC-SHA256")?;
    let field = |name: &str| {
        fields.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let mut scope = field("Credential")?.split('/');
    let claim = Claim {
        access_key: scope.next()?.to_owned(),
        date: scope.next()?.to_owned(),
        region: scope.next()?.to_owned(),
        service: scope.next()?.to_owned(),
        signed_headers: field("SignedHeaders")?.to_owned(),
        signature: field("Signature")?.to_owned(),
    };
    (scope.next() == Some("aws4_request") && scope.next().is_none()).then_some(claim)
}

/// Whether the holder of `secret` signed this request as it stands.
pub fn signed_by(request: &Request<Bytes>, claim: &Claim, secret: &str) -> bool {
    let headers = request.headers();
    let Some(time) = headers.get("x-amz-date").and_then(|v| v.to_str().ok()) else { return false };
    let names: Vec<&str> = claim.signed_headers.split(';').collect();
    // The host must be signed, and the time, which the date of the scope must match.
    if !time.starts_with(&claim.date) || !names.contains(&"host") || !names.contains(&"x-amz-date")
    {
        return false;
    }
    signature(request, claim, time, secret).is_some_and(|s| s == claim.signature)
}

fn signature(request: &Request<Bytes>, claim: &Claim, time: &str, secret: &str) -> Option<String> {
    let names: Vec<&str> = claim.signed_headers.split(';').collect();
    let canonical = canonical(request, &claim.signed_headers, &names)?;
    let scope = format!("{}/{}/{}/aws4_request", claim.date, claim.region, claim.service);
    let hashed = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashed}");
    let mut key = mac(format!("AWS4{secret}").as_bytes(), &claim.date);
    for part in [&claim.region, &claim.service, "aws4_request"] {
        key = mac(&key, part);
    }
    Some(hex(&mac(&key, &to_sign)))
}

/// Signs a request for a test.
#[cfg(test)]
pub fn sign(
    request: &mut Request<Bytes>,
    (access_key, secret): (&str, &str),
    service: &str,
    region: &str,
) {
    const TIME: &str = "20260302T031000Z";
    request.headers_mut().insert("x-amz-date", http::HeaderValue::from_static(TIME));
    let mut claim = Claim {
        access_key: access_key.to_owned(),
        date: TIME[..8].to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: "host;x-amz-date".to_owned(),
        signature: String::new(),
    };
    claim.signature = signature(request, &claim, TIME, secret).expect("an absolute URI");
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/{}/{region}/{service}/aws4_request, \
         SignedHeaders={}, Signature={}",
        claim.date, claim.signed_headers, claim.signature
    );
    request.headers_mut().insert("authorization", value.parse().expect("a value"));
}

fn canonical(request: &Request<Bytes>, signed: &str, names: &[&str]) -> Option<String> {
    let uri = request.uri();
    let mut out = format!("{}\n", request.method());
    // Every service but S3 encodes the path, as it was sent, once more.
    for c in uri.path().chars() {
        encode(c, true, &mut out);
    }
    out.push('\n');
    let mut query: Vec<(String, String)> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(n, v)| format!("{n}={v}")).collect();
    out.push_str(&query.join("&"));
    out.push('\n');
    for name in names {
        out.push_str(name);
        out.push(':');
        let values: Vec<&str> = request
            .headers()
            .get_all(*name)
            .iter()
            .map(|v| v.to_str())
            .collect::<Result<_, _>>()
            .ok()?;
        match (values.is_empty(), *name) {
            // A client in process has no connection to say the host on.
            (true, "host") => out.push_str(uri.authority()?.as_str()),
            (true, _) => return None,
            _ => {
                let values: Vec<String> = values
                    .iter()
                    .map(|v| v.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "))
                    .collect();
                out.push_str(&values.join(","));
            }
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(signed);
    out.push('\n');
    // The body that came is hashed, whatever the client says of it.
    out.push_str(&hex(&Sha256::digest(request.body())));
    Some(out)
}

/// Decodes and encodes again, so that both sides spell a value the same way.
fn recode(text: &str) -> String {
    let mut out = String::new();
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    for c in decoded.chars() {
        encode(c, false, &mut out);
    }
    out
}

fn encode(c: char, slash: bool, out: &mut String) {
    if c.is_ascii_alphanumeric() || "-._~".contains(c) || (slash && c == '/') {
        out.push(c);
        return;
    }
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        out.push_str(&format!("%{byte:02X}"));
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes a key of any length (RFC 2104), so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's published example: "GET ListUsers", of the Signature Version 4 test
    /// pages, with the example key pair.
    fn example() -> Request<Bytes> {
        Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("host", "iam.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, \
                 Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            )
            .body(Bytes::new())
            .expect("a request")
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn the_published_example_verifies() {
        let request = example();
        let claim = claim(&request).expect("a claim");
        assert_eq!((claim.service.as_str(), claim.region.as_str()), ("iam", "us-east-1"));
        assert!(signed_by(&request, &claim, SECRET));
    }

    #[test]
    fn any_change_breaks_it() {
        let claim = claim(&example()).expect("a claim");
        assert!(!signed_by(&example(), &claim, "another secret"));
        let mut body = example();
        *body.body_mut() = Bytes::from_static(b"x");
        assert!(!signed_by(&body, &claim, SECRET));
        let mut path = example();
        *path.uri_mut() = "https://iam.amazonaws.com/?Action=ListRoles&Version=2010-05-08"
            .parse()
            .expect("a URI");
        assert!(!signed_by(&path, &claim, SECRET));
        let mut time = example();
        time.headers_mut().insert("x-amz-date", "20150830T123601Z".parse().expect("a value"));
        assert!(!signed_by(&time, &claim, SECRET));
    }

    #[test]
    fn other_headers_are_no_claim() {
        for text in ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=AKID/x, SignedHeaders=host"] {
            let request = Request::get("/").header("authorization", text).body(()).expect("ok");
            assert_eq!(claim(&request), None, "{text}");
        }
    }
}
