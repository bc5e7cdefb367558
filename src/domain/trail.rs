//! A trail's name and what it is set to record, as far as it can be set again.

use serde::{Deserialize, Serialize};

use super::{AccountId, Region, iam::name};

name!(
    /// A trail's ARN: its home region and account stand in it (CloudTrail API reference).
    TrailArn,
    trail
);

fn trail(s: &str) -> Result<(), String> {
    let parts: Vec<&str> = s.splitn(6, ':').collect();
    let shaped = match parts.as_slice() {
        ["arn", partition, "cloudtrail", region, account, rest] => {
            let name = rest.strip_prefix("trail/").unwrap_or_default();
            let good = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            partition.starts_with("aws")
                && region.parse::<Region>().is_ok()
                && account.parse::<AccountId>().is_ok()
                && (3..=128).contains(&name.len())
                && name.bytes().all(good)
        }
        _ => false,
    };
    let like = "a trail's ARN looks like arn:aws:cloudtrail:us-east-1:123456789012:trail/NAME";
    if shaped { Ok(()) } else { Err(like.to_owned()) }
}

impl TrailArn {
    fn part(&self, n: usize) -> &str {
        self.as_str().splitn(6, ':').nth(n).expect("INVARIANT: six parts")
    }

    pub fn region(&self) -> Region {
        self.part(3).parse().expect("INVARIANT: a region, checked when it was made")
    }

    pub fn account(&self) -> AccountId {
        self.part(4).parse().expect("INVARIANT: an account, checked when it was made")
    }

    pub fn name(&self) -> &str {
        self.part(5).rsplit('/').next().unwrap_or_default()
    }
}

/// `GetEventSelectors`, whole: what `PutEventSelectors` takes again. A trail has one kind or
/// the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSelectors {
    Basic(Vec<BasicSelector>),
    Advanced(Vec<AdvancedSelector>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: String,
    pub management: bool,
    /// Resource types with the ARNs whose data events are recorded.
    pub data: Vec<(String, Vec<String>)>,
    /// Services whose management events are left out.
    pub excluded: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    pub name: Option<String>,
    pub fields: Vec<FieldSelector>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    pub field: String,
    pub equals: Vec<String>,
    pub starts_with: Vec<String>,
    pub ends_with: Vec<String>,
    pub not_equals: Vec<String>,
    pub not_starts_with: Vec<String>,
    pub not_ends_with: Vec<String>,
}

impl EventSelectors {
    /// Whether every management event is recorded, of reads and of writes.
    pub fn record_management(&self) -> bool {
        match self {
            EventSelectors::Basic(all) => all.iter().any(BasicSelector::is_whole),
            EventSelectors::Advanced(all) => all.iter().any(AdvancedSelector::is_management),
        }
    }

    /// The same, and every management event.
    pub fn with_management(&self) -> EventSelectors {
        if self.record_management() {
            return self.clone();
        }
        match self {
            EventSelectors::Basic(all) => {
                let mut all = all.clone();
                let whole = |s: &mut BasicSelector| {
                    s.management = true;
                    "All".clone_into(&mut s.read_write);
                    s.excluded.clear();
                };
                match all.first_mut() {
                    Some(first) => whole(first),
                    None => all.push(BasicSelector::everything()),
                }
                EventSelectors::Basic(all)
            }
            EventSelectors::Advanced(all) => {
                let mut all = all.clone();
                all.push(AdvancedSelector::management());
                EventSelectors::Advanced(all)
            }
        }
    }

    /// What is recorded, a line for each selector.
    pub fn lines(&self) -> Vec<String> {
        match self {
            EventSelectors::Basic(all) => all.iter().map(BasicSelector::line).collect(),
            EventSelectors::Advanced(all) => all.iter().map(AdvancedSelector::line).collect(),
        }
    }
}

impl BasicSelector {
    /// What a trail has that nobody ever set.
    fn everything() -> Self {
        let (data, excluded) = (Vec::new(), Vec::new());
        Self { read_write: "All".to_owned(), management: true, data, excluded }
    }

    fn is_whole(&self) -> bool {
        self.management && self.read_write == "All" && self.excluded.is_empty()
    }

    fn line(&self) -> String {
        let management = match (self.management, &*self.read_write) {
            (false, _) => "no management events".to_owned(),
            (true, "All") => "management events".to_owned(),
            (true, kind) => format!("management events ({kind})"),
        };
        let excluded = match self.excluded.as_slice() {
            [] => String::new(),
            those => format!(" but those of {}", those.join(", ")),
        };
        let data = self.data.iter().map(|(kind, values)| match values.as_slice() {
            [] => format!("; {kind}: nothing"),
            values => format!("; {kind}: {}", values.join(", ")),
        });
        format!("{management}{excluded}{}", data.collect::<String>())
    }
}

impl AdvancedSelector {
    /// Every management event: "eventCategory equals Management" alone (CloudTrail API
    /// reference, AdvancedEventSelector).
    fn management() -> Self {
        let field = FieldSelector {
            field: "eventCategory".to_owned(),
            equals: vec!["Management".to_owned()],
            ..FieldSelector::default()
        };
        Self { name: Some("All management events".to_owned()), fields: vec![field] }
    }

    fn is_management(&self) -> bool {
        self.fields == Self::management().fields
    }

    fn line(&self) -> String {
        let fields: Vec<String> = self.fields.iter().flat_map(FieldSelector::conditions).collect();
        match &self.name {
            Some(name) => format!("“{name}”: {}", fields.join(" and ")),
            None => fields.join(" and "),
        }
    }
}

impl FieldSelector {
    fn conditions(&self) -> impl Iterator<Item = String> + '_ {
        let all = [
            ("is", &self.equals),
            ("begins with", &self.starts_with),
            ("ends with", &self.ends_with),
            ("is not", &self.not_equals),
            ("does not begin with", &self.not_starts_with),
            ("does not end with", &self.not_ends_with),
        ];
        let said = all.into_iter().filter(|(_, values)| !values.is_empty());
        said.map(|(how, values)| format!("{} {how} {}", self.field, values.join(" or ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_names_its_region_and_account() {
        let arn: TrailArn =
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail".parse().expect("good");
        assert_eq!((arn.region().as_str(), arn.name()), ("eu-west-1", "org-trail"));
        assert_eq!(arn.account().as_str(), "111122223333");
        assert!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/".parse::<TrailArn>().is_err());
    }

    #[test]
    fn management_events_come_back_and_nothing_goes() {
        let data = vec![("AWS::S3::Object".to_owned(), vec!["arn:aws:s3:::logs/".to_owned()])];
        let narrow = BasicSelector {
            read_write: "ReadOnly".into(),
            management: true,
            data: data.clone(),
            excluded: vec!["kms.amazonaws.com".into()],
        };
        for narrow in [
            EventSelectors::Basic(vec![narrow]),
            EventSelectors::Basic(Vec::new()),
            EventSelectors::Advanced(Vec::new()),
        ] {
            assert!(!narrow.record_management(), "{narrow:?}");
            let whole = narrow.with_management();
            assert!(whole.record_management());
            assert_eq!(whole.with_management(), whole);
        }
    }
}
