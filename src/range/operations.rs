//! The one table of the operations that the range serves.

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{
    service::{Handler, cloudtrail, guardduty, iam, organizations, securityhub, sts},
    wire::{Protocol, Refusal},
};

/// One operation.
pub struct Operation {
    /// The name in the credential scope.
    pub service: &'static str,
    pub name: &'static str,
    pub route: Route,
    /// Changes the world, so it goes through the journal.
    pub mutating: bool,
    pub(super) handler: Handler,
}

/// How a request names the operation.
#[derive(Clone, Copy, Debug)]
pub enum Route {
    /// Method and path with `{Label}`s; `{Label+}` takes the rest.
    Rest { method: &'static str, path: &'static str },
    /// The form's `Action`; answers bear this XML namespace.
    Query { namespace: &'static str },
    /// The prefix of `X-Amz-Target`.
    Target { prefix: &'static str },
}

impl Route {
    pub fn protocol(self) -> Protocol {
        match self {
            Route::Rest { .. } => Protocol::RestJson,
            Route::Query { .. } => Protocol::Query,
            Route::Target { .. } => Protocol::Json,
        }
    }
}

macro_rules! rest {
    ($service:literal, $name:literal, $method:literal $path:literal, $mutating:literal, $handler:path) => {
        Operation {
            service: $service,
            name: $name,
            route: Route::Rest { method: $method, path: $path },
            mutating: $mutating,
            handler: $handler,
        }
    };
}

macro_rules! sts {
    ($name:literal, $handler:path) => {
        Operation { service: "sts", name: $name, route: STS, mutating: false, handler: $handler }
    };
}

macro_rules! iam {
    ($name:literal, $mutating:literal, $handler:path) => {
        Operation {
            service: "iam",
            name: $name,
            route: IAM,
            mutating: $mutating,
            handler: $handler,
        }
    };
}

macro_rules! cloudtrail {
    ($name:literal, $mutating:literal, $handler:path) => {
        Operation {
            service: "cloudtrail",
            name: $name,
            route: CLOUDTRAIL,
            mutating: $mutating,
            handler: $handler,
        }
    };
}

macro_rules! organizations {
    ($name:literal, $mutating:literal, $handler:path) => {
        Operation {
            service: "organizations",
            name: $name,
            route: ORGANIZATIONS,
            mutating: $mutating,
            handler: $handler,
        }
    };
}

const STS: Route = Route::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };
const IAM: Route = Route::Query { namespace: "https://iam.amazonaws.com/doc/2010-05-08/" };
const CLOUDTRAIL: Route =
    Route::Target { prefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" };
const ORGANIZATIONS: Route = Route::Target { prefix: "AWSOrganizationsV20161128" };

/// Every operation served.
#[rustfmt::skip]
pub static OPERATIONS: &[Operation] = &[
    // Giving credentials out changes nothing in an account: for CloudTrail it is a read.
    sts!("GetCallerIdentity", sts::get_caller_identity),
    sts!("GetAccessKeyInfo", sts::get_access_key_info),
    sts!("AssumeRole", sts::assume::assume_role),
    sts!("DecodeAuthorizationMessage", sts::decode_authorization_message),
    sts!("GetSessionToken", sts::session_token::get_session_token),
    iam!("ListAccountAliases", false, iam::summary::list_account_aliases),
    iam!("GetAccountSummary", false, iam::summary::get_account_summary),
    iam!("GetAccountAuthorizationDetails", false, iam::authorization::get_account_authorization_details),
    iam!("GenerateCredentialReport", false, iam::reports::generate_credential_report),
    iam!("GetCredentialReport", false, iam::reports::get_credential_report),
    iam!("GenerateServiceLastAccessedDetails", false, iam::accessed::generate),
    iam!("GetServiceLastAccessedDetails", false, iam::accessed::get),
    iam!("ListGroups", false, iam::summary::list_groups),
    iam!("GetGroup", false, iam::summary::get_group),
    iam!("GetLoginProfile", false, iam::logins::get_login_profile),
    iam!("CreateLoginProfile", true, iam::logins::create_login_profile),
    iam!("DeleteLoginProfile", true, iam::logins::delete_login_profile),
    iam!("GetUser", false, iam::users::get_user),
    iam!("ListUsers", false, iam::users::list_users),
    iam!("ListMFADevices", false, iam::users::list_mfa_devices),
    iam!("ListGroupsForUser", false, iam::users::list_groups_for_user),
    iam!("ListAccessKeys", false, iam::keys::list_access_keys),
    iam!("UpdateAccessKey", true, iam::keys::update_access_key),
    iam!("CreateAccessKey", true, iam::keys::create_access_key),
    iam!("DeleteAccessKey", true, iam::keys::delete_access_key),
    iam!("GetAccessKeyLastUsed", false, iam::keys::get_access_key_last_used),
    iam!("GetRole", false, iam::roles::get_role),
    iam!("ListRoles", false, iam::roles::list_roles),
    iam!("ListInstanceProfilesForRole", false, iam::profiles::list_instance_profiles_for_role),
    iam!("ListInstanceProfiles", false, iam::profiles::list_instance_profiles),
    iam!("GetInstanceProfile", false, iam::profiles::get_instance_profile),
    iam!("ListUserPolicies", false, iam::inline::list_user_policies),
    iam!("GetUserPolicy", false, iam::inline::get_user_policy),
    iam!("ListRolePolicies", false, iam::inline::list_role_policies),
    iam!("GetRolePolicy", false, iam::inline::get_role_policy),
    iam!("PutUserPolicy", true, iam::inline::put_user_policy),
    iam!("DeleteUserPolicy", true, iam::inline::delete_user_policy),
    iam!("PutRolePolicy", true, iam::inline::put_role_policy),
    iam!("DeleteRolePolicy", true, iam::inline::delete_role_policy),
    iam!("PutUserPermissionsBoundary", true, iam::boundaries::put_user_permissions_boundary),
    iam!("DeleteUserPermissionsBoundary", true, iam::boundaries::delete_user_permissions_boundary),
    iam!("PutRolePermissionsBoundary", true, iam::boundaries::put_role_permissions_boundary),
    iam!("DeleteRolePermissionsBoundary", true, iam::boundaries::delete_role_permissions_boundary),
    iam!("UpdateAssumeRolePolicy", true, iam::roles::update_assume_role_policy),
    iam!("ListUserTags", false, iam::tags::list_user_tags),
    iam!("TagUser", true, iam::tags::tag_user),
    iam!("UntagUser", true, iam::tags::untag_user),
    iam!("ListRoleTags", false, iam::tags::list_role_tags),
    iam!("TagRole", true, iam::tags::tag_role),
    iam!("UntagRole", true, iam::tags::untag_role),
    iam!("ListAttachedUserPolicies", false, iam::attached::list_attached_user_policies),
    iam!("ListAttachedRolePolicies", false, iam::attached::list_attached_role_policies),
    iam!("AttachUserPolicy", true, iam::attached::attach_user_policy),
    iam!("DetachUserPolicy", true, iam::attached::detach_user_policy),
    iam!("AttachRolePolicy", true, iam::attached::attach_role_policy),
    iam!("DetachRolePolicy", true, iam::attached::detach_role_policy),
    iam!("ListPolicies", false, iam::policies::list_policies),
    iam!("GetPolicy", false, iam::policies::get_policy),
    iam!("ListEntitiesForPolicy", false, iam::policies::list_entities_for_policy),
    iam!("ListPolicyVersions", false, iam::versions::list_policy_versions),
    iam!("GetPolicyVersion", false, iam::versions::get_policy_version),
    iam!("CreatePolicyVersion", true, iam::versions::create_policy_version),
    iam!("SetDefaultPolicyVersion", true, iam::versions::set_default_policy_version),
    iam!("DeletePolicyVersion", true, iam::versions::delete_policy_version),
    organizations!("DescribeOrganization", false, organizations::describe_organization),
    organizations!("ListRoots", false, organizations::list_roots),
    organizations!("ListOrganizationalUnitsForParent", false, organizations::list_organizational_units_for_parent),
    organizations!("ListAccounts", false, organizations::list_accounts),
    organizations!("ListAccountsForParent", false, organizations::list_accounts_for_parent),
    organizations!("ListChildren", false, organizations::list_children),
    organizations!("ListParents", false, organizations::list_parents),
    organizations!("DescribeAccount", false, organizations::describe_account),
    organizations!("DescribeOrganizationalUnit", false, organizations::describe_organizational_unit),
    organizations!("ListPolicies", false, organizations::list_policies),
    organizations!("DescribePolicy", false, organizations::describe_policy),
    organizations!("ListPoliciesForTarget", false, organizations::list_policies_for_target),
    organizations!("ListTargetsForPolicy", false, organizations::list_targets_for_policy),
    organizations!("ListDelegatedAdministrators", false, organizations::list_delegated_administrators),
    organizations!("CreatePolicy", true, organizations::create_policy),
    organizations!("UpdatePolicy", true, organizations::update_policy),
    organizations!("DeletePolicy", true, organizations::delete_policy),
    organizations!("AttachPolicy", true, organizations::attach_policy),
    organizations!("DetachPolicy", true, organizations::detach_policy),
    organizations!("MoveAccount", true, organizations::move_account),
    cloudtrail!("LookupEvents", false, cloudtrail::lookup::lookup_events),
    cloudtrail!("DescribeTrails", false, cloudtrail::trails::describe_trails),
    cloudtrail!("GetTrail", false, cloudtrail::trails::get_trail),
    cloudtrail!("ListTrails", false, cloudtrail::trails::list_trails),
    cloudtrail!("GetTrailStatus", false, cloudtrail::trails::get_trail_status),
    cloudtrail!("GetEventSelectors", false, cloudtrail::trails::get_event_selectors),
    cloudtrail!("PutEventSelectors", true, cloudtrail::trails::put_event_selectors),
    cloudtrail!("StartLogging", true, cloudtrail::trails::start_logging),
    cloudtrail!("StopLogging", true, cloudtrail::trails::stop_logging),
    rest!("guardduty", "ListDetectors", "GET" "/detector", false, guardduty::list_detectors),
    rest!("guardduty", "GetDetector", "GET" "/detector/{DetectorId}", false, guardduty::get_detector),
    rest!("guardduty", "CreateDetector", "POST" "/detector", true, guardduty::create_detector),
    rest!("guardduty", "UpdateDetector", "POST" "/detector/{DetectorId}", true, guardduty::update_detector),
    rest!("guardduty", "GetAdministratorAccount", "GET" "/detector/{DetectorId}/administrator", false, guardduty::get_administrator_account),
    rest!("guardduty", "ListMembers", "GET" "/detector/{DetectorId}/member", false, guardduty::list_members),
    rest!("guardduty", "ListFindings", "POST" "/detector/{DetectorId}/findings", false, guardduty::list_findings),
    rest!("guardduty", "GetFindings", "POST" "/detector/{DetectorId}/findings/get", false, guardduty::get_findings),
    rest!("guardduty", "GetFindingsStatistics", "POST" "/detector/{DetectorId}/findings/statistics", false, guardduty::get_findings_statistics),
    rest!("guardduty", "ArchiveFindings", "POST" "/detector/{DetectorId}/findings/archive", true, guardduty::archive_findings),
    rest!("guardduty", "UnarchiveFindings", "POST" "/detector/{DetectorId}/findings/unarchive", true, guardduty::unarchive_findings),
    rest!("guardduty", "UpdateFindingsFeedback", "POST" "/detector/{DetectorId}/findings/feedback", true, guardduty::update_findings_feedback),
    rest!("guardduty", "CreateSampleFindings", "POST" "/detector/{DetectorId}/findings/create", true, guardduty::create_sample_findings),
    rest!("securityhub", "DescribeHub", "GET" "/accounts", false, securityhub::describe_hub),
    rest!("securityhub", "EnableSecurityHub", "POST" "/accounts", true, securityhub::enable_security_hub),
    rest!("securityhub", "DisableSecurityHub", "DELETE" "/accounts", true, securityhub::disable_security_hub),
    rest!("securityhub", "GetFindings", "POST" "/findings", false, securityhub::get_findings),
    rest!("securityhub", "BatchImportFindings", "POST" "/findings/import", true, securityhub::batch_import_findings),
    rest!("securityhub", "BatchUpdateFindings", "PATCH" "/findings/batchupdate", true, securityhub::batch_update_findings),
    rest!("securityhub", "ListFindingAggregators", "GET" "/findingAggregator/list", false, securityhub::list_finding_aggregators),
    rest!("securityhub", "GetFindingAggregator", "GET" "/findingAggregator/get/{FindingAggregatorArn+}", false, securityhub::get_finding_aggregator),
];

/// The protocol of a request, also of one that nothing here answers.
pub fn protocol_of(service: Option<&str>, headers: &http::HeaderMap, form: bool) -> Protocol {
    let known = service.and_then(|s| OPERATIONS.iter().find(|o| o.service == s));
    match known {
        Some(operation) => operation.route.protocol(),
        None if headers.contains_key("x-amz-target") => Protocol::Json,
        None if form => Protocol::Query,
        None => Protocol::RestJson,
    }
}

/// The XML namespace of a service that speaks awsQuery.
pub fn namespace_of(service: &str) -> Option<&'static str> {
    match OPERATIONS.iter().find(|o| o.service == service)?.route {
        Route::Query { namespace } => Some(namespace),
        _ => None,
    }
}

/// Finds the operation and what its path says.
pub fn route(
    service: &str,
    method: &Method,
    path: &str,
    target: Option<&str>,
    form: &[(String, String)],
) -> Result<(&'static Operation, Map<String, Value>), Refusal> {
    let action = form.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.as_str());
    let mut best: Option<(&'static Operation, Map<String, Value>)> = None;
    for operation in OPERATIONS.iter().filter(|o| o.service == service) {
        let labels = match operation.route {
            Route::Rest { method: wanted, path: pattern } => {
                if method.as_str() == wanted {
                    labels(pattern, path)
                } else {
                    None
                }
            }
            Route::Query { .. } => (action == Some(operation.name)).then(Map::new),
            Route::Target { prefix } => {
                let split = target.and_then(|t| t.rsplit_once('.'));
                // Clients that are made from the Smithy model name the service's shape alone.
                let shape = prefix.rsplit('.').next();
                let meant = |by: &str| by == prefix || Some(by) == shape;
                split.is_some_and(|(by, name)| meant(by) && name == operation.name).then(Map::new)
            }
        };
        if let Some(labels) = labels
            // A path without labels is the more exact one.
            && best.as_ref().is_none_or(|(_, known)| labels.len() < known.len())
        {
            best = Some((operation, labels));
        }
    }
    best.ok_or_else(|| unknown(service, action, target))
}

fn unknown(service: &str, action: Option<&str>, target: Option<&str>) -> Refusal {
    match (action, target) {
        (Some(action), _) => Refusal::new(
            400,
            "InvalidAction",
            format!("Could not find operation {action} for service {service}"),
        ),
        (None, Some(_)) => Refusal::new(400, "UnknownOperationException", ""),
        (None, None) => Refusal::new(404, "UnknownOperationException", ""),
    }
}

fn labels(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let mut out = Map::new();
    let mut parts = path.trim_start_matches('/').split('/');
    for wanted in pattern.trim_start_matches('/').split('/') {
        let label = wanted.strip_prefix('{').and_then(|l| l.strip_suffix('}'));
        match label.map(|l| (l.strip_suffix('+'), l)) {
            None => {
                if parts.next() != Some(wanted) {
                    return None;
                }
            }
            Some((Some(greedy), _)) => {
                let rest: Vec<&str> = parts.by_ref().collect();
                if rest.is_empty() {
                    return None;
                }
                out.insert(greedy.to_owned(), decoded(&rest.join("/")).into());
            }
            Some((None, label)) => {
                out.insert(label.to_owned(), decoded(parts.next()?).into());
            }
        }
    }
    parts.next().is_none().then_some(out)
}

pub fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(service: &str, method: &str, path: &str) -> Option<(&'static str, usize)> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        route(service, &method, path, None, &[]).ok().map(|(o, l)| (o.name, l.len()))
    }

