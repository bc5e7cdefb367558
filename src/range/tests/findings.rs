//! GuardDuty: criteria, order, pages, archiving, samples.

use std::collections::HashSet;

use serde_json::json;

use super::*;

#[test]
fn old_and_new_operators_choose_the_same() {
    let bench = Bench::new("leaked-key");
    let all = bench.ids(json!({})).len();
    for (old, new) in [
        (json!({"severity": {"gte": 7}}), json!({"severity": {"greaterThanOrEqual": 7}})),
        (json!({"severity": {"lt": 7}}), json!({"severity": {"lessThan": 7}})),
        (
            json!({"severity": {"gt": 8, "lte": 9}}),
            json!({"severity": {"greaterThan": 8, "lessThanOrEqual": 9}}),
        ),
        (
            json!({"service.archived": {"eq": ["true"]}}),
            json!({"service.archived": {"equals": ["true"]}}),
        ),
        (
            json!({"accountId": {"neq": ["123456789012"]}}),
            json!({"accountId": {"notEquals": ["123456789012"]}}),
        ),
    ] {
        let (a, b) = (bench.ids(old.clone()), bench.ids(new));
        assert_eq!(a, b, "{old}");
        assert!(!a.is_empty() && a.len() < all, "{old} chose {} of {all}", a.len());
    }
}

#[test]
fn any_path_may_be_asked_for_and_lists_are_searched() {
    let bench = Bench::new("leaked-key");
    for (criterion, want) in [
        (json!({"resource.accessKeyDetails.userName": {"eq": ["svc-backup-sync"]}}), 4),
        (
            json!({"resource.s3BucketDetails.name": {"equals": ["example-prod-customer-exports"]}}),
            2,
        ),
        (json!({"type": {"matches": ["CryptoCurrency:EC2/*"]}}), 2),
        (json!({"type": {"matches": ["CryptoCurrency:EC2/*"]}, "severity": {"gt": 8}}), 0),
        (json!({"resource.instanceDetails.tags.value": {"eq": ["worker-1"]}}), 2),
        (json!({"updatedAt": {"gte": 1_772_420_760_000i64}}), 1),
    ] {
        assert_eq!(bench.ids(criterion.clone()).len(), want, "{criterion}");
    }
}

#[test]
fn fifty_thousand_are_paged_once_each_in_order() {
    let mut bench = Bench::new("flood");
    let mut seen = HashSet::new();
    for region in ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"] {
        bench.region = region;
        let mut input = json!({"sortCriteria": {"attributeName": "updatedAt", "orderBy": "DESC"}});
        loop {
            let page = bench.guardduty("", input.clone());
            let ids = texts(&page["findingIds"]);
            assert!(ids.len() <= 50);
            seen.extend(ids);
            match page["nextToken"].as_str() {
                Some("") => break,
                token => input["nextToken"] = token.into(),
            }
        }
    }
    assert_eq!(seen.len(), 50_000);
}

