//! Principals, accounts and the organization, looked at: answers that no sane service gives,
//! the range, and files.

use serde_json::{Value, json};

use super::{canned::Canned, cli::Machine};

const TRUST: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

fn detail(name: &str, trust: &str) -> String {
    format!(
        "<member><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA{name}</RoleId>\
         <Arn>arn:aws:iam::111122223333:role/{name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></member>"
    )
}

fn page(roles: &[String], next: Option<&str>) -> String {
    let more = match next {
        Some(marker) => format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    format!("<RoleDetailList>{}</RoleDetailList>{more}", roles.concat())
}

fn names(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

const WHOLE: &str = "GetAccountAuthorizationDetails";

#[test]
fn an_account_is_read_page_by_page_and_an_empty_one_is_not_the_last() {
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], Some("a")));
    canned.query(WHOLE, &page(&[], Some("b")));
    canned.query(WHOLE, &page(&[detail("two", TRUST)], None));
    let ran = canned.halon(&["iam", "list"]);
    assert_eq!((ran.code, names(&ran.json())), (Some(0), vec!["one", "two"]), "{}", ran.err);
}

#[test]
fn a_marker_that_repeats_ends_the_list_and_says_so() {
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], Some("a")));
    canned.query(WHOLE, &page(&[detail("two", TRUST)], Some("a")));
    let ran = canned.halon(&["iam", "list"]);
    assert_eq!((ran.code, names(&ran.json())), (Some(5), vec!["one", "two"]), "{}", ran.err);
    let (places, why) = ran.incomplete();
    assert_eq!(places, [("iam".to_owned(), Some(2))]);
    assert!(why.contains("repeated an earlier page's token"), "{why}");
}

#[test]
fn a_page_that_is_refused_is_named_and_the_rest_stays() {
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], Some("a")));
    canned.query_error(WHOLE, 403, "AccessDenied");
    let ran = canned.halon(&["iam", "list"]);
    assert_eq!((ran.code, names(&ran.json())), (Some(5), vec!["one"]), "{}", ran.err);
    assert_eq!(ran.incomplete().0, [("iam".to_owned(), Some(2))]);
    // Not even the first one: there is nothing to show.
    let canned = Canned::new();
    canned.query_error(WHOLE, 403, "AccessDenied");
    let ran = canned.halon(&["iam", "list"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(4), ""), "{}", ran.err);
}

#[test]
fn a_document_that_cannot_be_decoded_is_a_gap_and_no_blank() {
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("good", TRUST), detail("bad", "%7B%FF")], None));
    let ran = canned.halon(&["iam", "list"]);
    assert_eq!((ran.code, names(&ran.json())), (Some(5), vec!["good", "bad"]), "{}", ran.err);
    let (places, why) = ran.incomplete();
    assert_eq!(places, [("iam".to_owned(), Some(1))]);
    assert!(why.contains("not UTF-8") && why.contains("trust of role bad"), "{why}");
}

