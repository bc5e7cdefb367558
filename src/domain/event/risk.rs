//! Marks on calls that matter in an incident whoever made them: what changes permissions,
//! what blinds, what lets data out, what stays, what costs, what destroys.
//!
//! A closed table, by event source and name, some by a parameter too. It says what a call
//! does, never that it was wrong: most of these are somebody's daily work.
//!
//! Which calls, and why: MITRE ATT&CK, the cloud matrix (a technique's id is in each row
//! that has one); GuardDuty user guide, "GuardDuty IAM finding types" (AnomalousBehavior
//! lists the calls); AWS Security Incident Response guide, "Appendix"; CloudTrail user
//! guide, "Security best practices"; IAM service authorization reference, where the access
//! level is *Permissions management*. What the parameters are called is CloudTrail's own
//! spelling of `requestParameters`.

use serde::Serialize;
use serde_json::Value;

use super::{Event, members};

/// What a call is about. The names are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskKind {
    /// Who may do what.
    Permissions,
    /// Logs and detection: what would tell of the rest.
    Detection,
    /// Data or machines opened to others.
    Exposure,
    /// Ways to come back.
    Persistence,
    /// Secrets read, identities taken on.
    Credentials,
    /// Machines and code: mining, and a place to go on from.
    Compute,
    /// What does not come back.
    Destruction,
}

impl RiskKind {
    pub fn name(self) -> &'static str {
        match self {
            RiskKind::Permissions => "permissions",
            RiskKind::Detection => "detection",
            RiskKind::Exposure => "exposure",
            RiskKind::Persistence => "persistence",
            RiskKind::Credentials => "credentials",
            RiskKind::Compute => "compute",
            RiskKind::Destruction => "destruction",
        }
    }
}

/// A mark. Whether the call went through is the event's own business: [`Event::failed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Risk {
    pub kind: RiskKind,
    /// What the call does, without a full stop.
    pub sentence: &'static str,
    /// MITRE ATT&CK; empty where none fits.
    pub technique: &'static str,
}

/// The mark of an event, if it has one. Of several rows that fit, the first.
pub fn risk(event: &Event) -> Option<Risk> {
    let (service, name) = (event.service(), name(event));
    let mut rows = TABLE.iter().filter(|row| row.1 == name && row.0 == service).peekable();
    rows.peek()?;
    // Read once, and only of the few events that have a row.
    let body = Body::of(event);
    let row = rows.find(|row| row.5.is_none_or(|when| when(&body)))?;
    Some(Risk { kind: row.2, sentence: row.4, technique: row.3 })
}

/// Lambda and CloudFront write the version of their interface into the name:
/// `UpdateFunctionCode20150331v2`, `CreateDistribution2020_05_31`.
fn name(event: &Event) -> &str {
    let name = event.name.raw();
    let from = name.find("20").filter(|at| {
        let rest = &name.as_bytes()[*at..];
        rest.len() >= 8 && rest.iter().all(|b| b.is_ascii_digit() || b"_v".contains(b))
    });
    from.map_or(name, |at| &name[..at])
}

/// What the rows with a condition look at.
struct Body {
    request: Value,
    response: Value,
    additional: Value,
    /// `userIdentity.type`.
    who: String,
}

impl Body {
    fn of(event: &Event) -> Body {
        let object = members(&event.raw).ok();
        let part = |key: &str| {
            let raw = object.as_ref().and_then(|o| o.get(key));
            raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
        };
        Body {
            request: part("requestParameters"),
            response: part("responseElements"),
            additional: part("additionalEventData"),
            who: event.identity.kind.as_ref().map(|k| k.raw().to_owned()).unwrap_or_default(),
        }
    }
}

type When = fn(&Body) -> bool;
/// Service, event name, kind, technique, sentence, condition.
type Row = (&'static str, &'static str, RiskKind, &'static str, &'static str, Option<When>);

