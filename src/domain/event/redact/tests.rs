use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn hides(raw: &str) -> String {
    let (kept, original) = redacted(raw);
    assert!(!kept.contains("wJalrXUtnFEMI") && !kept.contains("bPxRfiCYEXAMPLEKEY"), "{kept}");
    assert!(original.redacted > 0, "{raw}");
    assert_eq!(original.bytes, raw.len());
    assert_eq!(redacted(&kept).0, kept, "twice is once");
    kept
}

#[test]
fn a_secret_is_hidden_wherever_it_stands() {
    let inner = json!({"secretAccessKey": SECRET}).to_string();
    for raw in [
        json!({"responseElements": {"credentials": {"sessionToken": SECRET}}}),
        json!({"accessKey": {"SecretAccessKey": SECRET}}),
        json!({"a": [{"b": [{"secret_access_key": SECRET}]}]}),
        json!({"password": [SECRET, {"x": SECRET}]}),
        json!({"masterUserPassword": SECRET, "newPass-Word": SECRET, "X-Amz-Security-Token": SECRET}),
        json!({"requestParameters": {"policy": inner.clone()}}),
        json!({"a": json!({"b": inner.clone()}).to_string()}),
        json!({"a": format!("request was {inner} and failed")}),
        json!({"a": &inner[..inner.len() - 3]}),
    ] {
        let kept = hides(&raw.to_string());
        assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
    }
}