/// `GetRole` alone, everything else refused.
#[test]
fn of_a_role_what_can_be_read_is_shown_and_the_rest_is_named() {
    let canned = Canned::new();
    let role = detail("one", "%7B%7D").replace("member>", "Role>");
    canned.query("GetRole", &role);
    canned.query(
        "ListRolePolicies",
        "<PolicyNames><member>own</member></PolicyNames><IsTruncated>false</IsTruncated>",
    );
    for refused in ["GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole"] {
        canned.query_error(refused, 403, "AccessDenied");
    }
    let ran = canned.halon(&["iam", "role", "one"]);
    assert_eq!(ran.code, Some(5), "{}", ran.err);
    let item = &ran.json()["items"][0];
    assert_eq!(
        (&item["trust"], &item["inline"], &item["attached"]),
        (&json!({}), &json!([]), &json!([]))
    );
    let (places, why) = ran.incomplete();
    assert_eq!(places.len(), 3, "{why}");
    for refused in ["GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole"] {
        assert!(why.contains(refused), "{refused} not in {why}");
    }
    canned.query_error("GetUser", 404, "NoSuchEntity");
    let ran = canned.halon(&["iam", "user", "nobody"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("no user is named nobody"), "{}", ran.err);
}

#[test]
fn a_report_is_waited_for() {
    use base64::Engine;
    let canned = Canned::new();
    let entry = |key: &str, n: u8| format!("<entry><key>{key}</key><value>{n}</value></entry>");
    canned.query(
        "GetAccountSummary",
        &format!(
            "<SummaryMap>{}{}</SummaryMap>",
            entry("AccountMFAEnabled", 0),
            entry("AccountAccessKeysPresent", 1)
        ),
    );
    canned.query("GenerateCredentialReport", "<State>STARTED</State>");
    canned.query("GenerateCredentialReport", "<State>COMPLETE</State>");
    let csv = "user,arn,mfa_active,access_key_1_active,access_key_1_last_used_date\n\
        <root_account>,arn:aws:iam::111122223333:root,false,true,2026-03-01T10:00:00+00:00\n\
        dana,arn:aws:iam::111122223333:user/dana,true,false,N/A\n";
    let csv = base64::engine::general_purpose::STANDARD.encode(csv);
    canned.query(
        "GetCredentialReport",
        &format!("<Content>{csv}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-03-02T00:00:00Z</GeneratedTime>"),
    );
    let ran = canned.halon(&["iam", "root"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let item = &ran.json()["items"][0];
    assert_eq!((&item["mfa"], &item["summary"]["access_keys"]), (&json!(false), &json!(true)));
    assert_eq!(item["summary"]["password"], Value::Null, "it was not said");
    assert_eq!(item["root"]["access_keys"][0]["last_used"]["at"], "2026-03-01T10:00:00Z");
    assert_eq!(
        (item["reported"].as_str(), item["users"][0]["user"].as_str()),
        (Some("2026-03-02T00:00:00Z"), Some("dana"))
    );
}

const ORGANIZATION: &str = "DescribeOrganization";

fn described(canned: &Canned) {
    canned.json(
        ORGANIZATION,
        json!({"Organization": {"Id": "o-exampleorg", "MasterAccountId": "444455556666"}}),
    );
}

#[test]
fn an_organization_is_read_over_empty_pages() {
    let canned = Canned::new();
    described(&canned);
    let types = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"},
        {"Type": "RESOURCE_CONTROL_POLICY", "Status": "PENDING_ENABLE"}]);
    canned.json("ListRoots", json!({"Roots": [], "NextToken": "a"}));
    canned
        .json("ListRoots", json!({"Roots": [{"Id": "r-1", "Name": "Root", "PolicyTypes": types}]}));
    let units = "ListOrganizationalUnitsForParent";
    canned.json(units, json!({"OrganizationalUnits": [], "NextToken": "a"}));
    canned.json(units, json!({"OrganizationalUnits": [{"Id": "ou-1", "Name": "Prod"}]}));
    canned.json(units, json!({"OrganizationalUnits": []}));
    let accounts = "ListAccountsForParent";
    canned.json(
        accounts,
        json!({"Accounts": [{"Id": "444455556666", "Name": "main", "Status": "ACTIVE"}]}),
    );
    canned.json(accounts, json!({"Accounts": [], "NextToken": "a"}));
    canned.json(
        accounts,
        json!({"Accounts": [{"Id": "111122223333", "Name": "prod", "Status": "SUSPENDED"}]}),
    );
    canned.json("ListPolicies", json!({"Policies": [], "NextToken": "a"}));
    canned.json(
        "ListPolicies",
        json!({"Policies": [{"Id": "p-1", "Name": "stay", "AwsManaged": false}]}),
    );
    canned.json("DescribePolicy", json!({"Policy": {"Content": "{\"Statement\": []}"}}));
    canned.json("ListTargetsForPolicy", json!({"Targets": [], "NextToken": "a"}));
    canned.json("ListTargetsForPolicy", json!({"Targets": [{"TargetId": "ou-1"}]}));
    let ran = canned.halon(&["org", "tree"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let tree = ran.json();
    assert_eq!((&tree["state"], &tree["complete"]), (&json!("seen"), &json!(true)));
    let nodes: Vec<_> = tree["items"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|n| (&n["id"], &n["parent"], &n["depth"]))
        .collect();
    assert_eq!(
        json!(nodes),
        json!([
            ["r-1", null, 0],
            ["444455556666", "r-1", 1],
            ["ou-1", "r-1", 1],
            ["111122223333", "ou-1", 2]
        ])
    );
    assert_eq!(tree["items"][2]["scps"], json!([{"id": "p-1", "name": "stay"}]));
    assert_eq!(
        (&tree["items"][1]["management"], &tree["items"][3]["status"]),
        (&json!(true), &json!("SUSPENDED"))
    );
}

#[test]
fn a_member_may_not_see_its_organization_which_is_a_state() {
    let canned = Canned::new();
    described(&canned);
    canned.json_error("ListRoots", "AccessDeniedException");
    let ran = canned.halon(&["org", "tree"]);
    let tree = ran.json();
    assert_eq!((&tree["state"], &tree["items"]), (&json!("not_visible"), &json!([])));
    assert_eq!(tree["organization"], json!({"id": "o-exampleorg", "management": "444455556666"}));
    // Which policies there are is not known, and that is said.
    assert_eq!((ran.code, ran.incomplete().0), (Some(5), vec![("organizations".to_owned(), None)]));
    let canned = Canned::new();
    canned.json_error(ORGANIZATION, "AWSOrganizationsNotInUseException");
    let ran = canned.halon(&["org", "scps", "--account", "111122223333"]);
    assert_eq!(
        (ran.code, &ran.json()["state"], &ran.json()["items"]),
        (Some(0), &json!("none"), &json!([]))
    );
}

#[test]
fn what_is_missing_of_an_organization_is_named() {
    let canned = Canned::new();
    described(&canned);
    let types = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]);
    canned
        .json("ListRoots", json!({"Roots": [{"Id": "r-1", "Name": "Root", "PolicyTypes": types}]}));
    canned.json(
        "ListOrganizationalUnitsForParent",
        json!({"OrganizationalUnits": [{"Id": "r-1", "Name": "again"}]}),
    );
    canned.json(
        "ListAccountsForParent",
        json!({"Accounts": [{"Id": "444455556666", "Name": "main"}], "NextToken": "a"}),
    );
    canned.json("ListPolicies", json!({"Policies": [{"Id": "p-1", "Name": "stay"}]}));
    canned.json_error("DescribePolicy", "AccessDeniedException");
    // An answer without its list is none.
    canned.json("ListTargetsForPolicy", json!({}));
    let ran = canned.halon(&["org", "tree"]);
    assert_eq!(ran.code, Some(5), "{}", ran.err);
    let (_, why) = ran.incomplete();
    for part in ["repeated", "DescribePolicy", "has no `Targets`"] {
        assert!(why.contains(part), "{part} not in {why}");
    }
    assert!(ran.json()["items"].as_array().is_some_and(|i| i.len() == 1), "a circle ends");
}

/// An organization with two policies that allow everything, and a role that may do everything
/// below it. To what one of them is attached is told; which one, is chance.
fn above_a_role() -> Canned {
    const ALL: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    let canned = Canned::new();
    let role = format!(
        "<member><Path>/</Path><RoleName>one</RoleName><RoleId>AROAONE</RoleId>\
         <Arn>arn:aws:iam::111122223333:role/one</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument><RolePolicyList><member>\
         <PolicyName>all</PolicyName><PolicyDocument>{ALL}</PolicyDocument></member>\
         </RolePolicyList></member>"
    );
    canned.query(WHOLE, &page(&[role], None));
    described(&canned);
    let types = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]);
    canned
        .json("ListRoots", json!({"Roots": [{"Id": "r-1", "Name": "Root", "PolicyTypes": types}]}));
    canned.json("ListOrganizationalUnitsForParent", json!({"OrganizationalUnits": []}));
    canned.json(
        "ListAccountsForParent",
        json!({"Accounts": [{"Id": "111122223333", "Name": "prod", "Status": "ACTIVE"}]}),
    );
    canned.json(
        "ListPolicies",
        json!({"Policies": [{"Id": "p-1", "Name": "one"}, {"Id": "p-2", "Name": "other"}]}),
    );
    let all = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    canned.json("DescribePolicy", json!({"Policy": {"Content": all.to_string()}}));
    let both = json!({"Targets": [{"TargetId": "r-1"}, {"TargetId": "111122223333"}]});
    canned.json("ListTargetsForPolicy", both);
    canned
}

