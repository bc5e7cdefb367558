//! From a name to clients that can ask: credentials, endpoint, timeouts, retries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, SdkConfig, profile::ProfileFileCredentialsProvider, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_credential_types::{
    Credentials,
    credential_feature::AwsCredentialFeature as Feature,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::{http::SharedHttpClient, interceptors::SharedInterceptor};
use aws_types::app_name::AppName;
use jiff::Timestamp;
use leaky_bucket::RateLimiter;

use super::{
    Limits, Settings, TargetSettings, World, fault,
    gate::{Gate, PermitGate},
    trace::Tracer,
    transport,
};
use crate::{
    domain::{AccessKeyId, Fault, Place, Region},
    range::Range,
};

/// Security Hub's burst for `GetFindings` (service model: 3 a second, burst 6).
const SECURITYHUB_BURST: u32 = 6;

/// Where a target's credentials came from, without anything secret.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The provider in a few words.
    pub provider: &'static str,
    pub region: Option<Region>,
    pub endpoint: Option<Endpoint>,
    /// The id of the access key in use. Ids are no secrets.
    pub access_key: Option<AccessKeyId>,
}

/// An endpoint other than AWS's own, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub url: String,
    /// From `--endpoint-url`; otherwise from the environment or the profile.
    pub from_flag: bool,
}

/// Scheme, host and port of an endpoint: a user or password in it is nobody's business.
pub fn shown_endpoint(url: &str) -> String {
    let Ok(uri) = url.parse::<http::Uri>() else { return "an unreadable URL".to_owned() };
    let port = uri.port().map(|p| format!(":{p}")).unwrap_or_default();
    let (scheme, host) = (uri.scheme_str().unwrap_or("?"), uri.host().unwrap_or("?"));
    crate::domain::untrusted::display_in(&format!("{scheme}://{host}{port}"), 120)
}

// The SDK offers the same builder six times under six names and no trait.
macro_rules! client_of {
    ($service:ident, $account:expr, $base:expr, $place:expr, $does:literal, $gate:expr) => {{
        let name =
            format!("halon {} {} {} {}", $does, $place.target, $place.region, stringify!($service));
        let mut config = $service::config::Builder::from(&$base)
            .http_client($account.http.clone())
            .retry_partition(RetryPartition::custom(name).build());
        // Set on the client itself, or AWS_ENDPOINT_URL_<SERVICE> would win.
        if let Some(Endpoint { url, from_flag: true }) = &$account.chain.endpoint {
            config.set_endpoint_url(Some(url.clone()));
        }
        if $account.aws_only {
            config.set_endpoint_url(None);
        }
        config.set_interceptors([
            SharedInterceptor::permanent($gate),
            SharedInterceptor::permanent(Tracer),
        ]);
        $service::Client::from_conf(config.build())
    }};
}

/// One target, its credentials loaded.
pub struct Account {
    sdk: SdkConfig,
    http: SharedHttpClient,
    chain: Chain,
    limits: Limits,
    reaches: Mutex<HashMap<Place, Arc<Reach>>>,
    paces: Paces,
    range: Option<Range>,
    /// What a profile says about the endpoints of single services is passed over.
    aws_only: bool,
}

