#!/usr/bin/env python3
"""Extracts the request shapes of the operations that the range serves.

    python3 assets/models/extract.py        # needs botocore; writes *.json beside itself

Facts only: names, routes, required members, lengths, ranges, patterns, enums.
"""
import json, pathlib, botocore.loaders

SERVED = {
    "guardduty": "ListDetectors GetDetector ListFindings GetFindings GetFindingsStatistics "
                 "ArchiveFindings UnarchiveFindings CreateSampleFindings ListMembers "
                 "GetAdministratorAccount CreateDetector UpdateDetector "
                 "UpdateFindingsFeedback",
    "securityhub": "DescribeHub EnableSecurityHub DisableSecurityHub GetFindings BatchImportFindings BatchUpdateFindings "
                   "ListFindingAggregators GetFindingAggregator",
    "sts": "GetCallerIdentity GetAccessKeyInfo AssumeRole DecodeAuthorizationMessage "
           "GetSessionToken",
    "iam": "ListAccountAliases GetAccountSummary "
           "GetUser ListUsers ListMFADevices ListGroupsForUser "
           "ListAccessKeys UpdateAccessKey GetAccessKeyLastUsed "
           "GetRole ListRoles ListInstanceProfilesForRole "
           "ListUserPolicies GetUserPolicy ListRolePolicies GetRolePolicy "
           "ListAttachedUserPolicies ListAttachedRolePolicies "
           "AttachUserPolicy DetachUserPolicy AttachRolePolicy DetachRolePolicy "
           "ListPolicies GetPolicy ListPolicyVersions GetPolicyVersion "
           "CreatePolicyVersion SetDefaultPolicyVersion DeletePolicyVersion "
           "ListEntitiesForPolicy CreateLoginProfile DeleteLoginProfile "
           "CreateAccessKey DeleteAccessKey UpdateAssumeRolePolicy "
           "PutUserPolicy DeleteUserPolicy PutRolePolicy DeleteRolePolicy "
           "PutUserPermissionsBoundary DeleteUserPermissionsBoundary "
           "PutRolePermissionsBoundary DeleteRolePermissionsBoundary "
           "ListUserTags TagUser UntagUser ListRoleTags TagRole UntagRole "
           "ListInstanceProfiles GetInstanceProfile ListGroups GetGroup GetLoginProfile "
           "GetAccountAuthorizationDetails GenerateCredentialReport GetCredentialReport "
           "GenerateServiceLastAccessedDetails GetServiceLastAccessedDetails",
    "organizations": "DescribeOrganization ListRoots ListOrganizationalUnitsForParent "
                     "ListAccounts ListAccountsForParent ListChildren ListParents "
                     "DescribeAccount DescribeOrganizationalUnit "
                     "ListPolicies DescribePolicy ListPoliciesForTarget ListTargetsForPolicy "
                     "ListDelegatedAdministrators "
                     "CreatePolicy UpdatePolicy DeletePolicy AttachPolicy DetachPolicy "
                     "MoveAccount",
    "cloudtrail": "LookupEvents DescribeTrails GetTrail ListTrails GetTrailStatus "
                  "GetEventSelectors PutEventSelectors StartLogging StopLogging",
}
# Open-ended details of foreign resources: checked as "an object" only.
OPEN = {"ResourceDetails"}


def shape_of(model, name, seen):
    if name in seen:
        return
    raw = model["shapes"][name]
    kind = raw["type"]
    out = seen[name] = {"type": kind}
    if name in OPEN:
        out["members"] = {}
        return
    for key in ("min", "max", "pattern", "enum"):
        if key in raw:
            out[key] = raw[key]
    if kind == "structure":
        if raw.get("required"):
            out["required"] = raw["required"]
        out["members"] = {}
        for member, ref in raw["members"].items():
            entry = out["members"][member] = {"shape": ref["shape"]}
            for key in ("location", "locationName"):
                if key in ref:
                    entry[key] = ref[key]
            shape_of(model, ref["shape"], seen)
    elif kind == "list":
        out["member"] = raw["member"]["shape"]
        shape_of(model, out["member"], seen)
    elif kind == "map":
        out["value"] = raw["value"]["shape"]
        shape_of(model, raw["value"]["shape"], seen)


loader = botocore.loaders.Loader()
for service, names in SERVED.items():
    model = loader.load_service_model(service, "service-2")
    shapes, operations = {}, {}
    for name in names.split():
        raw = model["operations"][name]
        operations[name] = {"method": raw["http"]["method"], "uri": raw["http"]["requestUri"]}
        if "input" in raw:
            operations[name]["input"] = raw["input"]["shape"]
            shape_of(model, raw["input"]["shape"], shapes)
    meta = model["metadata"]
    out = {"protocol": meta["protocol"], "version": meta["apiVersion"],
           "target": meta.get("targetPrefix", ""), "operations": operations, "shapes": shapes}
    path = pathlib.Path(__file__).with_name(service + ".json")
    path.write_text(json.dumps(out, separators=(",", ":"), sort_keys=True) + "\n")
    print(service, len(shapes), path.stat().st_size)