    #[test]
    fn paths_find_their_operations() {
        for (method, path, want) in [
            ("GET", "/detector", Some(("ListDetectors", 0))),
            ("GET", "/detector/abc", Some(("GetDetector", 1))),
            ("POST", "/detector/abc/findings", Some(("ListFindings", 1))),
            ("POST", "/detector/abc/findings/get", Some(("GetFindings", 1))),
            ("DELETE", "/detector/abc", None),
            ("GET", "/detector/abc/findings", None),
        ] {
            assert_eq!(named("guardduty", method, path), want, "{method} {path}");
        }
        let arn =
            "/findingAggregator/get/arn%3Aaws%3Asecurityhub%3Aus-east-1%3A1%3Afinding-aggregator/x";
        assert_eq!(named("securityhub", "GET", arn), Some(("GetFindingAggregator", 1)));
        assert_eq!(named("s3", "GET", "/detector"), None);
    }

    #[test]
    fn the_table_agrees_with_the_models() {
        for operation in OPERATIONS {
            let model = crate::range::validate::model(operation.service).expect("a model");
            let raw = &model["operations"][operation.name];
            match operation.route {
                Route::Rest { method, path } => {
                    assert_eq!(
                        (raw["method"].as_str(), raw["uri"].as_str()),
                        (Some(method), Some(path))
                    );
                }
                Route::Query { namespace } => {
                    let version = model["version"].as_str().expect("a version");
                    assert!(raw.is_object() && namespace.contains(version));
                }
                Route::Target { prefix } => assert_eq!(model["target"], prefix),
            }
        }
    }
}