/// The paces of Security Hub and CloudTrail in each place. They outlive the credentials: whoever
/// signs in anew has no fresh quota.
pub type Paces = Arc<Mutex<HashMap<(&'static str, Place), Arc<RateLimiter>>>>;

/// The clients for one place, with what they share.
pub struct Reach {
    pub place: Place,
    pub limits: Limits,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub guardduty: aws_sdk_guardduty::Client,
    pub iam: aws_sdk_iam::Client,
    pub organizations: aws_sdk_organizations::Client,
    pub securityhub: aws_sdk_securityhub::Client,
    pub sts: aws_sdk_sts::Client,
    pub securityhub_pace: Arc<RateLimiter>,
    pub cloudtrail_pace: Arc<RateLimiter>,
    /// The detector of this region, once one was found: GuardDuty may be switched on
    /// at any time, so its absence is not kept.
    pub detector: tokio::sync::Mutex<Option<String>>,
    /// The range has a world's time of its own, which its `Date` header does not tell.
    range: Option<Range>,
}

impl Reach {
    /// The service's clock at an answer.
    pub fn clock(&self, header: Option<Timestamp>) -> Option<Timestamp> {
        self.range.as_ref().map(Range::now).or(header)
    }
}

impl Account {
    pub async fn open(
        target: &TargetSettings,
        settings: &Settings,
        world: &World,
        paces: Paces,
    ) -> Result<Self, Fault> {
        let loaded = match world {
            World::Range(range) => range_credentials(range, target),
            World::Aws => chain_credentials(target, settings.endpoint_url.as_deref()).await,
        };
        let Some(credentials) = loaded.credentials_provider() else {
            return Err(fault::no_credentials(&target.name));
        };
        let sample = credentials
            .provide_credentials()
            .await
            .map_err(|e| fault::from_credentials(&target.name, &e))?;
        let from_flag = settings.endpoint_url.is_some();
        let endpoint =
            settings.endpoint_url.clone().or_else(|| loaded.endpoint_url().map(Into::into));
        let mut sdk = loaded.to_builder();
        sdk.set_endpoint_url(endpoint.clone());
        sdk.set_app_name(AppName::new("halon").ok());
        sdk.set_retry_config(Some(RetryConfig::standard().with_max_attempts(3)));
        sdk.set_timeout_config(Some(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(3))
                .read_timeout(Duration::from_secs(10))
                .operation_attempt_timeout(Duration::from_secs(12))
                .operation_timeout(Duration::from_secs(30))
                .build(),
        ));
        sdk.set_stalled_stream_protection(Some(StalledStreamProtectionConfig::disabled()));
        let chain = Chain {
            provider: match world {
                World::Range(_) => "the range",
                World::Aws => provider_name(&sample),
            },
            region: loaded.region().and_then(|r| r.as_ref().parse().ok()),
            endpoint: endpoint.map(|url| Endpoint { url, from_flag }),
            access_key: sample.access_key_id().parse().ok(),
        };
        let sdk = sdk.build();
        let http = transport::gated(world);
        let range = match world {
            World::Range(range) => Some(range.clone()),
            World::Aws => None,
        };
        let (limits, reaches) = (settings.limits, Mutex::default());
        Ok(Self { sdk, http, chain, limits, reaches, paces, range, aws_only: false })
    }

    /// The same, which asks at AWS's own endpoints.
    pub fn aws_only(self) -> Self {
        Self { aws_only: true, ..self }
    }

    /// The same with other credentials, which last as long as they are good.
    pub fn assumed(&self, credentials: Credentials, access_key: AccessKeyId) -> Self {
        let provider = SharedCredentialsProvider::new(credentials);
        let mut sdk = self.sdk.to_builder();
        sdk.set_credentials_provider(Some(provider));
        Self {
            sdk: sdk.build(),
            http: self.http.clone(),
            chain: Chain {
                provider: "break-glass",
                access_key: Some(access_key),
                ..self.chain.clone()
            },
            limits: self.limits,
            reaches: Mutex::default(),
            paces: self.paces.clone(),
            range: self.range.clone(),
            aws_only: self.aws_only,
        }
    }

    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Where account-wide questions are asked.
    pub fn home_region(&self) -> Region {
        self.chain.region.clone().unwrap_or_else(Region::us_east_1)
    }

    /// The clients for a place; made once, so that pace and connections are shared.
    pub fn reach(&self, place: &Place) -> Arc<Reach> {
        let mut reaches = self.reaches.lock().expect("INVARIANT: nothing panics holding this lock");
        reaches.entry(place.clone()).or_insert_with(|| Arc::new(self.make_reach(place))).clone()
    }

    fn pace(
        &self,
        service: &'static str,
        place: &Place,
        per_second: u32,
        burst: u32,
    ) -> Arc<RateLimiter> {
        let (per_second, burst) = (per_second.max(1), burst.max(1) as usize);
        let make = || {
            let pace = RateLimiter::builder()
                .max(burst)
                .initial(burst)
                .refill(1)
                .interval(Duration::from_secs(1) / per_second)
                .fair(true)
                .build();
            Arc::new(pace)
        };
        let mut paces = self.paces.lock().expect("INVARIANT: nothing panics holding this lock");
        paces.entry((service, place.clone())).or_insert_with(make).clone()
    }

    fn base(&self, place: &Place) -> aws_types::sdk_config::Builder {
        let region = aws_types::region::Region::new(place.region.as_str().to_owned());
        self.sdk.to_builder().region(region)
    }

    fn make_reach(&self, place: &Place) -> Reach {
        let base = self.base(place).build();
        macro_rules! client {
            ($service:ident) => {
                client_of!($service, self, base, place, "reads", Gate)
            };
        }
        let Limits { securityhub_per_second: hub, cloudtrail_per_second: trail, .. } = self.limits;
        Reach {
            place: place.clone(),
            limits: self.limits,
            cloudtrail: client!(aws_sdk_cloudtrail),
            guardduty: client!(aws_sdk_guardduty),
            iam: client!(aws_sdk_iam),
            organizations: client!(aws_sdk_organizations),
            securityhub: client!(aws_sdk_securityhub),
            sts: client!(aws_sdk_sts),
            securityhub_pace: self.pace("securityhub", place, hub, SECURITYHUB_BURST.max(hub * 2)),
            cloudtrail_pace: self.pace("cloudtrail", place, trail, trail),
            detector: tokio::sync::Mutex::default(),
            range: self.range.clone(),
        }
    }
}