#[test]
fn a_policy_whose_targets_were_not_told_may_bind_anybody() {
    let canned = above_a_role();
    canned.json("ListTargetsForPolicy", json!({"Targets": []}));
    let who_can = ["iam", "who-can", "s3:GetObject", "arn:aws:s3:::reports/a.csv"];
    let ran = canned.halon(&who_can);
    assert_eq!((ran.code, ran.json()["items"][0]["decision"].as_str()), (Some(0), Some("allowed")));

    let part = || {
        let canned = above_a_role();
        canned.json_error("ListTargetsForPolicy", "AccessDeniedException");
        canned
    };
    let ran = part().halon(&who_can);
    let items = &ran.json()["items"];
    assert_eq!((ran.code, items[0]["decision"].as_str()), (Some(5), Some("unknown")), "{items}");
    assert!(items[0]["notes"].to_string().contains("ListTargetsForPolicy"), "{items}");

    let role = "arn:aws:iam::111122223333:role/one";
    let ran = part().halon(&["org", "exempt", role]);
    assert_eq!((ran.code, &ran.json()["verdict"]), (Some(5), &json!("unknown")), "{}", ran.err);
    assert!(ran.json()["missing"].as_str().is_some_and(|w| w.contains("ListTargetsForPolicy")));

    let ran = part().halon(&["iam", "scan"]);
    assert_eq!((ran.code, &ran.json()["complete"]), (Some(5), &json!(false)), "{}", ran.err);
    assert!(ran.incomplete().1.contains("ListTargetsForPolicy"), "{}", ran.err);
}