use RiskKind::{Compute, Credentials, Destruction, Detection, Exposure, Permissions, Persistence};

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Permissions.
    ("iam", "AttachUserPolicy", Permissions, "T1098.003", "gives a user everything", Some(admin)),
    ("iam", "AttachRolePolicy", Permissions, "T1098.003", "gives a role everything", Some(admin)),
    ("iam", "AttachGroupPolicy", Permissions, "T1098.003", "gives a group everything", Some(admin)),
    ("iam", "AttachUserPolicy", Permissions, "T1098.003", "gives a user a policy's permissions", None),
    ("iam", "AttachRolePolicy", Permissions, "T1098.003", "gives a role a policy's permissions", None),
    ("iam", "AttachGroupPolicy", Permissions, "T1098.003", "gives a group a policy's permissions", None),
    ("iam", "PutUserPolicy", Permissions, "T1098.003", "writes permissions into a user", None),
    ("iam", "PutRolePolicy", Permissions, "T1098.003", "writes permissions into a role", None),
    ("iam", "PutGroupPolicy", Permissions, "T1098.003", "writes permissions into a group", None),
    ("iam", "CreatePolicyVersion", Permissions, "T1098.003", "changes what a policy permits", None),
    ("iam", "SetDefaultPolicyVersion", Permissions, "T1098.003", "changes which version of a policy counts", None),
    ("iam", "CreatePolicy", Permissions, "T1098.003", "makes a policy", None),
    ("iam", "AddUserToGroup", Permissions, "T1098.003", "gives a user a group's permissions", None),
    ("iam", "UpdateAssumeRolePolicy", Permissions, "T1098.003", "lets anybody assume a role", Some(anybody)),
    ("iam", "UpdateAssumeRolePolicy", Permissions, "T1098.003", "changes who may assume a role", None),
    ("iam", "DeleteUserPermissionsBoundary", Permissions, "T1548.005", "takes a user's boundary away", None),
    ("iam", "DeleteRolePermissionsBoundary", Permissions, "T1548.005", "takes a role's boundary away", None),
    ("iam", "PutUserPermissionsBoundary", Permissions, "T1548.005", "changes a user's boundary", None),
    ("iam", "PutRolePermissionsBoundary", Permissions, "T1548.005", "changes a role's boundary", None),
    ("iam", "AddRoleToInstanceProfile", Permissions, "T1098.003", "gives instances a role", None),
    ("ec2", "AssociateIamInstanceProfile", Permissions, "T1098.003", "gives an instance a role", None),
    ("ec2", "ReplaceIamInstanceProfileAssociation", Permissions, "T1098.003", "gives an instance another role", None),
    ("iam", "DetachUserPolicy", Permissions, "T1531", "takes a policy's permissions from a user", None),
    ("iam", "DetachRolePolicy", Permissions, "T1531", "takes a policy's permissions from a role", None),
    ("iam", "UpdateAccountPasswordPolicy", Permissions, "T1556", "changes the rules for passwords", None),
    ("iam", "DeleteAccountPasswordPolicy", Permissions, "T1556", "takes the rules for passwords away", None),
    ("sso", "AttachManagedPolicyToPermissionSet", Permissions, "T1098.003", "gives a permission set a policy", None),
    ("sso", "PutInlinePolicyToPermissionSet", Permissions, "T1098.003", "writes permissions into a permission set", None),
    ("sso", "CreateAccountAssignment", Permissions, "T1098.003", "gives somebody a permission set in an account", None),
    ("organizations", "DetachPolicy", Permissions, "T1484", "takes a policy of the organization off", None),
    ("organizations", "DeletePolicy", Permissions, "T1484", "deletes a policy of the organization", None),
    ("organizations", "UpdatePolicy", Permissions, "T1484", "changes a policy of the organization", None),
    ("organizations", "DisablePolicyType", Permissions, "T1484", "switches a kind of policy off for the organization", None),
    ("organizations", "LeaveOrganization", Permissions, "T1666", "takes the account out of the organization and its policies", None),
    ("organizations", "RemoveAccountFromOrganization", Permissions, "T1666", "takes an account out of the organization and its policies", None),
    ("organizations", "InviteAccountToOrganization", Permissions, "T1666", "asks an account into the organization", None),
    ("kms", "PutKeyPolicy", Permissions, "T1098", "lets anybody use a key", Some(anybody)),
    ("kms", "PutKeyPolicy", Permissions, "T1098", "changes who may use a key", None),
    ("kms", "CreateGrant", Permissions, "T1098", "lets somebody use a key", None),
    // Logs and detection.
    ("cloudtrail", "StopLogging", Detection, "T1562.008", "stops a trail", None),
    ("cloudtrail", "DeleteTrail", Detection, "T1562.008", "deletes a trail", None),
    ("cloudtrail", "UpdateTrail", Detection, "T1562.008", "changes what a trail records or where it goes", None),
    ("cloudtrail", "PutEventSelectors", Detection, "T1562.008", "changes which events a trail records", None),
    ("cloudtrail", "PutInsightSelectors", Detection, "T1562.008", "changes what a trail looks for", None),
    ("cloudtrail", "DeleteEventDataStore", Detection, "T1562.008", "deletes a store of events", None),
    ("cloudtrail", "StopEventDataStoreIngestion", Detection, "T1562.008", "stops a store of events", None),
    ("guardduty", "DeleteDetector", Detection, "T1562.001", "switches GuardDuty off", None),
    ("guardduty", "UpdateDetector", Detection, "T1562.001", "switches GuardDuty or parts of it off", Some(detector_off)),
    ("guardduty", "CreateFilter", Detection, "T1562.001", "may archive findings unseen", Some(archives)),
    ("guardduty", "UpdateFilter", Detection, "T1562.001", "may archive findings unseen", Some(archives)),
    ("guardduty", "CreateIPSet", Detection, "T1562.001", "names addresses that GuardDuty trusts", None),
    ("guardduty", "UpdateIPSet", Detection, "T1562.001", "changes which addresses GuardDuty trusts", None),
    ("guardduty", "ArchiveFindings", Detection, "T1562.001", "archives findings", None),
    ("guardduty", "DisassociateFromMasterAccount", Detection, "T1562.001", "takes the account from its GuardDuty administrator", None),
    ("guardduty", "DisassociateFromAdministratorAccount", Detection, "T1562.001", "takes the account from its GuardDuty administrator", None),
    ("guardduty", "DisassociateMembers", Detection, "T1562.001", "takes accounts from GuardDuty's administrator", None),
    ("guardduty", "DeleteMembers", Detection, "T1562.001", "takes accounts from GuardDuty's administrator", None),
    ("guardduty", "StopMonitoringMembers", Detection, "T1562.001", "stops GuardDuty in member accounts", None),
    ("guardduty", "DeletePublishingDestination", Detection, "T1562.001", "stops findings from being kept elsewhere", None),
    ("securityhub", "DisableSecurityHub", Detection, "T1562.001", "switches Security Hub off", None),
    ("securityhub", "BatchDisableStandards", Detection, "T1562.001", "switches standards of Security Hub off", None),
    ("securityhub", "DisableImportFindingsForProduct", Detection, "T1562.001", "stops a product's findings from coming in", None),
    ("securityhub", "BatchUpdateFindings", Detection, "T1562.001", "changes findings' workflow", None),
    ("securityhub", "DisassociateFromAdministratorAccount", Detection, "T1562.001", "takes the account from its Security Hub administrator", None),
    ("config", "StopConfigurationRecorder", Detection, "T1562.008", "stops the record of configurations", None),
    ("config", "DeleteConfigurationRecorder", Detection, "T1562.008", "deletes the record of configurations", None),
    ("config", "DeleteDeliveryChannel", Detection, "T1562.008", "stops the delivery of configurations", None),
    ("config", "DeleteConfigRule", Detection, "T1562.001", "deletes a rule of Config", None),
    ("ec2", "DeleteFlowLogs", Detection, "T1562.008", "deletes flow logs", None),
    ("logs", "DeleteLogGroup", Detection, "T1070", "deletes logs", None),
    ("logs", "DeleteLogStream", Detection, "T1070", "deletes logs", None),
    ("logs", "PutRetentionPolicy", Detection, "T1070", "changes how long logs are kept", None),
    ("logs", "DeleteMetricFilter", Detection, "T1562.001", "deletes what alarms look at", None),
    ("monitoring", "DeleteAlarms", Detection, "T1562.001", "deletes alarms", None),
    ("monitoring", "DisableAlarmActions", Detection, "T1562.001", "makes alarms silent", None),
    ("events", "DisableRule", Detection, "T1562.001", "switches a rule off that may call somebody", None),
    ("events", "DeleteRule", Detection, "T1562.001", "deletes a rule that may call somebody", None),
    ("events", "RemoveTargets", Detection, "T1562.001", "takes away whom a rule calls", None),
    ("macie2", "DisableMacie", Detection, "T1562.001", "switches Macie off", None),
    ("inspector2", "Disable", Detection, "T1562.001", "switches Inspector off", None),
    ("detective", "DeleteGraph", Detection, "T1562.001", "switches Detective off", None),
    ("access-analyzer", "DeleteAnalyzer", Detection, "T1562.001", "deletes an analyzer of access", None),
    ("wafv2", "DeleteWebACL", Detection, "T1562.007", "deletes a web firewall", None),
    ("wafv2", "DisassociateWebACL", Detection, "T1562.007", "takes a web firewall off", None),
    ("s3", "PutBucketLogging", Detection, "T1562.008", "changes whether a bucket's use is recorded", None),
    ("s3", "PutBucketLifecycle", Destruction, "T1485", "lets objects of a bucket expire", None),
    // Opened to others.
    ("s3", "PutBucketPolicy", Exposure, "T1530", "opens a bucket to anybody", Some(anybody)),
    ("s3", "PutBucketPolicy", Exposure, "T1530", "changes who may use a bucket", None),
    ("s3", "DeleteBucketPolicy", Exposure, "T1530", "takes a bucket's policy away", None),
    ("s3", "PutBucketAcl", Exposure, "T1530", "changes who may use a bucket", None),
    ("s3", "PutObjectAcl", Exposure, "T1530", "changes who may read an object", None),
    ("s3", "PutBucketPublicAccessBlock", Exposure, "T1530", "lets a bucket be public", Some(unblocked)),
    ("s3", "PutAccountPublicAccessBlock", Exposure, "T1530", "lets buckets of the account be public", Some(unblocked)),
    ("s3", "DeleteBucketPublicAccessBlock", Exposure, "T1530", "lets a bucket be public", None),
    ("s3", "DeleteAccountPublicAccessBlock", Exposure, "T1530", "lets buckets of the account be public", None),
    ("s3", "PutBucketReplication", Exposure, "T1537", "copies a bucket elsewhere", None),
    ("ec2", "ModifySnapshotAttribute", Exposure, "T1537", "gives a disk's snapshot to everybody", Some(to_all)),
    ("ec2", "ModifySnapshotAttribute", Exposure, "T1537", "gives a disk's snapshot to another account", Some(to_somebody)),
    ("ec2", "ModifyImageAttribute", Exposure, "T1537", "gives a machine image to everybody", Some(to_all)),
    ("ec2", "ModifyImageAttribute", Exposure, "T1537", "gives a machine image to another account", Some(to_somebody)),
    ("ec2", "CreateStoreImageTask", Exposure, "T1537", "writes a machine image into a bucket", None),
    ("ec2", "CreateInstanceExportTask", Exposure, "T1537", "writes a machine into a bucket", None),
    ("rds", "ModifyDBSnapshotAttribute", Exposure, "T1537", "gives a database's snapshot to everybody", Some(to_all)),
    ("rds", "ModifyDBSnapshotAttribute", Exposure, "T1537", "gives a database's snapshot to another account", Some(to_somebody)),
    ("rds", "ModifyDBClusterSnapshotAttribute", Exposure, "T1537", "gives a database's snapshot to everybody", Some(to_all)),
    ("rds", "ModifyDBClusterSnapshotAttribute", Exposure, "T1537", "gives a database's snapshot to another account", Some(to_somebody)),
    ("rds", "StartExportTask", Exposure, "T1537", "writes a database into a bucket", None),
    ("rds", "ModifyDBInstance", Exposure, "T1190", "makes a database reachable from the internet", Some(public_database)),
    ("ec2", "AuthorizeSecurityGroupIngress", Exposure, "T1562.007", "lets the whole internet in", Some(whole_internet)),
    ("ec2", "AuthorizeSecurityGroupIngress", Exposure, "T1562.007", "lets more traffic in", None),
    ("ec2", "AuthorizeSecurityGroupEgress", Exposure, "T1562.007", "lets more traffic out", None),
    ("ec2", "CreateNetworkAclEntry", Exposure, "T1562.007", "changes a network's filter", None),
    ("ec2", "CreateTrafficMirrorSession", Exposure, "T1040", "copies network traffic", None),
    ("ec2", "DisableEbsEncryptionByDefault", Exposure, "T1562", "makes new disks unencrypted", None),
    ("ec2", "ModifyInstanceMetadataOptions", Exposure, "T1552.005", "changes how an instance gives out its role's credentials", None),
    ("lambda", "AddPermission", Exposure, "T1098", "lets anybody call a function", Some(any_principal)),
    ("lambda", "AddPermission", Exposure, "T1098", "lets somebody call a function", None),
    ("lambda", "CreateFunctionUrlConfig", Exposure, "T1190", "gives a function an address on the internet", None),
    ("ecr", "SetRepositoryPolicy", Exposure, "T1098", "opens an image repository to anybody", Some(anybody)),
    ("ecr", "SetRepositoryPolicy", Exposure, "T1098", "changes who may use an image repository", None),
    ("secretsmanager", "PutResourcePolicy", Exposure, "T1555.006", "changes who may read a secret", None),
    ("sns", "AddPermission", Exposure, "T1098", "lets somebody use a topic", None),
    ("sqs", "AddPermission", Exposure, "T1098", "lets somebody use a queue", None),
    ("ssm", "ModifyDocumentPermission", Exposure, "T1537", "gives a document to others", None),
    // Ways to come back.
    ("iam", "CreateUser", Persistence, "T1136.003", "makes a user", None),
    ("iam", "CreateAccessKey", Persistence, "T1098.001", "makes a long-term key", None),
    ("iam", "UpdateAccessKey", Persistence, "T1098.001", "switches a long-term key on", Some(active)),
    ("iam", "CreateLoginProfile", Persistence, "T1098.001", "gives a user a password for the console", None),
    ("iam", "UpdateLoginProfile", Persistence, "T1098.001", "changes a user's password", None),
    ("iam", "CreateRole", Persistence, "T1098.003", "makes a role that anybody may assume", Some(anybody)),
    ("iam", "CreateRole", Persistence, "T1098.003", "makes a role", None),
    ("iam", "CreateServiceSpecificCredential", Persistence, "T1098.001", "makes long-term credentials for a service", None),
    ("iam", "UploadSSHPublicKey", Persistence, "T1098.004", "gives a user an SSH key", None),
    ("iam", "UploadSigningCertificate", Persistence, "T1098.001", "gives a user a certificate to sign with", None),
    ("iam", "CreateVirtualMFADevice", Persistence, "T1556.006", "makes an MFA device", None),
    ("iam", "EnableMFADevice", Persistence, "T1556.006", "gives somebody an MFA device", None),
    ("iam", "DeactivateMFADevice", Persistence, "T1556.006", "takes an MFA device from somebody", None),
    ("iam", "CreateSAMLProvider", Persistence, "T1484.002", "trusts another SAML provider", None),
    ("iam", "UpdateSAMLProvider", Persistence, "T1484.002", "changes whom a SAML provider trusts", None),
    ("iam", "CreateOpenIDConnectProvider", Persistence, "T1484.002", "trusts another OpenID provider", None),
    ("rolesanywhere", "CreateTrustAnchor", Persistence, "T1484.002", "trusts another authority for certificates", None),
    ("rolesanywhere", "CreateProfile", Persistence, "T1098.003", "lets certificates have roles", None),
    ("ec2", "CreateKeyPair", Persistence, "T1098.004", "makes an SSH key for instances", None),
    ("ec2", "ImportKeyPair", Persistence, "T1098.004", "brings an SSH key for instances", None),
    ("ec2-instance-connect", "SendSSHPublicKey", Persistence, "T1098.004", "puts an SSH key on an instance", None),
    ("ec2-instance-connect", "SendSerialConsoleSSHPublicKey", Persistence, "T1098.004", "puts an SSH key on an instance's console", None),
    ("ec2", "ModifyInstanceAttribute", Persistence, "T1037", "changes what an instance runs when it starts", Some(user_data)),
    ("lambda", "UpdateFunctionCode", Persistence, "T1525", "replaces a function's code", None),
    ("lambda", "UpdateFunctionConfiguration", Persistence, "T1525", "changes what a function runs with", None),
    ("lambda", "PublishLayerVersion", Persistence, "T1525", "makes code for functions to load", None),
    ("events", "PutRule", Persistence, "T1546", "makes a rule that starts something", None),
    ("events", "PutTargets", Persistence, "T1546", "changes what a rule starts", None),
    ("account", "PutAlternateContact", Persistence, "T1098", "changes whom AWS writes to", None),
    ("sts", "GetFederationToken", Persistence, "T1550.001", "makes credentials that outlive the key they came from", None),
    ("identitystore", "CreateUser", Persistence, "T1136.003", "makes a user of IAM Identity Center", None),
    // Secrets and identities.
    ("signin", "ConsoleLogin", Credentials, "T1078.004", "root signs in to the console without MFA", Some(root_without_mfa)),
    ("signin", "ConsoleLogin", Credentials, "T1078.004", "root signs in to the console", Some(root)),
    ("signin", "ConsoleLogin", Credentials, "T1078.004", "a user signs in to the console without MFA", Some(without_mfa)),
    ("signin", "GetSigninToken", Credentials, "T1550.001", "turns credentials into a console session", None),
    ("sts", "AssumeRoot", Credentials, "T1078.004", "takes on a member account's root", None),
    ("secretsmanager", "GetSecretValue", Credentials, "T1555.006", "reads a secret", None),
    ("secretsmanager", "BatchGetSecretValue", Credentials, "T1555.006", "reads many secrets", None),
    ("ssm", "GetParameter", Credentials, "T1552", "reads an encrypted parameter", Some(decrypts)),
    ("ssm", "GetParameters", Credentials, "T1552", "reads encrypted parameters", Some(decrypts)),
    ("ssm", "GetParametersByPath", Credentials, "T1552", "reads encrypted parameters", Some(decrypts)),
    ("ec2", "GetPasswordData", Credentials, "T1552", "reads a Windows instance's password", None),
    ("ec2", "DescribeInstanceAttribute", Credentials, "T1552.005", "reads what an instance runs when it starts", Some(reads_user_data)),
    ("ecr", "GetAuthorizationToken", Credentials, "T1550.001", "takes a password for the image repositories", None),
    ("cognito-identity", "GetCredentialsForIdentity", Credentials, "T1550.001", "takes an identity's credentials", None),
    // Machines and code.
    ("ec2", "RunInstances", Compute, "T1578.002", "starts instances", None),
    ("ec2", "RequestSpotInstances", Compute, "T1496.001", "asks for spot instances", None),
    ("ec2", "CreateFleet", Compute, "T1496.001", "starts a fleet of instances", None),
    ("autoscaling", "CreateAutoScalingGroup", Compute, "T1496.001", "makes a group of instances", None),
    ("ec2", "CreateVpcPeeringConnection", Compute, "T1021.007", "joins two networks", None),
    ("lambda", "CreateFunction", Compute, "T1648", "makes a function", None),
    ("ecs", "RunTask", Compute, "T1610", "runs containers", None),
    ("ecs", "RegisterTaskDefinition", Compute, "T1610", "says what containers run", None),
    ("ecs", "CreateCluster", Compute, "T1496.001", "makes a cluster for containers", None),
    ("eks", "CreateCluster", Compute, "T1496.001", "makes a Kubernetes cluster", None),
    ("eks", "CreateAccessEntry", Permissions, "T1098.006", "lets somebody into a Kubernetes cluster", None),
    ("sagemaker", "CreateNotebookInstance", Compute, "T1578.002", "starts a notebook machine", None),
    ("lightsail", "CreateInstances", Compute, "T1496.001", "starts Lightsail instances", None),
    ("batch", "SubmitJob", Compute, "T1496.001", "runs a batch job", None),
    ("cloudformation", "CreateStack", Compute, "T1578", "makes whatever a template says", None),
    ("ssm", "SendCommand", Compute, "T1651", "runs commands on instances", None),
    ("ssm", "StartSession", Compute, "T1021.007", "opens a shell on an instance", None),
    ("ssm", "StartAutomationExecution", Compute, "T1651", "runs an automation", None),
    ("ses", "UpdateAccountSendingEnabled", Compute, "T1496.003", "changes whether mail can be sent", None),
    ("servicequotas", "RequestServiceQuotaIncrease", Compute, "T1496.001", "asks for a higher limit", None),
    ("account", "EnableRegion", Compute, "T1535", "switches a region on", None),
    // What does not come back.
    ("kms", "ScheduleKeyDeletion", Destruction, "T1485", "deletes a key, and all that only it can read", None),
    ("kms", "DisableKey", Destruction, "T1486", "makes all that a key protects unreadable for now", None),
    ("kms", "DeleteImportedKeyMaterial", Destruction, "T1485", "makes all that a key protects unreadable", None),
    ("s3", "DeleteBucket", Destruction, "T1485", "deletes a bucket", None),
    ("s3", "DeleteObjects", Destruction, "T1485", "deletes many objects", None),
    ("s3", "PutBucketVersioning", Destruction, "T1490", "stops keeping earlier versions of objects", Some(suspended)),
    ("s3", "PutBucketEncryption", Destruction, "T1486", "changes which key new objects are encrypted with", None),
    ("ec2", "TerminateInstances", Destruction, "T1578.003", "deletes instances", None),
    ("ec2", "DeleteSnapshot", Destruction, "T1490", "deletes a disk's snapshot", None),
    ("ec2", "DeleteVolume", Destruction, "T1485", "deletes a disk", None),
    ("ec2", "DeregisterImage", Destruction, "T1490", "takes a machine image away", None),
    ("rds", "DeleteDBInstance", Destruction, "T1485", "deletes a database", None),
    ("rds", "DeleteDBCluster", Destruction, "T1485", "deletes a database cluster", None),
    ("rds", "DeleteDBSnapshot", Destruction, "T1490", "deletes a database's snapshot", None),
    ("rds", "DeleteDBClusterSnapshot", Destruction, "T1490", "deletes a database's snapshot", None),
    ("dynamodb", "DeleteTable", Destruction, "T1485", "deletes a table", None),
    ("dynamodb", "DeleteBackup", Destruction, "T1490", "deletes a table's backup", None),
    ("backup", "DeleteRecoveryPoint", Destruction, "T1490", "deletes a backup", None),
    ("backup", "DeleteBackupVault", Destruction, "T1490", "deletes a place for backups", None),
    ("secretsmanager", "DeleteSecret", Destruction, "T1485", "deletes a secret", None),
    ("iam", "DeleteUser", Destruction, "T1531", "deletes a user", None),
    ("iam", "DeleteRole", Destruction, "T1531", "deletes a role", None),
    ("iam", "DeleteLoginProfile", Destruction, "T1531", "takes a user's password away", None),
    ("iam", "DeleteAccessKey", Destruction, "T1531", "deletes a long-term key", None),
    ("organizations", "CloseAccount", Destruction, "T1531", "closes an account", None),
];

