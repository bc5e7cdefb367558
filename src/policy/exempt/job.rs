//! What a break-glass role must be able to do: the calls that containment needs.
//!
//! A short list on purpose. It is what halon's own playbooks call, and the first steps of
//! AWS's published incident playbooks (aws-samples/aws-incident-response-playbooks:
//! credential compromise, ransomware on S3, compromised instance): see who is where, switch a
//! key off, bind a principal, close the door it came in by, keep the trail running, isolate.

use serde::Serialize;

use crate::domain::Region;

/// One call of the job.
#[derive(Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Call {
    /// `service:Action`.
    pub action: &'static str,
    /// What it is made on, with `{partition}`, `{region}` and `{account}` to be filled in.
    /// The names are nobody's: a statement about all resources of the kind covers them.
    #[serde(skip)]
    resource: &'static str,
    /// Its service has one endpoint in each partition, and `aws:RequestedRegion` is that one's
    /// whatever region is looked at (IAM user guide, "aws:RequestedRegion").
    #[serde(skip)]
    pub global: bool,
    /// What it is needed for, as the end of "… to".
    pub purpose: &'static str,
}

impl Call {
    /// The ARN that it is tried on.
    pub(super) fn on(&self, region: &Region, account: &str) -> String {
        self.resource
            .replace("{partition}", region.partition())
            .replace("{region}", region.as_str())
            .replace("{account}", account)
    }

    /// The regions that it is made in.
    pub(super) fn regions(&self, looked_at: &[Region]) -> Vec<Region> {
        if !self.global {
            return looked_at.to_vec();
        }
        let mut regions: Vec<Region> = looked_at.iter().map(Region::of_global_services).collect();
        regions.sort();
        regions.dedup();
        regions
    }
}

const fn everywhere(action: &'static str, resource: &'static str, purpose: &'static str) -> Call {
    Call { action, resource, global: true, purpose }
}

const fn regional(action: &'static str, resource: &'static str, purpose: &'static str) -> Call {
    Call { action, resource, global: false, purpose }
}

const USER: &str = "arn:{partition}:iam::{account}:user/somebody";
const ROLE: &str = "arn:{partition}:iam::{account}:role/somebody";
const TRAIL: &str = "arn:{partition}:cloudtrail:{region}:{account}:trail/some-trail";
const DETECTOR: &str = "arn:{partition}:guardduty:{region}:{account}:detector/some-detector";
const HUB: &str = "arn:{partition}:securityhub:{region}:{account}:hub/default";
const INSTANCE: &str = "arn:{partition}:ec2:{region}:{account}:instance/i-00000000000000000";
const VOLUME: &str = "arn:{partition}:ec2:{region}:{account}:volume/vol-00000000000000000";
const BUCKET: &str = "arn:{partition}:s3:::some-bucket";

/// The job, in the order in which it is done.
pub const JOB: &[Call] = &[
    regional("guardduty:GetFindings", DETECTOR, "see what was found"),
    regional("securityhub:GetFindings", HUB, "see what was found"),
    regional("cloudtrail:LookupEvents", "*", "see who did what"),
    regional("cloudtrail:DescribeTrails", "*", "see whether the trails still record"),
    regional("ec2:DescribeInstances", "*", "see what runs"),
    everywhere("iam:GetAccountAuthorizationDetails", "*", "see who can do what"),
    everywhere("organizations:DescribeOrganization", "*", "see what stands above the account"),
    regional("sts:AssumeRole", ROLE, "take on a role in the account"),
    everywhere("iam:UpdateAccessKey", USER, "switch a key off"),
    everywhere("iam:PutUserPolicy", USER, "deny a user everything"),
    everywhere("iam:DetachUserPolicy", USER, "take a policy from a user"),
    everywhere("iam:PutRolePolicy", ROLE, "deny sessions that were begun before"),
    everywhere("iam:DeleteRolePolicy", ROLE, "take such a deny back"),
    everywhere("iam:AttachRolePolicy", ROLE, "put a detached policy back"),
    everywhere("iam:DetachRolePolicy", ROLE, "take a policy from a role"),
    everywhere("iam:UpdateAssumeRolePolicy", ROLE, "close the trust that let somebody in"),
    regional("cloudtrail:StartLogging", TRAIL, "turn a trail on again"),
    regional("guardduty:ArchiveFindings", DETECTOR, "put a finding aside"),
    regional("securityhub:BatchUpdateFindings", HUB, "say whose a finding is"),
    regional("ec2:ModifyInstanceAttribute", INSTANCE, "isolate an instance"),
    regional("ec2:CreateSnapshot", VOLUME, "keep a volume as evidence"),
    regional("s3:PutBucketPublicAccessBlock", BUCKET, "close a public bucket"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_a_resource_that_can_be_tried() {
        let region: Region = "us-gov-east-1".parse().expect("a region");
        for call in JOB {
            let on = call.on(&region, "111122223333");
            assert!(!on.contains('{'), "{}: {on}", call.action);
            assert!(on == "*" || on.splitn(6, ':').count() == 6, "{}: {on}", call.action);
            let service = call.action.split(':').next().expect("a service");
            assert!(on == "*" || on.contains(&format!(":{service}:")) || service == "sts");
        }
        let regions = JOB.iter().find(|c| c.global).expect("one").regions(&[region]);
        assert_eq!(regions, ["us-gov-west-1".parse::<Region>().expect("a region")]);
    }
}
