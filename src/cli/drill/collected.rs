//! What `halon drill ready` reads from files that were collected earlier: nobody is asked.

use std::{collections::BTreeSet, sync::Arc};

use super::ready::{Ground, ReadyArgs, known, roles, seats};
use crate::{
    cli::{
        answer,
        args::{Global, Regions},
        context,
        iam::source,
        org,
    },
    domain::{AccountId, Region, untrusted::display},
    drill::ready::{Role, Seat},
    policy::{Above, Account},
};

/// Every account that has a file, or a role configured.
///
/// # Errors
/// A bad file, or two of one account.
pub fn read(global: &Global, args: &ReadyArgs) -> anyhow::Result<Ground> {
    let config = context::config(global).map_err(answer::usage)?;
    let mut read: Vec<(AccountId, Account)> = Vec::new();
    let mut as_of = None;
    for path in &args.file {
        let shown = display(&path.to_string_lossy());
        let (authorization, written) = source::read(path)?;
        let account = authorization.account.clone().ok_or_else(|| {
            answer::usage(format!("{shown}: it names nobody, so whose it is, is not known"))
        })?;
        if read.iter().any(|(known, _)| *known == account) {
            return Err(answer::usage(format!("{shown}: account {account} was read already")));
        }
        read.push((account, Account::new(Arc::new(authorization))));
        // The answer is as old as the oldest of what it rests on.
        as_of = Some(as_of.map_or(written, |known: jiff::Timestamp| known.min(written)));
    }
    let organization = args.organization.as_deref().map(org::file::read).transpose()?;
    let above = match &organization {
        Some(seen) => {
            as_of = as_of.map(|known| known.min(seen.as_of));
            Above::new(&seen.view, &seen.gaps)
        }
        None => Above::NotVisible("no file tells of it: give one with --organization".to_owned()),
    };
    let above = Arc::new(above);
    let (members, management) = known(organization.as_ref().map(|seen| &*seen.view));
    let roles = roles(&config.break_glass, args)?;
    let accounts: BTreeSet<AccountId> = read
        .iter()
        .map(|(id, _)| id.clone())
        .chain(roles.iter().map(|r| r.account.clone()))
        .chain(management.clone())
        .collect();
    let regions = regions(global, &config.regions);
    let seats = seats(&accounts, &roles, members, |role| {
        let Some(role) = role else { return Role::None };
        let unread = |why| Role::Unread { arn: role.arn.raw().to_owned(), why };
        let Some((_, account)) = read.iter().find(|(id, _)| *id == role.account) else {
            return unread(format!("no file tells of account {}", role.account));
        };
        let found = account.authorization.role(role.name.as_str());
        match found.and_then(|found| account.standing(found.holder.arn.raw(), &above)) {
            Some(standing) => Role::Read(Box::new(standing)),
            None => {
                unread(format!("the file of account {} has no role {}", role.account, role.name))
            }
        }
    });
    let seats = seats.into_iter().map(|seat| Seat { regions: regions.clone(), ..seat }).collect();
    let gaps = organization.map(|seen| seen.gaps).unwrap_or_default();
    let now = as_of.unwrap_or_else(crate::runtime::wall_clock);
    Ok(Ground { seats, above, management, how: config.how, gaps, now })
}

/// Those asked for, else the configuration's, else all that an account has from the start.
fn regions(global: &Global, configured: &[Region]) -> Vec<Region> {
    let chosen = global.region.iter().flat_map(|region| match region {
        Regions::All => Region::enabled_by_default(),
        Regions::One(one) => vec![one.clone()],
    });
    let chosen: Vec<Region> = chosen.collect();
    let mut regions = [chosen, configured.to_vec()]
        .into_iter()
        .find(|regions| !regions.is_empty())
        .unwrap_or_else(Region::enabled_by_default);
    regions.sort();
    regions.dedup();
    regions
}
