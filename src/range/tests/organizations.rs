//! The organization: its tree, its policies, and who may touch them.

use serde_json::json;

use super::*;

/// A user of the management account, in `leaked-key` and `locked-out`.
pub const MANAGEMENT_KEY: (&str, &str) =
    ("AKIAI11MANAGEEXAMPLE", "Hn6vQe3xTo9bKw5yUa2iMs7cPd4lFrEXAMPLEKEY");

const SCP: &str = "SERVICE_CONTROL_POLICY";
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;

impl Bench {
    /// Status and JSON body of an operation of Organizations.
    pub fn try_organizations(&self, operation: &str, body: Value) -> (u16, Value) {
        let mut request = self.request("organizations", "POST", "/", &body.to_string());
        let target = format!("AWSOrganizationsV20161128.{operation}");
        request.headers_mut().insert("x-amz-target", target.parse().expect("a value"));
        let answer = self.send(request).expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(answer.body()).expect("JSON"))
    }

    /// The body of an operation of Organizations; must succeed.
    pub fn organizations(&self, operation: &str, body: Value) -> Value {
        let (status, answer) = self.try_organizations(operation, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    fn refused(&self, operation: &str, body: Value) -> String {
        let (status, answer) = self.try_organizations(operation, body);
        assert_eq!(status, 400, "{operation}: {answer}");
        answer["__type"].as_str().expect("a code").to_owned()
    }

    fn managing(id: &str) -> Bench {
        Bench { key: MANAGEMENT_KEY, ..Bench::new(id) }
    }

    /// The id of the policy with this name.
    fn policy(&self, name: &str) -> String {
        let list = self.organizations("ListPolicies", json!({"Filter": SCP}));
        let named = |p: &&Value| p["Name"] == name;
        let found = list["Policies"].as_array().expect("a list").iter().find(named);
        found.expect("a policy")["Id"].as_str().expect("an id").to_owned()
    }

    fn attached(&self, target: &str) -> Vec<String> {
        let list = json!({"TargetId": target, "Filter": SCP});
        let list = self.organizations("ListPoliciesForTarget", list);
        list["Policies"].as_array().expect("a list").iter().map(|p| text(&p["Name"])).collect()
    }

    /// The ids of the units from the root down, by name.
    fn unit(&self, path: &[&str]) -> String {
        let roots = self.organizations("ListRoots", json!({}));
        path.iter().fold(text(&roots["Roots"][0]["Id"]), |parent, name| {
            let asked = json!({"ParentId": parent});
            let units = self.organizations("ListOrganizationalUnitsForParent", asked);
            let units = units["OrganizationalUnits"].as_array().expect("a list").clone();
            text(&units.iter().find(|u| u["Name"] == *name).expect("a unit")["Id"])
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[test]
fn the_tree_is_walked_from_the_root_to_the_accounts_and_back() {
    let bench = Bench::managing("locked-out");
    let root = bench.unit(&[]);
    let production = bench.unit(&["Workloads", "Production"]);
    assert!(root.starts_with("r-") && production.starts_with(&format!("ou-{}", &root[2..])));
    let below = |parent: &str, kind: &str| {
        let asked = json!({"ParentId": parent, "ChildType": kind});
        let children = bench.organizations("ListChildren", asked)["Children"].clone();
        children.as_array().expect("a list").iter().map(|c| text(&c["Id"])).collect::<Vec<_>>()
    };
    assert_eq!(below(&root, "ACCOUNT"), ["111122223333"]);
    assert_eq!(below(&root, "ORGANIZATIONAL_UNIT").len(), 2);
    assert_eq!(below(&production, "ACCOUNT"), ["123456789012"]);
    let parent = |child: &str| {
        bench.organizations("ListParents", json!({"ChildId": child}))["Parents"][0].clone()
    };
    assert_eq!(parent("123456789012"), json!({"Id": production, "Type": "ORGANIZATIONAL_UNIT"}));
    assert_eq!(parent(&bench.unit(&["Security"]))["Type"], "ROOT");
    let account = bench.organizations("DescribeAccount", json!({"AccountId": "123456789012"}));
    let account = &account["Account"];
    assert_eq!((&account["Status"], &account["State"]), (&"ACTIVE".into(), &"ACTIVE".into()));
    let organization =
        bench.organizations("DescribeOrganization", json!({}))["Organization"].clone();
    let arn = text(&account["Arn"]);
    assert!(
        arn.ends_with(&format!(":account/{}/123456789012", text(&organization["Id"]))),
        "{arn}"
    );
    // Its own resource control policy names the organization.
    let rcps = json!({"Filter": "RESOURCE_CONTROL_POLICY"});
    let rcps = bench.organizations("ListPolicies", rcps)["Policies"].clone();
    let rcp = json!({"PolicyId": rcps[1]["Id"]});
    let rcp = text(&bench.organizations("DescribePolicy", rcp)["Policy"]["Content"]);
    assert!(rcp.contains(&text(&organization["Id"])), "{rcp}");
    let delegated = bench.organizations("ListDelegatedAdministrators", json!({}));
    assert_eq!(delegated["DelegatedAdministrators"][0]["Id"], "444455556666");
    for (operation, asked, code) in [
        (
            "ListChildren",
            json!({"ParentId": "r-0000", "ChildType": "ACCOUNT"}),
            "ParentNotFoundException",
        ),
        ("ListParents", json!({"ChildId": "999999999999"}), "ChildNotFoundException"),
        ("DescribeAccount", json!({"AccountId": "999999999999"}), "AccountNotFoundException"),
        ("DescribeAccount", json!({"AccountId": "prod"}), "InvalidInputException"),
        (
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-abcd-12345678"}),
            "OrganizationalUnitNotFoundException",
        ),
    ] {
        assert_eq!(bench.refused(operation, asked), code, "{operation}");
    }
}

#[test]
fn every_target_has_awss_own_policies_and_those_of_the_file() {
    let bench = Bench::managing("locked-out");
    let production = bench.unit(&["Workloads", "Production"]);
    assert_eq!(bench.attached(&production), ["FullAWSAccess", "only-europe"]);
    for target in [bench.unit(&[]), "123456789012".to_owned(), "111122223333".to_owned()] {
        assert_eq!(bench.attached(&target), ["FullAWSAccess"], "{target}");
    }
    let full = bench.organizations("ListTargetsForPolicy", json!({"PolicyId": "p-FullAWSAccess"}));
    assert_eq!(full["Targets"].as_array().map(Vec::len), Some(1 + 4 + 4));
    let policy = json!({"PolicyId": bench.policy("only-europe")});
    let targets = bench.organizations("ListTargetsForPolicy", policy.clone());
    assert_eq!(targets["Targets"][0]["TargetId"], production.as_str());
    let described = bench.organizations("DescribePolicy", policy)["Policy"].clone();
    assert_eq!(described["PolicySummary"]["AwsManaged"], false);
    let arn = text(&described["PolicySummary"]["Arn"]);
    assert!(arn.starts_with("arn:aws:organizations::111122223333:policy/o-"), "{arn}");
    let content: Value = serde_json::from_str(&text(&described["Content"])).expect("JSON as text");
    assert_eq!(content["Statement"][0]["Sid"], "OnlyEurope");
}

#[test]
fn only_the_management_account_and_its_delegate_may_look_and_only_the_former_change() {
    let mut bench = Bench::managing("locked-out");
    let policy = bench.policy("only-europe");
    let attach = json!({"PolicyId": policy, "TargetId": "123456789012"});
    bench.key = OPERATOR_KEY;
    bench.organizations("ListAccounts", json!({}));
    assert_eq!(bench.refused("AttachPolicy", attach.clone()), "AccessDeniedException");
    bench.key = MEMBER_KEY;
    bench.organizations("DescribeOrganization", json!({}));
    for (operation, asked) in [
        ("ListRoots", json!({})),
        ("ListAccounts", json!({})),
        ("ListPolicies", json!({"Filter": SCP})),
        ("DescribePolicy", json!({"PolicyId": policy})),
        ("AttachPolicy", attach),
    ] {
        assert_eq!(bench.refused(operation, asked), "AccessDeniedException", "{operation}");
    }
    let alone = Bench::new("quiet");
    for operation in ["DescribeOrganization", "ListRoots", "ListAccounts"] {
        let code = alone.refused(operation, json!({}));
        assert_eq!(code, "AWSOrganizationsNotInUseException", "{operation}");
    }
}

#[test]
fn policies_are_created_changed_attached_detached_and_deleted() {
    let bench = Bench::managing("locked-out");
    let create = json!({"Name": "no-buckets", "Description": "", "Type": SCP, "Content": DENY});
    let made = bench.organizations("CreatePolicy", create.clone())["Policy"].clone();
    let id = text(&made["PolicySummary"]["Id"]);
    assert_eq!(bench.policy("no-buckets"), id);
    assert_eq!(bench.refused("CreatePolicy", create), "DuplicatePolicyException");
    let target = json!({"PolicyId": id, "TargetId": "123456789012"});
    bench.organizations("AttachPolicy", target.clone());
    assert_eq!(bench.attached("123456789012"), ["FullAWSAccess", "no-buckets"]);
    assert_eq!(bench.refused("AttachPolicy", target.clone()), "DuplicatePolicyAttachmentException");
    assert_eq!(bench.refused("DeletePolicy", json!({"PolicyId": id})), "PolicyInUseException");
    let update = json!({"PolicyId": id, "Name": "no-bucket"});
    let changed = bench.organizations("UpdatePolicy", update)["Policy"].clone();
    assert_eq!(
        (&changed["PolicySummary"]["Name"], &changed["Content"]),
        (&"no-bucket".into(), &DENY.into())
    );
    bench.organizations("DetachPolicy", target.clone());
    assert_eq!(bench.refused("DetachPolicy", target), "PolicyNotAttachedException");
    bench.organizations("DeletePolicy", json!({"PolicyId": id}));
    assert_eq!(bench.refused("DescribePolicy", json!({"PolicyId": id})), "PolicyNotFoundException");
    // The next one does not get the id of the one that is gone.
    let create = json!({"Name": "another", "Description": "", "Type": SCP, "Content": DENY});
    let made = bench.organizations("CreatePolicy", create)["Policy"].clone();
    assert_ne!(text(&made["PolicySummary"]["Id"]), id);
}

#[test]
fn limits_and_documents_are_awss() {
    let bench = Bench::managing("locked-out");
    let create = |name: &str, kind: &str, content: &str| {
        let asked = json!({"Name": name, "Description": "", "Type": kind, "Content": content});
        bench.try_organizations("CreatePolicy", asked)
    };
    let rcp = "RESOURCE_CONTROL_POLICY";
    for (kind, content, code) in [
        (SCP, "{", "MalformedPolicyDocumentException"),
        (
            SCP,
            r#"{"Statement":{"Effect":"Deny","Action":"*"}}"#,
            "MalformedPolicyDocumentException",
        ),
        (rcp, DENY, "MalformedPolicyDocumentException"),
        ("TAG_POLICY", DENY, "PolicyTypeNotAvailableForOrganizationException"),
    ] {
        assert_eq!(create("x", kind, content).1["__type"], code, "{content}");
    }
    let long = DENY.replace("s3:*", &"s3:a".repeat(1500));
    assert_eq!(create("x", SCP, &long).1["__type"], "ConstraintViolationException");
    let root = bench.unit(&[]);
    for name in ["a", "b", "c", "d", "e"] {
        let made = create(name, SCP, DENY).1["Policy"]["PolicySummary"]["Id"].clone();
        let (status, answer) =
            bench.try_organizations("AttachPolicy", json!({"PolicyId": made, "TargetId": root}));
        // One of the five is AWS's.
        let wanted = if name == "e" { 400 } else { 200 };
        assert_eq!(status, wanted, "{name}: {answer}");
    }
    let full = |id: &str| json!({"PolicyId": id, "TargetId": "123456789012"});
    for id in ["p-FullAWSAccess", "p-RCPFullAWSAccess"] {
        assert_eq!(bench.refused("DetachPolicy", full(id)), "ConstraintViolationException", "{id}");
        let update = json!({"PolicyId": id, "Name": "mine"});
        assert_eq!(bench.refused("UpdatePolicy", update), "AccessDeniedException", "{id}");
    }
    let nobody = json!({"PolicyId": bench.policy("a"), "TargetId": "999999999999"});
    assert_eq!(bench.refused("AttachPolicy", nobody), "TargetNotFoundException");
}

#[test]
fn accounts_move_and_every_process_sees_it() {
    let journal = super::journal::Shared::default();
    let managing = |journal: &super::journal::Shared| Bench {
        key: MANAGEMENT_KEY,
        ..Bench::of(scenario("locked-out"), journal.anew())
    };
    let (one, other) = (managing(&journal), managing(&journal));
    let (from, to) = (one.unit(&["Workloads", "Production"]), one.unit(&["Workloads", "Sandbox"]));
    let go =
        json!({"AccountId": "123456789012", "SourceParentId": from, "DestinationParentId": to});
    one.organizations("MoveAccount", go.clone());
    let create = json!({"Name": "new", "Description": "", "Type": SCP, "Content": DENY});
    let id = one.organizations("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    one.organizations("AttachPolicy", json!({"PolicyId": id, "TargetId": to}));
    for bench in [&one, &other, &managing(&journal)] {
        let parents = bench.organizations("ListParents", json!({"ChildId": "123456789012"}));
        assert_eq!(parents["Parents"][0]["Id"], to.as_str());
        assert_eq!(bench.attached(&to), ["FullAWSAccess", "new"]);
    }
    assert_eq!(other.refused("MoveAccount", go), "DuplicateAccountException");
    let back = json!({"AccountId": "123456789012", "SourceParentId": other.unit(&[]), "DestinationParentId": from});
    assert_eq!(other.refused("MoveAccount", back), "SourceParentNotFoundException");
    // What was done is in the trail, as everything is.
    let moved = other.events(json!({"LookupAttributes": [
        {"AttributeKey": "EventName", "AttributeValue": "MoveAccount"},
    ]}));
    assert_eq!(moved.len(), 3);
}

#[test]
fn pages_are_small_and_may_be_empty() {
    let accounts: String = (0..45)
        .map(|n| {
            let management = n == 0;
            format!(
                "[[accounts]]\nid = \"1111222233{n:02}\"\nalias = \"a{n}\"\nregions = []\n\
                 management = {management}\n"
            )
        })
        .collect();
    let text =
        "schema = 1\nid = \"x\"\ntitle = \"X\"\nstart = \"2026-03-02T03:10:00Z\"\n".to_owned();
    let scenario = Scenario::read("x", &(text + &accounts)).unwrap_or_else(|b| panic!("{b}"));
    let rule = "[[faults]]\nop = \"organizations:ListAccounts\"\nkind = \"empty-page\"\nnth = 2\n";
    let bench = Bench::of(scenario, Box::new(NoJournal)).with_faults(rule);
    let (mut asked, mut pages, mut ids) = (json!({}), Vec::new(), Vec::new());
    loop {
        let page = bench.organizations("ListAccounts", asked.clone());
        let accounts = page["Accounts"].as_array().expect("a list");
        pages.push(accounts.len());
        ids.extend(accounts.iter().map(|a| super::organizations::text(&a["Id"])));
        match page.get("NextToken") {
            Some(token) => asked["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(pages, [20, 0, 20, 5]);
    ids.dedup();
    assert_eq!(ids.len(), 45);
    assert_eq!(bench.refused("ListAccounts", json!({"MaxResults": 21})), "InvalidInputException");
    assert_eq!(bench.refused("ListAccounts", json!({"NextToken": "x"})), "InvalidInputException");
}