#[test]
fn a_scan_says_why_no_organization_was_looked_at() {
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], None));
    described(&canned);
    canned.json_error("ListRoots", "AccessDeniedException");
    let ran = canned.halon(&["iam", "scan"]);
    let why = ran.json()["organization_unseen"].clone();
    assert!(why.as_str().is_some_and(|why| why.contains("ListRoots")), "{why}");
    assert!(ran.err.contains("ListRoots"), "{}", ran.err);
    // None, and nobody who answers, are other reasons.
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], None));
    canned.json_error(ORGANIZATION, "AWSOrganizationsNotInUseException");
    let ran = canned.halon(&["iam", "scan"]);
    assert!(ran.err.contains("in no organization"), "{}", ran.err);
    let canned = Canned::new();
    canned.query(WHOLE, &page(&[detail("one", TRUST)], None));
    canned.json(ORGANIZATION, json!({"Organization": {}}));
    let ran = canned.halon(&["iam", "scan"]);
    assert!(ran.err.contains("names no management account"), "{}", ran.err);
}

#[test]
fn a_management_account_of_the_range_sees_all_of_it() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "org", "tree", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let tree = ran.json();
    let accounts =
        tree["items"].as_array().expect("nodes").iter().filter(|n| n["kind"] == "account");
    assert_eq!(accounts.count(), 4);
    let ran = machine.run(&["--range", "org", "scps", "--account", "123456789012", "--json"]);
    let levels = ran.json()["items"].as_array().expect("levels").clone();
    let names: Vec<&str> = levels.iter().map(|l| l["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Root", "Workloads", "Production", "Production"]);
    let regions = levels[2]["scps"]
        .as_array()
        .expect("policies")
        .iter()
        .find(|p| p["name"] == "only-our-regions");
    assert_eq!(regions.expect("attached")["document"]["Statement"][0]["Sid"], "OnlyOurRegions");
    let ran = machine.run(&["--range", "org", "scps", "--account", "123456789012"]);
    assert!(ran.out.contains("OnlyOurRegions: Deny all but"), "{}", ran.out);
}

#[test]
fn a_role_of_the_range_is_shown_completely() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "iam", "role", "orders-api", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let item = &ran.json()["items"][0];
    assert_eq!(
        (&item["account"], &item["description"]),
        (&json!("123456789012"), &json!("The instances of the orders service"))
    );
    assert_eq!(item["trust"]["Statement"][0]["Principal"], json!({"Service": "ec2.amazonaws.com"}));
    assert_eq!(item["inline"][0]["name"], "read-orders-queue");
    let documents: Vec<_> = item["attached"]
        .as_array()
        .expect("policies")
        .iter()
        .map(|p| (&p["name"], p["document"].is_object()))
        .collect();
    assert_eq!(
        json!(documents),
        json!([["AmazonSSMManagedInstanceCore", true], ["orders-api-access", true]])
    );
    assert_eq!(item["instance_profiles"].as_array().map(Vec::len), Some(1));
    assert_eq!(item["last_used"]["region"], "us-east-1");
    assert_eq!(item["sessions"], Value::Null);
}