/// The clients that change things, in one place: one attempt, time limits and a retry
/// partition of their own, and a gate that wants a permit.
pub struct Hands {
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub guardduty: aws_sdk_guardduty::Client,
    pub iam: aws_sdk_iam::Client,
    pub organizations: aws_sdk_organizations::Client,
    pub securityhub: aws_sdk_securityhub::Client,
    pub sts: aws_sdk_sts::Client,
}

impl Account {
    /// Made for each change anew: changes are rare, and nothing of one shall reach the next.
    pub fn hands(&self, place: &Place) -> Hands {
        let base = self
            .base(place)
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(3))
                    .read_timeout(Duration::from_secs(15))
                    .operation_attempt_timeout(Duration::from_secs(20))
                    .operation_timeout(Duration::from_secs(20))
                    .build(),
            )
            .build();
        macro_rules! client {
            ($service:ident) => {
                client_of!($service, self, base, place, "changes", PermitGate)
            };
        }
        Hands {
            cloudtrail: client!(aws_sdk_cloudtrail),
            guardduty: client!(aws_sdk_guardduty),
            iam: client!(aws_sdk_iam),
            organizations: client!(aws_sdk_organizations),
            securityhub: client!(aws_sdk_securityhub),
            sts: client!(aws_sdk_sts),
        }
    }
}

/// The SDK's full chain, or one profile's part of it; with a role, that role's session.
async fn chain_credentials(target: &TargetSettings, endpoint_url: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    if let Some(profile) = &target.profile {
        // A profile named by the operator must not lose to keys in the environment,
        // which the default chain looks at first.
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    let loaded = loader.load().await;
    let Some(role) = &target.role else { return loaded };
    // AWS's names for sessions: at most 64 of [\w+=,.@-].
    let mut base = loaded.to_builder();
    if let Some(url) = endpoint_url {
        base.set_endpoint_url(Some(url.to_owned()));
    }
    if loaded.region().is_none() {
        base.set_region(Some(aws_types::region::Region::from_static("us-east-1")));
    }
    let provider = AssumeRoleProvider::builder(role.as_str())
        .session_name("halon")
        .configure(&base.build())
        .build()
        .await;
    loaded.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// The range's operator in the account of this alias, else its default operator. Looks
/// at no file and no environment.
fn range_credentials(range: &Range, target: &TargetSettings) -> SdkConfig {
    let (operators, name) = (range.operators(), &target.name);
    let named = target.access_key.as_ref().and_then(|key| range.signer(key.as_str()));
    let mine = named.as_ref().or_else(|| operators.iter().find(|o| o.alias == **name));
    let mine = mine.or(operators.first());
    let (id, secret) = mine.map_or(("", ""), |o| (&o.access_key, &o.secret));
    let credentials = Credentials::new(id, secret, None, None, "halon range");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_types::region::Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .build()
}

/// The link of the chain that gave the credentials, from the marks it leaves on them.
fn provider_name(credentials: &Credentials) -> &'static str {
    let marks = credentials.get_property::<Vec<Feature>>().map(Vec::as_slice).unwrap_or_default();
    let has = |f: &[Feature]| f.iter().any(|f| marks.contains(f));
    if has(&[Feature::CredentialsStsAssumeRole]) {
        "profile (assume role)"
    } else if has(&[Feature::CredentialsProfileSso, Feature::CredentialsSso]) {
        "IAM Identity Center (SSO)"
    } else if has(&[Feature::CredentialsProfileLogin, Feature::CredentialsLogin]) {
        "aws login"
    } else if has(&[Feature::CredentialsProfileProcess, Feature::CredentialsProcess]) {
        "credential process"
    } else if has(&[
        Feature::CredentialsStsAssumeRoleWebId,
        Feature::CredentialsEnvVarsStsWebIdToken,
        Feature::CredentialsProfileStsWebIdToken,
    ]) {
        "web identity"
    } else if has(&[Feature::CredentialsHttp]) {
        "container"
    } else if has(&[Feature::CredentialsImds]) {
        "instance metadata"
    } else if has(&[Feature::CredentialsProfile, Feature::CredentialsProfileSourceProfile]) {
        "profile (keys)"
    } else if has(&[Feature::CredentialsEnvVars]) {
        "environment keys"
    } else {
        "a provider of the chain"
    }
}
