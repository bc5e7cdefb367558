//! Principals of the accounts that were loaded, with everything that applies to them.

use std::sync::Arc;

use jiff::Timestamp;

use super::source::{self, SourceArgs};
use crate::{
    cli::{answer, args::Global, looking::Looking, org},
    domain::{Gap, Service, untrusted::display_in},
    policy::{Above, Account, Context, Standing},
};

/// Accounts with every document read, and what stands above them.
pub struct Ground {
    pub accounts: Vec<Account>,
    pub above: Arc<Above>,
    pub gaps: Vec<Gap>,
    pub as_of: Timestamp,
}

impl Ground {
    /// From the file alone, or from every account signed in to and their organization.
    ///
    /// # Errors
    /// A bad file, or no account could be read at all.
    pub fn load(global: &Global, args: &SourceArgs) -> anyhow::Result<Self> {
        let (loaded, above) = if args.file.is_some() {
            (source::load(global, args)?, Above::NotAsked)
        } else {
            let mut looking = Looking::open(global, Service::Iam)?;
            let mut loaded = source::ask(&mut looking)?;
            // Without an answer it is not known what stands above.
            let above = match org::source::ask(&mut looking) {
                Ok(seen) => {
                    let above = Above::new(&seen.view, &seen.gaps);
                    // That an account may not see it is a state, and decisions say so.
                    if seen.organization().is_some() {
                        loaded.gaps.extend(seen.gaps);
                    }
                    above
                }
                Err(why) => Above::NotVisible(why.to_string()),
            };
            (loaded, above)
        };
        let accounts = loaded.accounts.into_iter().map(|a| Account::new(a.authorization));
        Ok(Self {
            accounts: accounts.collect(),
            above: Arc::new(above),
            gaps: loaded.gaps,
            as_of: loaded.as_of,
        })
    }

    /// The role, or else the user, of this name or ARN.
    ///
    /// # Errors
    /// There is none, or several accounts have one.
    pub fn standing(&self, name: &str) -> anyhow::Result<Standing> {
        let arns = |account: &Account| {
            let all = &account.authorization;
            let role = all.role(name).map(|r| &r.holder);
            let user = || all.users.iter().map(|u| &u.holder);
            let user = || user().find(|h| [h.name.raw(), h.arn.raw()].contains(&name));
            role.or_else(user).map(|h| h.arn.raw().to_owned())
        };
        let found: Vec<Standing> = self
            .accounts
            .iter()
            .filter_map(|account| account.standing(&arns(account)?, &self.above))
            .collect();
        let shown = display_in(name, 100);
        match <[Standing; 1]>::try_from(found) {
            Ok([one]) => Ok(one),
            Err(none) if none.is_empty() => {
                Err(answer::usage(format!("no role or user has the name or ARN {shown}")))
            }
            Err(several) => {
                let accounts: Vec<&str> =
                    several.iter().map(|s| s.caller.account.as_str()).collect();
                let accounts = accounts.join(", ");
                Err(answer::usage(format!(
                    "accounts {accounts} each have a {shown}: name it by its ARN"
                )))
            }
        }
    }
}

/// Context keys as options: `aws:SourceIp=203.0.113.7`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ContextArgs {
    /// A context key of the request, such as aws:SourceIp=203.0.113.7; without a value it is
    /// known to be absent; may be given several times
    #[arg(long = "context", value_name = "KEY[=VALUE]", action = clap::ArgAction::Append)]
    keys: Vec<String>,
}

impl ContextArgs {
    /// What is given, and what every call of halon's has: the time, TLS, a single region.
    pub fn context(&self, global: &Global, now: Timestamp) -> Context {
        let mut context = Context::default();
        context.set_one("aws:CurrentTime", now.to_string());
        context.set_one("aws:EpochTime", now.as_second().to_string());
        context.set_one("aws:SecureTransport", "true");
        if let [crate::cli::args::Regions::One(region)] = &global.region[..] {
            context.set_one("aws:RequestedRegion", region.as_str());
        }
        for given in &self.keys {
            match given.split_once('=') {
                Some((key, value)) => context.set_one(key, value),
                None => context.set(given, None),
            }
        }
        context
    }
}