const FILE: &str = r#"{"UserDetailList": [{"UserName": "dana", "Arn": "arn:aws:iam::111122223333:user/dana", "GroupList": ["ops"]}],
    "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
        "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/all"}]}],
    "RoleDetailList": [{"RoleName": "admin", "Arn": "arn:aws:iam::111122223333:role/admin",
        "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}},
        "Tags": [{"Key": "team\u001b[2J", "Value": "\u202ex"}]}],
    "Policies": [{"PolicyName": "all", "Arn": "arn:aws:iam::111122223333:policy/all", "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "Document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]}]}"#;

#[test]
fn a_file_is_enough_and_its_texts_do_nothing_to_a_terminal() {
    let machine = Machine::new();
    let file = machine.file("details.json", FILE);
    let ran = machine.run(&["iam", "role", "admin", "--file", &file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Allow AWS *: sts:AssumeRole"), "{}", ran.out);
    assert!(
        !ran.out.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
        "{:?}",
        ran.out
    );
    let ran = machine.run(&["iam", "user", "dana", "--file", &file, "--json"]);
    let item = &ran.json()["items"][0];
    assert_eq!(item["groups"][0]["attached"][0]["document"]["Statement"]["Action"], "*");
    assert_eq!(item["sign_in"], Value::Null);
    let other = "arn:aws:iam::444455556666:user/dana";
    assert_eq!(machine.run(&["iam", "user", other, "--file", &file]).code, 1, "another account's");
    let bad = machine.file("bad.json", &FILE.replace("\"AssumeRolePolicyDocument\"", "\"Trust\""));
    let ran = machine.run(&["iam", "role", "admin", "--file", &bad]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("RoleDetailList[0].AssumeRolePolicyDocument: is missing"),
        "{}",
        ran.err
    );
}

#[test]
fn the_sessions_of_a_role_come_from_the_events_kept_here() {
    let machine = Machine::new();
    let file = machine.file("details.json", FILE);
    let event = json!({"Records": [{"eventID": "e-2", "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com",
        "eventTime": "2026-03-02T03:20:00Z", "sourceIPAddress": "198.51.100.4", "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333", "userIdentity": {"type": "AssumedRole", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "accountId": "111122223333", "arn": "arn:aws:sts::111122223333:assumed-role/admin/work",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/admin"}}}},
        {"eventID": "e-3", "eventName": "ListUsers", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-02T03:20:00Z",
        "recipientAccountId": "111122223333", "userIdentity": {"type": "AssumedRole", "accessKeyId": "ASIAI44QH8DHBEXAMPLE",
            "accountId": "111122223333", "arn": "arn:aws:sts::111122223333:assumed-role/other/work",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/other"}}}}]});
    let events = machine.file("events.json", &event.to_string());
    assert_eq!(machine.run(&["trail", "import", &events]).code, 0);
    let ran = machine.run(&["iam", "role", "admin", "--file", &file, "--json"]);
    let sessions = ran.json()["items"][0]["sessions"].clone();
    assert_eq!(sessions.as_array().map(Vec::len), Some(1), "{sessions}");
    assert_eq!(
        (&sessions[0]["principal"], &sessions[0]["events"]),
        (&json!("admin/work"), &json!(1))
    );
}

#[test]
fn a_key_has_an_owner_in_one_of_the_accounts() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "iam", "key", "AKIAI44QH8DHBEXAMPLE", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let item = &ran.json()["items"][0];
    assert_eq!((&item["account"], &item["status"]), (&json!("123456789012"), &json!("Active")));
    let user = item["user"].as_str().expect("a user").to_owned();
    let ran = machine.run(&["--range", "iam", "key", "AKIAI44QH8DHBEXAMPLE"]);
    assert!(ran.out.contains(&format!("of user {user} in 123456789012")), "{}", ran.out);
    for (id, code) in [("AKIANOBODYKNOWSITXXX", 1), ("ASIAIOSFODNN7EXAMPLE", 2), ("nonsense", 2)] {
        let ran = machine.run(&["--range", "iam", "key", id]);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{id}: {}", ran.err);
    }
}

#[test]
fn a_whole_account_of_the_range_has_everybody_with_documents() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "iam", "list", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let items = ran.json()["items"].as_array().expect("items").clone();
    let in_prod: Vec<&str> = items
        .iter()
        .filter(|i| i["account"] == "123456789012")
        .map(|i| i["name"].as_str().expect("a name"))
        .collect();
    for name in ["ci-deployer", "alice", "orders-api", "break-glass", "release-runner"] {
        assert!(in_prod.contains(&name), "{name} not in {in_prod:?}");
    }
}
