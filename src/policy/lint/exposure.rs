//! Data, credentials and doors: what lets data out, gives out credentials, or opens
//! something of the account's to others, on every resource of its kind.
//!
//! Which actions: the service authorization reference, by what each returns; for the
//! credentials also AWS Security Incident Response guide and the calls that GuardDuty's
//! CredentialAccess findings name.

use super::{
    Finding, Judged,
    grants::{Grant, Held},
    narrowed::listed,
    watch::Watch,
};
use crate::domain::Band;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Reads what people would steal.
    Data,
    /// Gives out credentials or secrets.
    Credentials,
    /// Lets others in.
    Sharing,
}

use What::{Credentials, Data, Sharing};

/// Action, what it exposes, how bad it is on everything, and in words.
#[rustfmt::skip]
pub const TABLE: &[(&str, What, Band, &str)] = &[
    ("s3:GetObject", Data, Band::High, "objects in buckets"),
    ("s3:GetObjectVersion", Data, Band::High, "earlier versions of objects"),
    ("dynamodb:GetItem", Data, Band::Medium, "items of tables"),
    ("dynamodb:BatchGetItem", Data, Band::Medium, "items of tables"),
    ("dynamodb:Query", Data, Band::Medium, "items of tables"),
    ("dynamodb:Scan", Data, Band::High, "whole tables"),
    ("dynamodb:ExportTableToPointInTime", Data, Band::High, "whole tables"),
    ("dynamodb:PartiQLSelect", Data, Band::Medium, "items of tables"),
    ("dynamodb:GetRecords", Data, Band::Medium, "changes of tables"),
    ("rds-data:ExecuteStatement", Data, Band::High, "databases"),
    ("rds:DownloadCompleteDBLogFile", Data, Band::Medium, "logs of databases"),
    ("rds:StartExportTask", Data, Band::High, "snapshots of databases"),
    ("redshift-data:ExecuteStatement", Data, Band::High, "data warehouses"),
    ("athena:GetQueryResults", Data, Band::Medium, "results of queries"),
    ("ebs:GetSnapshotBlock", Data, Band::High, "snapshots of disks"),
    ("ec2:GetConsoleOutput", Data, Band::Low, "consoles of instances"),
    ("ec2:DescribeInstanceAttribute", Data, Band::Low, "user data of instances"),
    ("sqs:ReceiveMessage", Data, Band::Medium, "messages of queues"),
    ("kinesis:GetRecords", Data, Band::Medium, "records of streams"),
    ("logs:GetLogEvents", Data, Band::Medium, "logs"),
    ("logs:FilterLogEvents", Data, Band::Medium, "logs"),
    ("logs:GetQueryResults", Data, Band::Low, "logs"),
    ("lambda:GetFunction", Data, Band::Medium, "code and variables of functions"),
    ("codecommit:GitPull", Data, Band::Medium, "source code"),
    ("ecr:BatchGetImage", Data, Band::Low, "container images"),
    ("elasticfilesystem:ClientMount", Data, Band::Medium, "file systems"),
    ("backup:StartRestoreJob", Data, Band::Medium, "backups"),
    ("kms:Decrypt", Data, Band::Medium, "what keys encrypt"),
    ("workmailmessageflow:GetRawMessageContent", Data, Band::Medium, "mail"),
    ("cognito-idp:ListUsers", Data, Band::Medium, "users of user pools"),
    // Credentials.
    ("secretsmanager:GetSecretValue", Credentials, Band::High, "secrets"),
    ("secretsmanager:BatchGetSecretValue", Credentials, Band::High, "secrets"),
    ("ssm:GetParameter", Credentials, Band::Medium, "parameters, which hold secrets"),
    ("ssm:GetParameters", Credentials, Band::Medium, "parameters, which hold secrets"),
    ("ssm:GetParametersByPath", Credentials, Band::Medium, "parameters, which hold secrets"),
    ("ssm:GetParameterHistory", Credentials, Band::Medium, "parameters, which hold secrets"),
    ("ec2:GetPasswordData", Credentials, Band::Medium, "administrator passwords of instances"),
    ("iam:CreateServiceSpecificCredential", Credentials, Band::High, "passwords of users for services"),
    ("iam:ResetServiceSpecificCredential", Credentials, Band::High, "passwords of users for services"),
    ("sts:GetFederationToken", Credentials, Band::Low, "credentials of its own that outlive it"),
    ("redshift:GetClusterCredentials", Credentials, Band::Medium, "logins to data warehouses"),
    ("redshift:GetClusterCredentialsWithIAM", Credentials, Band::Medium, "logins to data warehouses"),
    ("redshift-serverless:GetCredentials", Credentials, Band::Medium, "logins to data warehouses"),
    ("rds-db:connect", Credentials, Band::Medium, "logins to databases"),
    ("lightsail:GetInstanceAccessDetails", Credentials, Band::Medium, "logins to instances"),
    ("lightsail:GetRelationalDatabaseMasterUserPassword", Credentials, Band::Medium, "passwords of databases"),
    ("lightsail:DownloadDefaultKeyPair", Credentials, Band::Medium, "keys of instances"),
    ("ecr:GetAuthorizationToken", Credentials, Band::Informational, "logins to registries"),
    ("codeartifact:GetAuthorizationToken", Credentials, Band::Informational, "logins to registries"),
    ("connect:GetFederationToken", Credentials, Band::Low, "logins to contact centres"),
    ("cognito-identity:GetOpenIdTokenForDeveloperIdentity", Credentials, Band::Medium, "tokens of any identity"),
    ("acm:ExportCertificate", Credentials, Band::Medium, "private keys of certificates"),
    ("eks:AccessKubernetesApi", Credentials, Band::Low, "objects of clusters"),
    // Doors.
    ("s3:PutBucketPolicy", Sharing, Band::High, "buckets"),
    ("s3:PutBucketAcl", Sharing, Band::High, "buckets"),
    ("s3:PutObjectAcl", Sharing, Band::Medium, "objects in buckets"),
    ("s3:PutAccountPublicAccessBlock", Sharing, Band::High, "the account's buckets, without their block"),
    ("s3:PutBucketPublicAccessBlock", Sharing, Band::Medium, "buckets, without their block"),
    ("s3:PutReplicationConfiguration", Sharing, Band::Medium, "copies of buckets"),
    ("ec2:ModifySnapshotAttribute", Sharing, Band::High, "snapshots of disks"),
    ("ec2:ModifyImageAttribute", Sharing, Band::High, "images of instances"),
    ("rds:ModifyDBSnapshotAttribute", Sharing, Band::High, "snapshots of databases"),
    ("rds:ModifyDBClusterSnapshotAttribute", Sharing, Band::High, "snapshots of databases"),
    ("redshift:AuthorizeSnapshotAccess", Sharing, Band::High, "snapshots of data warehouses"),
    ("kms:PutKeyPolicy", Sharing, Band::High, "keys"),
    ("kms:CreateGrant", Sharing, Band::Medium, "keys"),
    ("secretsmanager:PutResourcePolicy", Sharing, Band::High, "secrets"),
    ("lambda:AddPermission", Sharing, Band::Medium, "functions"),
    ("lambda:CreateFunctionUrlConfig", Sharing, Band::Medium, "functions"),
    ("sqs:AddPermission", Sharing, Band::Medium, "queues"),
    ("sqs:SetQueueAttributes", Sharing, Band::Medium, "queues"),
    ("sns:AddPermission", Sharing, Band::Medium, "topics"),
    ("sns:SetTopicAttributes", Sharing, Band::Medium, "topics"),
    ("ecr:SetRepositoryPolicy", Sharing, Band::Medium, "container images"),
    ("dynamodb:PutResourcePolicy", Sharing, Band::Medium, "tables"),
    ("ram:CreateResourceShare", Sharing, Band::Medium, "what RAM shares"),
    ("ec2:AuthorizeSecurityGroupIngress", Sharing, Band::Medium, "networks"),
    ("es:UpdateDomainConfig", Sharing, Band::Medium, "search domains"),
    ("backup:PutBackupVaultAccessPolicy", Sharing, Band::Medium, "backups"),
    ("glacier:SetVaultAccessPolicy", Sharing, Band::Medium, "archives"),
    ("elasticfilesystem:PutFileSystemPolicy", Sharing, Band::Medium, "file systems"),
];