#[test]
fn a_generated_finding_agrees_with_its_indexed_fields() {
    let bench = Bench::new("flood");
    let input = json!({"findingCriteria": {"criterion": {"severity": {"gte": 9}}},
        "sortCriteria": {"attributeName": "updatedAt", "orderBy": "ASC"}});
    let ids = bench.guardduty("", input)["findingIds"].clone();
    let sort = json!({"attributeName": "updatedAt", "orderBy": "ASC"});
    let answer = bench.guardduty("/get", json!({"findingIds": ids, "sortCriteria": sort}));
    let findings = answer["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 50);
    let times: Vec<&str> = findings.iter().filter_map(|f| f["updatedAt"].as_str()).collect();
    assert!(times.is_sorted() && times.len() == 50);
    assert!(findings.iter().all(|f| f["severity"].as_f64() >= Some(9.0)));
    let again =
        Bench::new("flood").guardduty("/get", json!({"findingIds": ids, "sortCriteria": sort}));
    assert_eq!(answer, again, "the same seed gives the same world");
}

#[test]
fn archiving_is_read_back_and_a_later_occurrence_brings_it_back() {
    let bench = Bench::new("leaked-key");
    let bucket = json!({"type": {"eq": ["Exfiltration:S3/AnomalousBehavior"]}});
    let ids = bench.ids(bucket);
    let archived = |bench: &Bench| {
        let answer = bench.guardduty("/get", json!({"findingIds": ids}));
        (
            answer["findings"][0]["service"]["archived"] == true,
            answer["findings"][0]["service"]["count"].clone(),
        )
    };
    assert_eq!(archived(&bench), (false, json!(4)));
    assert_eq!(bench.guardduty("/archive", json!({"findingIds": ids})), json!({}));
    assert_eq!(archived(&bench), (true, json!(4)));
    bench.pass(4);
    assert_eq!(archived(&bench), (false, json!(5)));
    bench.guardduty("/archive", json!({"findingIds": ids}));
    bench.guardduty("/unarchive", json!({"findingIds": ids}));
    assert!(!archived(&bench).0);
}

#[test]
fn a_member_sees_its_own_and_may_not_archive() {
    let mut bench = Bench::new("leaked-key");
    let all = bench.ids(json!({}));
    bench.key = MEMBER_KEY;
    let own = bench.ids(json!({}));
    assert!(!own.is_empty() && own.len() < all.len());
    assert!(own.iter().all(|id| all.contains(id)));
    let (status, answer) = bench.try_guardduty("/archive", json!({"findingIds": [own[0]]}));
    assert_eq!((status, &answer["__type"]), (400, &"BadRequestException".into()));
    assert!(answer["message"].as_str().is_some_and(|m| m.contains("member account")));
}

#[test]
fn an_unknown_id_is_left_out_and_a_foreign_token_refused() {
    let bench = Bench::new("leaked-key");
    let id = bench.ids(json!({}))[0].clone();
    let answer = bench.guardduty("/get", json!({"findingIds": [id, "unknown"]}));
    assert_eq!(answer["findings"].as_array().map(Vec::len), Some(1));
    let page = bench.guardduty("", json!({"maxResults": 2}));
    let token = &page["nextToken"];
    let other = json!({"maxResults": 2, "nextToken": token,
        "findingCriteria": {"criterion": {"severity": {"gte": 7}}}});
    let (status, answer) = bench.try_guardduty("", other);
    assert_eq!((status, &answer["__type"]), (400, &"BadRequestException".into()));
}

#[test]
fn samples_appear_and_occur_again() {
    let bench = Bench::new("leaked-key");
    let kind = "Trojan:EC2/DropPoint";
    let chosen = json!({"type": {"eq": [kind]}});
    assert!(bench.ids(chosen.clone()).is_empty());
    bench.guardduty("/create", json!({"findingTypes": [kind]}));
    bench.guardduty("/create", json!({"findingTypes": [kind]}));
    let ids = bench.ids(chosen);
    let answer = bench.guardduty("/get", json!({"findingIds": ids}));
    assert_eq!(answer["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["findings"][0]["title"], format!("[SAMPLE] {kind}"));
    assert_eq!(answer["findings"][0]["service"]["count"], 2);
    let (status, _) = bench.try_guardduty("/create", json!({"findingTypes": ["No:Such/Type"]}));
    assert_eq!(status, 400);
}

#[test]
fn statistics_count_what_the_list_holds() {
    let bench = Bench::new("leaked-key");
    let criteria = json!({"criterion": {"severity": {"gte": 8}}});
    let want = bench.ids(criteria["criterion"].clone()).len() as u64;
    let by_severity =
        json!({"findingCriteria": criteria, "findingStatisticTypes": ["COUNT_BY_SEVERITY"]});
    let answer = bench.guardduty("/statistics", by_severity);
    let counts = answer["findingStatistics"]["countBySeverity"].as_object().expect("counts");
    assert_eq!(counts.values().filter_map(Value::as_u64).sum::<u64>(), want);
    for (group, list) in [
        ("ACCOUNT", "groupedByAccount"),
        ("SEVERITY", "groupedBySeverity"),
        ("FINDING_TYPE", "groupedByFindingType"),
        ("DATE", "groupedByDate"),
        ("RESOURCE", "groupedByResource"),
    ] {
        let input = json!({"findingCriteria": criteria, "groupBy": group});
        let answer = bench.guardduty("/statistics", input);
        let groups = answer["findingStatistics"][list].as_array().expect("groups");
        let total: u64 = groups.iter().filter_map(|g| g["totalFindings"].as_u64()).sum();
        assert_eq!(total, want, "{group}");
    }
}