/// `arn:aws:iam::aws:policy/AdministratorAccess`.
fn admin(body: &Body) -> bool {
    let arn = body.request["policyArn"].as_str().unwrap_or_default();
    arn.ends_with(":policy/AdministratorAccess")
}

fn active(body: &Body) -> bool {
    body.request["status"] == "Active"
}

/// A policy in the request allows something to everybody, whatever its conditions.
fn anybody(body: &Body) -> bool {
    let keys =
        ["bucketPolicy", "policyDocument", "assumeRolePolicyDocument", "policy", "policyText"];
    keys.iter().any(|key| match &body.request[key] {
        Value::String(text) => serde_json::from_str(text).is_ok_and(|p| opens(&p)),
        policy => opens(policy),
    })
}

fn opens(policy: &Value) -> bool {
    each(&policy["Statement"]).iter().any(|statement| {
        let principal = &statement["Principal"];
        let everybody = |p: &Value| each(p).iter().any(|one| *one == "*");
        statement["Effect"] == "Allow" && (everybody(principal) || everybody(&principal["AWS"]))
    })
}

/// The elements of a list, or the one thing that is no list.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn any_principal(body: &Body) -> bool {
    body.request["principal"] == "*"
}

/// One of the four blocks is off.
fn unblocked(body: &Body) -> bool {
    let blocks = &body.request["PublicAccessBlockConfiguration"];
    let names =
        ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    names.iter().any(|name| blocks[name] == false || blocks[name] == "false")
}

