//! What does not fit any more, and what then still does.

use serde_json::json;

use super::{
    proof::{DENY, SOME, world},
    *,
};

/// A document of so many characters without white space.
fn sized(size: usize) -> String {
    let with = |filler: &str| {
        format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::{filler}"}}]}}"#
        )
    };
    let frame = with("").chars().filter(|c| !c.is_whitespace()).count();
    with(&"x".repeat(size - frame))
}

#[test]
fn a_denial_that_does_not_fit_is_attached_instead_while_there_is_room() {
    let bench = world();
    for (kind, name, quota) in [("User", "bob", 2048), ("Role", "worker", 10_240)] {
        let with = |more: Value| {
            let mut input = more;
            input[format!("{kind}Name")] = name.into();
            input
        };
        let put = |name: &str, document: &str| {
            let input = with(json!({"PolicyName": name, "PolicyDocument": document}));
            bench.invoke(&format!("iam:Put{kind}Policy"), input)
        };
        put("full", &sized(quota)).ok();
        let why = put("HalonDenyAll", DENY).refused(409, "LimitExceeded").message();
        assert!(why.contains(&quota.to_string()), "{why}");
        let attach = |arn: &str| {
            bench.invoke(&format!("iam:Attach{kind}Policy"), with(json!({"PolicyArn": arn})))
        };
        let aws = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
        let nine = [
            "PowerUserAccess",
            "IAMFullAccess",
            "IAMReadOnlyAccess",
            "ReadOnlyAccess",
            "SecurityAudit",
            "AmazonS3FullAccess",
            "AmazonS3ReadOnlyAccess",
            "AmazonSSMManagedInstanceCore",
            "AWSCompromisedKeyQuarantineV3",
        ];
        for name in nine {
            attach(&aws(name)).ok();
        }
        attach(&aws("AWSDenyAll")).ok();
        // What is attached already is accepted once more; an eleventh is not.
        attach(&aws("AWSDenyAll")).ok();
        let why = attach(SOME).refused(409, "LimitExceeded").message();
        assert_eq!(why, format!("Cannot exceed quota for PoliciesPer{kind}: 10"));
    }
}

#[test]
fn a_managed_policy_has_6144_characters_without_blanks() {
    let bench = world();
    let create = |document: String| {
        bench.invoke(
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": SOME, "PolicyDocument": document}),
        )
    };
    create(sized(6144)).ok();
    let why = create(sized(6145)).refused(409, "LimitExceeded").message();
    assert_eq!(why, "Cannot exceed quota for PolicySize: 6144");
    for wrong in [
        "{",
        "[]",
        r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
        r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
    ] {
        create(wrong.to_owned()).refused(400, "MalformedPolicyDocument");
    }
}
