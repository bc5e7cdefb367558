//! Where a thing is in the AWS console, by the partition that it is in. What somebody else named
//! is percent-encoded whole, so that it is one part of a URL and no more.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    case::Held,
    domain::{Region, Source, event::Event, finding::Finding},
    model::Why,
};

/// What RFC 3986 reserves for nothing stays.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// The console's host of a partition (AWS General Reference; for China and GovCloud their own
/// user guides).
fn host(partition: &str) -> Result<&'static str, Why> {
    match partition {
        "aws" => Ok("console.aws.amazon.com"),
        "aws-cn" => Ok("console.amazonaws.cn"),
        "aws-us-gov" => Ok("console.amazonaws-us-gov.com"),
        _ => Err("it is not known where this partition has its console"),
    }
}

fn regional(region: &Region, page: &str) -> Result<String, Why> {
    let (host, region) = (host(region.partition())?, region.as_str());
    Ok(page.replace("{host}", host).replace("{region}", region))
}

pub fn finding(finding: &Finding) -> Result<String, Why> {
    let record = finding.main();
    let region = record.detector_region.as_ref().or(record.region.as_ref());
    let region = region.ok_or("this finding does not say its region")?;
    let page = match record.source {
        // Amazon GuardDuty user guide, *Processing findings with EventBridge*.
        Source::GuardDuty => "https://{host}/guardduty/home?region={region}#/findings?search=id%3D",
        // The filter `Id EQUALS …` as the console writes it: encoded twice.
        Source::SecurityHub => {
            "https://{host}/securityhub/home?region={region}#/findings?search=Id%3D%255Coperator%255C%253AEQUALS%255C%253A"
        }
    };
    let id = match record.source {
        Source::GuardDuty => part(record.id.raw()),
        Source::SecurityHub => part(&part(record.id.raw())),
    };
    Ok(regional(region, page)? + &id)
}

pub fn event(event: &Event) -> Result<String, Why> {
    if event.id.raw().starts_with("sha256:") {
        return Err("this event has no id");
    }
    let region = event.region.as_ref().ok_or("this event does not say its region")?;
    let region: Region = region.raw().parse().map_err(|_| "this event's region is none")?;
    let page = "https://{host}/cloudtrailv2/home?region={region}#/events/";
    Ok(regional(&region, page)? + &part(event.id.raw()))
}

pub fn principal(held: Held<'_>) -> Result<String, Why> {
    let holder = held.holder();
    let kind = match held {
        Held::User(_) => "users",
        Held::Role(_) => "roles",
        Held::Group(_) => "groups",
    };
    iam(holder.arn.raw(), kind, holder.name.raw())
}

/// IAM is one for a partition: its pages have no region.
pub fn iam(arn: &str, kind: &str, name: &str) -> Result<String, Why> {
    let partition = arn.split(':').nth(1).unwrap_or_default();
    Ok(format!("https://{}/iam/home#/{kind}/details/{}", host(partition)?, part(name)))
}

/// The root, a unit, an account or a service or resource control policy, by the form of its id.
pub fn in_organization(id: &str, partition: &str, rcp: bool) -> Result<String, Why> {
    let kind = match id.split_once('-') {
        Some(("r", _)) => "root",
        Some(("ou", _)) => "organizational-units",
        Some(_) if rcp => "policies/resource-control-policy",
        Some(_) => "policies/service-control-policy",
        None => "accounts",
    };
    Ok(format!("https://{}/organizations/v2/home/{kind}/{}", host(partition)?, part(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_partitions_and_a_name_is_one_part_of_it() {
        assert_eq!(
            iam("arn:aws:iam::111122223333:role/a", "roles", "a/../b?x#y"),
            Ok("https://console.aws.amazon.com/iam/home#/roles/details/a%2F..%2Fb%3Fx%23y".into())
        );
        assert_eq!(
            iam("arn:aws-cn:iam::111122223333:user/c", "users", "c"),
            Ok("https://console.amazonaws.cn/iam/home#/users/details/c".into())
        );
        assert!(iam("arn:aws-iso:iam::111122223333:user/c", "users", "c").is_err());
        assert!(iam("nothing", "users", "c").is_err());
        let page = |id| in_organization(id, "aws-us-gov", false).expect("a page");
        assert_eq!(
            page("111122223333"),
            "https://console.amazonaws-us-gov.com/organizations/v2/home/accounts/111122223333"
        );
        assert!(page("ou-1-2").ends_with("/organizational-units/ou-1-2"));
        assert!(page("p-abc").ends_with("/policies/service-control-policy/p-abc"));
        let region: Region = "cn-north-1".parse().expect("a region");
        assert_eq!(
            regional(&region, "https://{host}/x?region={region}"),
            Ok("https://console.amazonaws.cn/x?region=cn-north-1".into())
        );
    }
}