/// Whom a snapshot or an image is given to.
fn given(body: &Body) -> Vec<&Value> {
    let request = &body.request;
    let lists = [&request["createVolumePermission"]["add"], &request["launchPermission"]["add"]];
    let items = lists.into_iter().flat_map(|list| each(&list["items"]));
    let items = items.flat_map(|item| [&item["group"], &item["userId"]]);
    items.chain(each(&request["valuesToAdd"])).filter(|v| !v.is_null()).collect()
}

fn to_all(body: &Body) -> bool {
    given(body).iter().any(|who| **who == "all")
}

fn to_somebody(body: &Body) -> bool {
    !given(body).is_empty()
}

fn whole_internet(body: &Body) -> bool {
    let open = |v: &Value| v == "0.0.0.0/0" || v == "::/0";
    let request = &body.request;
    let of = |permission: &Value| {
        each(&permission["ipRanges"]["items"]).iter().any(|r| open(&r["cidrIp"]))
            || each(&permission["ipv6Ranges"]["items"]).iter().any(|r| open(&r["cidrIpv6"]))
    };
    open(&request["cidrIp"]) || each(&request["ipPermissions"]["items"]).iter().any(of)
}

fn public_database(body: &Body) -> bool {
    body.request["publiclyAccessible"] == true
}