impl What {
    fn rule(self) -> &'static str {
        match self {
            Data => "data-exposure",
            Credentials => "credentials-exposure",
            Sharing => "resource-exposure",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Data => "reads",
            Credentials => "gets",
            Sharing => "can open to others",
        }
    }
}

/// What a principal may expose of every resource of a kind; a finding for each statement.
pub fn judge<'a>(held: &Held<'a>, out: &mut Vec<Judged<'a>>) {
    let watch = Watch::get();
    let mut found: Vec<(What, Grant<'a>, usize)> = Vec::new();
    for (row, (action, what, ..)) in TABLE.iter().enumerate() {
        let Some(grant) = watch.id(action).and_then(|id| held.grant(id)) else { continue };
        if grant.breadth.is_wide() {
            found.push((*what, grant, row));
        }
    }
    while let Some((what, grant, _)) = found.first().cloned() {
        let same = |(w, g, _): &(What, Grant<'a>, usize)| *w == what && g.same_as(&grant);
        let rows: Vec<usize> = found.iter().filter(|f| same(f)).map(|(.., row)| *row).collect();
        found.retain(|f| !same(f));
        out.push(finding(what, &grant, &rows));
    }
}

fn finding<'a>(what: What, grant: &Grant<'a>, rows: &[usize]) -> Judged<'a> {
    let rows = rows.iter().map(|row| &TABLE[*row]);
    let severity = rows.clone().map(|row| row.2).max().unwrap_or_default();
    let mut worst_first: Vec<_> = rows.collect();
    worst_first.sort_by_key(|row| std::cmp::Reverse(row.2));
    let mut things: Vec<&str> = Vec::new();
    for row in &worst_first {
        if !things.contains(&row.3) {
            things.push(row.3);
        }
    }
    let actions: Vec<&str> = worst_first.iter().map(|row| row.0).collect();
    let sentence = format!(
        "{} any of these: {} ({}){}",
        what.verb(),
        listed(&things, " and "),
        listed(&actions, ", "),
        grant.narrowed.words()
    );
    let forms = super::forms(&actions);
    let suggestion = match forms.is_empty() {
        true => "leave these actions out where they are not needed".to_owned(),
        false => format!(
            "name the ones that are needed, such as {}",
            forms[..forms.len().min(3)].join(", ")
        ),
    };
    Judged {
        document: grant.document,
        finding: Finding {
            statement: Some(grant.statement),
            severity: grant.narrowed.lowered(severity),
            rule: what.rule(),
            sentence,
            suggestion,
        },
    }
}