#[test]
fn escapes_duplicates_depth_and_broken_text_hide_nothing() {
    let deep = format!("{}{{\"password\":\"{SECRET}\"}}{}", "[".repeat(200), "]".repeat(200));
    let abyss = format!("{}\"password\":\"{SECRET}\"", "{\"a\":".repeat(100_000));
    for raw in [
        format!(r#"{{"\u0073ecretAccessKey":"{SECRET}"}}"#),
        format!(r#"{{"pass\u0077ord":"{SECRET}"}}"#),
        format!(r#"{{"password":"","password":"{SECRET}","password":null}}"#),
        format!(r#"{{"password":"{SECRET}\ud800"}}"#),
        format!(r#"{{"a":{{"\ud800":1,"password":"{SECRET}"}}}}"#),
        format!(r#" {{"password" : "{SECRET}" , "cut": "#),
        format!(r#"not JSON: secretAccessKey={SECRET}"#),
        deep,
        abyss,
    ] {
        hides(&raw);
    }
    assert!(
        !hides(
            r#"{"tokenCode": 123456, "a": "wJalrXUtnFEMI"}"#.replace("wJalrXUtnFEMI", "x").as_str()
        )
        .contains("123456")
    );
}

#[test]
fn everything_else_stays_to_the_byte() {
    for raw in [
        r#"{ "eventName" : "GetSecretValue",  "nextToken":"abc", "n": 1.50e1, "passwordLastUsed": null }"#,
        r#"{"errorMessage":"not authorized to perform: secretsmanager:GetSecretValue on [x] with {token}"}"#,
        r#"{"password":null,"sessionToken":"","passwordResetRequired":true}"#,
        r#"{"a":"\u0026 {","b":"{\"tokens\": 1}"}"#,
        "not JSON at all",
        "",
    ] {
        assert_eq!(redacted(raw).0, raw);
    }
    let raw = format!("{{ \"a\" : 1.0 ,\t\"sessionToken\":  \"{SECRET}\" ,\"z\":[ ] }}");
    let (kept, _) = redacted(&raw);
    assert_eq!(kept.replace(&mark(SECRET), SECRET), raw);
}

#[test]
fn names_and_shapes_of_secrets() {
    for raw in [
        json!({"name": "DB_PASSWORD", "value": SECRET}),
        json!({"environment": [{"Value": SECRET, "Name": "API_KEY"}]}),
        json!({"parameterKey": "MasterUserPassword", "parameterValue": SECRET}),
        json!({"key": "/prod/db/password", "value": {"x": [SECRET]}}),
        json!({"passwords": [SECRET], "sessionTokens": {"a": SECRET}}),
        json!({"authorizationToken": SECRET, "signinToken": SECRET, "apiKey": SECRET}),
        json!({"credentials": {"token": SECRET}, "x-api-key": SECRET}),
        json!({"authorization": format!("Bearer {SECRET}"), "Proxy-Authorization": SECRET}),
        json!({"secret": SECRET, "secretValue": SECRET, "masterUserSecret": SECRET}),
        json!({"passphrase": SECRET, "passwd": SECRET, "dbPwd": SECRET}),
        json!({"userData": format!("#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY={SECRET}\nrun")}),
        json!({"a": format!("[default]\naws_secret_access_key = {SECRET}\n")}),
        json!({"a": format!("{{password={SECRET}, user=a}}")}),
        json!({"a": format!("{{user=a,password:{SECRET}}}")}),
        json!({"a": format!("db:\n  password: {SECRET} and more of it\n")}),
        json!({"a": format!("the Secret Access Key: {SECRET}")}),
        json!({"a": format!("curl -H 'Authorization: Bearer {SECRET}' https://a.example")}),
        json!({"a": format!("https://b.s3.amazonaws.com/k?X-Amz-Security-Token={SECRET}&X-Amz-Date=1&X-Amz-Signature={SECRET}")}),
        json!({"a": format!("{{'password': '{SECRET}', 'b': 1}}")}),
        json!({"a": format!(r#"oops {{"a":"{{\"password\":\"x\\\"{SECRET}\"}}"}} "#)}),
        json!({"a": format!(r#"oops {{"password":"a\\","sessionToken":"{SECRET}"}} "#)}),
        json!({"a": format!(r#"{{"password":["{SECRET}","#)}),
    ] {
        let kept = hides(&raw.to_string());
        assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
    }
    let (kept, _) = redacted(&json!({"a": format!("{{password={SECRET}, user=a}}")}).to_string());
    assert_eq!(kept, format!(r#"{{"a":"{{password={}, user=a}}"}}"#, mark(SECRET)));
    let url = format!("https://a.example/?X-Amz-Security-Token={SECRET}&X-Amz-Date=1");
    let (kept, _) = redacted(&json!({ "a": url }).to_string());
    assert!(kept.contains("&X-Amz-Date=1"), "{kept}");
}

#[test]
fn what_is_short_has_no_hash() {
    for raw in [r#"{"tokenCode":"123456"}"#, r#"{"tokenCode":123456}"#, r#"{"password":"hunter2"}"#]
    {
        let (kept, original) = redacted(raw);
        assert!(kept.ends_with(r#":"<redacted>"}"#) && original.redacted == 1, "{kept}");
        assert_eq!(redacted(&kept).0, kept);
    }
    assert!(mark(SECRET).contains("sha256"));
}

#[test]
fn what_only_sounds_like_a_secret_stays() {
    for raw in [
        json!({"nextToken": SECRET, "clientRequestToken": SECRET, "clientToken": SECRET, "token": SECRET}),
        json!({"passwordLastUsed": "2026-03-02", "passwordResetRequired": true, "tokenIssueTime": 1}),
        json!({"secretId": "prod/db-password", "SecretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-1", "secretName": "a"}),
        json!({"masterUserSecret": {"secretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-1", "secretStatus": "creating"}}),
        json!({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-1"}]}),
        json!({"eventName": "GetSecretValue", "responseElements": {"GetSigninToken": "Success"}}),
        json!({"errorMessage": "User: arn:aws:iam::111122223333:user/a is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:db-password-a1 because no identity-based policy allows it"}),
        json!({"errorMessage": "The security token included in the request is invalid"}),
        json!({"policyDocument": r#"{"Statement":[{"Action":["secretsmanager:GetSecretValue","iam:UpdateLoginProfile","iam:ChangePassword","sts:GetSessionToken"],"Resource":"arn:aws:secretsmanager:*:*:secret:*","Condition":{"DateGreaterThan":{"aws:TokenIssueTime":"2026"}}}]}"#}),
        json!({"userAgent": "[aws-cli/2.15.0 Python/3.11 md/command#secretsmanager.get-secret-value md/prompt#off cfg/retry-mode#standard]"}),
        json!({"userAgent": "aws-sdk-go/1.44 (go1.19; linux; amd64) S3Manager token: none".replace(" token: none", "")}),
        json!({"masterUserPassword": "****", "password": "HIDDEN_DUE_TO_SECURITY_REASONS", "authorization": "AWS_IAM"}),
        json!({"name": "/prod/db/password", "value": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
        json!({"name": "password", "description": "the one", "withDecryption": true}),
        json!({"dbPassword": "{{resolve:secretsmanager:prod:SecretString:password}}"}),
        json!({"key": "Name", "value": "secret garden"}),
        json!({"apiKeyId": "abc", "apiKeySource": "HEADER", "authorizationType": "NONE"}),
        json!({"bucketName": "b", "key": "backups/passwords", "SignatureVersion": "SigV4", "x-amz-id-2": SECRET}),
    ] {
        let raw = raw.to_string();
        assert_eq!(redacted(&raw).0, raw);
    }
}

/// A text in so many strings, each written with escapes only, which grow by four bytes
/// a level while plain ones double.
fn in_strings(text: &str, levels: usize, before: &str, after: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..levels {
        let escaped = text.replace('\\', "\\u005c").replace('"', "\\u0022");
        text = format!("{before}\"{escaped}\"{after}");
    }
    text
}

#[test]
fn strings_in_strings_stay_small_and_end() {
    let inner = format!(r#"{{"password":"{SECRET}"}}"#);
    for levels in 0..40 {
        let raw = in_strings(&inner, levels, "[", "]");
        let kept = hides(&raw);
        assert!(kept.len() <= raw.len() + 200, "{levels}: {} of {}", kept.len(), raw.len());
        assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
    }
    // What is whole up to the last level that is read stays so, to the byte.
    let raw = in_strings(&inner, MAX_LEVELS, "[ ", "]");
    assert_eq!(hides(&raw).replace(&mark(SECRET), SECRET), raw);
    let (before, after) = ("[".repeat(100), "]".repeat(100));
    hides(&in_strings(&inner, 150, &before, &after));
    let long = format!(r#"{{"a":"password={}"}}"#, "a=,&':\\\"".repeat(50_000));
    redacted(&long);
    redacted(&format!(r#"{{"a":"{}"}}"#, "password: , secret=\\u0022 ".repeat(50_000)));
    redacted(&format!(r#"{{"a":"{}"}}"#, "secret='&a ".repeat(50_000)));
}

#[test]
fn a_hint_stands_in_every_name() {
    for name in SECRETS.iter().chain(SECRET_TEXTS) {
        assert!(mentions(name), "{name}");
    }
    for dashed in ["pass-word", "PRIVATE_KEY", "base 32 string seed", "Key-Material", "Token_Code"]
    {
        assert!(secret(dashed).is_some() && mentions(dashed), "{dashed}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(SECRET)),
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i32>().prop_map(|n| json!(n)),
        "[a-z{\\[\"\\\\é]{0,6}".prop_map(|t| json!(t)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = select(
            &["secretAccessKey", "Session-Token", "password", "name", "é", "policy", "a\"b"][..],
        );
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|v| json!(v)),
            proptest::collection::vec((key, inner.clone()), 0..4).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
            inner.prop_map(|v| json!(v.to_string())),
        ]
    })
}

/// The same value without its secrets, the plain way.
fn without(value: Value, hidden: bool) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(k, v)| {
                    let s = hidden || secret(&k).is_some();
                    (k, without(v, s))
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(|v| without(v, hidden)).collect(),
        Value::String(text) if hidden => {
            if text.is_empty() || is_harmless(Secret::All, &text) {
                json!(text)
            } else {
                json!(mark(&text))
            }
        }
        Value::Number(_) if hidden => json!(MARK),
        Value::String(text) => match serde_json::from_str::<Value>(&text) {
            Ok(inner) if inner.is_object() || inner.is_array() => {
                let cleaned = without(inner.clone(), false);
                if cleaned == inner { json!(text) } else { json!(cleaned.to_string()) }
            }
            // A string of JSON that is a string again is looked into too.
            Ok(Value::String(again)) => {
                let cleaned = without(json!(again), false);
                if cleaned == json!(again) { json!(text) } else { json!(cleaned.to_string()) }
            }
            _ => json!(text),
        },
        other => other,
    }
}

proptest! {
    #[test]
    fn the_same_as_the_plain_way(value in value()) {
        let raw = value.to_string();
        let (kept, original) = redacted(&raw);
        let kept: Value = serde_json::from_str(&kept).expect("still JSON");
        let want = without(value.clone(), false);
        prop_assert_eq!(&kept, &want);
        prop_assert_eq!(original.redacted == 0, want == value);
    }

    #[test]
    fn nothing_grows(
        value in value(), levels in 0usize..8, pad in 0usize..60,
        text in r#"(\\|\\u00|[{}\[\]"':=,&\\a ]|password|secret){0,30}"#,
    ) {
        let value = json!({"a": value, "b": text, "name": "password", "value": text});
        let (before, after) = ("[".repeat(pad), "]".repeat(pad));
        for raw in [in_strings(&value.to_string(), levels, &before, &after), text] {
            let (kept, original) = redacted(&raw);
            prop_assert!(kept.len() <= raw.len() + 100 * (original.redacted + 1));
            prop_assert_eq!(redacted(&kept).0, kept);
        }
    }

    #[test]
    fn nothing_panics(raw in "[{}\\[\\]\":,\\\\a-z0-9 é]{0,60}|.{0,30}password.{0,30}") {
        redacted(&raw);
    }
}