fn detector_off(body: &Body) -> bool {
    let features = each(&body.request["features"]);
    body.request["enable"] == false || features.iter().any(|f| f["status"] == "DISABLED")
}

fn archives(body: &Body) -> bool {
    body.request["action"] == "ARCHIVE"
}

fn user_data(body: &Body) -> bool {
    !body.request["userData"].is_null() || body.request["attribute"] == "userData"
}

fn reads_user_data(body: &Body) -> bool {
    body.request["attribute"] == "userData"
}

fn decrypts(body: &Body) -> bool {
    body.request["withDecryption"] == true
}

fn suspended(body: &Body) -> bool {
    body.request["VersioningConfiguration"]["Status"] == "Suspended"
}

/// A sign-in that went through.
fn signed_in(body: &Body) -> bool {
    body.response["ConsoleLogin"] == "Success"
}

fn root(body: &Body) -> bool {
    signed_in(body) && body.who == "Root"
}

fn root_without_mfa(body: &Body) -> bool {
    root(body) && body.additional["MFAUsed"] == "No"
}

/// Only for users: of somebody from elsewhere AWS does not know whether there was MFA, and
/// writes `No`.
fn without_mfa(body: &Body) -> bool {
    signed_in(body) && body.who == "IAMUser" && body.additional["MFAUsed"] == "No"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(source: &str, name: &str, mut rest: Value) -> Event {
        rest["eventSource"] = format!("{source}.amazonaws.com").into();
        rest["eventName"] = name.into();
        Event::read(&rest.to_string(), None).expect("an event")
    }

    fn sentence(source: &str, name: &str, request: Value) -> Option<&'static str> {
        risk(&event(source, name, json!({"requestParameters": request}))).map(|r| r.sentence)
    }

    #[test]
    fn every_row_can_be_reached_and_says_something() {
        assert!(TABLE.len() >= 120, "{}", TABLE.len());
        for (nth, row) in TABLE.iter().enumerate() {
            let before = TABLE[..nth].iter().filter(|r| (r.0, r.1) == (row.0, row.1));
            assert!(before.into_iter().all(|r| r.5.is_some()), "{} {} is hidden", row.0, row.1);
            assert!(!row.4.is_empty() && !row.4.ends_with('.') && !row.0.contains('.'));
            let technique = row.3.strip_prefix('T').expect("a technique");
            assert!(technique.bytes().all(|b| b.is_ascii_digit() || b == b'.'), "{}", row.3);
            let plain = row.1.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(plain, "{}", row.1);
            if row.5.is_none() {
                let mark = risk(&event(row.0, row.1, json!({}))).expect("marked");
                assert_eq!(mark.sentence, row.4, "{} {}", row.0, row.1);
            }
        }
    }

    #[test]
    fn parameters_decide() {
        let public = json!({"bucketPolicy": {"Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}}}});
        assert_eq!(sentence("s3", "PutBucketPolicy", public), Some("opens a bucket to anybody"));
        let text = r#"{"Statement":[{"Effect":"Allow","Principal":"*"}]}"#;
        let role = json!({"policyDocument": text});
        assert_eq!(
            sentence("iam", "UpdateAssumeRolePolicy", role),
            Some("lets anybody assume a role")
        );
        let denied = json!({"bucketPolicy": {"Statement": [{"Effect": "Deny", "Principal": "*"}]}});
        assert_eq!(sentence("s3", "PutBucketPolicy", denied), Some("changes who may use a bucket"));
        let block = |on: bool| json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": on}});
        assert!(sentence("s3", "PutBucketPublicAccessBlock", block(false)).is_some());
        assert_eq!(sentence("s3", "PutBucketPublicAccessBlock", block(true)), None);
        let share = |item: Value| json!({"createVolumePermission": {"add": {"items": [item]}}});
        let all = sentence("ec2", "ModifySnapshotAttribute", share(json!({"group": "all"})));
        assert_eq!(all, Some("gives a disk's snapshot to everybody"));
        let one =
            sentence("ec2", "ModifySnapshotAttribute", share(json!({"userId": "111122223333"})));
        assert_eq!(one, Some("gives a disk's snapshot to another account"));
        let back = json!({"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}});
        assert_eq!(sentence("ec2", "ModifySnapshotAttribute", back), None);
        let open = json!({"ipPermissions": {"items": [{"ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}});
        let open = sentence("ec2", "AuthorizeSecurityGroupIngress", open);
        assert_eq!(open, Some("lets the whole internet in"));
        assert_eq!(sentence("guardduty", "UpdateDetector", json!({"enable": true})), None);
        assert!(sentence("guardduty", "UpdateDetector", json!({"enable": false})).is_some());
    }

    #[test]
    fn sign_ins_by_mfa_and_by_who() {
        let signed_in = |who: &str, mfa: &str, result: &str| {
            let rest = json!({
                "userIdentity": {"type": who}, "additionalEventData": {"MFAUsed": mfa},
                "responseElements": {"ConsoleLogin": result},
            });
            risk(&event("signin", "ConsoleLogin", rest)).map(|r| r.sentence)
        };
        assert_eq!(
            signed_in("IAMUser", "No", "Success"),
            Some("a user signs in to the console without MFA")
        );
        assert_eq!(signed_in("Root", "Yes", "Success"), Some("root signs in to the console"));
        for none in [
            signed_in("IAMUser", "Yes", "Success"),
            signed_in("IAMUser", "No", "Failure"),
            signed_in("AssumedRole", "No", "Success"),
        ] {
            assert_eq!(none, None);
        }
    }

    #[test]
    fn versions_in_names_and_hostile_bodies() {
        assert_eq!(
            sentence("lambda", "UpdateFunctionCode20150331v2", json!({})),
            Some("replaces a function's code")
        );
        assert_eq!(
            sentence("lambda", "CreateFunction20150331", json!(null)),
            Some("makes a function")
        );
        assert_eq!(sentence("iam", "ListUsers", json!({})), None);
        for odd in
            [json!("x"), json!([1]), json!({"bucketPolicy": "{"}), json!({"bucketPolicy": [[]]})]
        {
            assert!(sentence("s3", "PutBucketPolicy", odd).is_some());
        }
        // A call that failed keeps its mark.
        let failed = event("iam", "CreateUser", json!({"errorCode": "AccessDenied"}));
        assert!(failed.failed() && risk(&failed).is_some());
    }
}
