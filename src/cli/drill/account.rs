//! `halon drill run break-glass`: the exercise of break-glass in an account of AWS, by a person.
//! Only in accounts that the configuration names as non-production; whatever speaks against it is
//! said before anything is asked.

use super::run::RunArgs;
use crate::{
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
        config::Config,
        console,
        context::{self, Context},
    },
    cloud::TargetSettings,
    domain::{RoleArn, untrusted::display},
    drill::{self, Canary, DrillId, Quarter, Right, Script, exercise},
    model::Prospect,
    runtime,
};

/// The name of this drill where a scenario's would stand.
pub const NAME: &str = "break-glass";

pub fn run(global: &Global, args: &RunArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if args.solution {
        return Err(answer::usage("an account is drilled by a person: leave out --solution"));
    }
    if global.offline {
        return Err(answer::usage("an account is asked: leave out --offline"));
    }
    let config = context::config(global).map_err(answer::usage)?;
    let role = role(&config, args.role.as_ref())?;
    let Some(canary) = config.drill.canary.clone() else {
        return Err(answer::usage(
            "no role is named that a harmless change may be tried on: make one that nobody uses, \
             and name it in halon.toml: [drill] canary = \"halon-canary\"",
        ));
    };
    if let Some(name) = context::unmeant(global.endpoint_url.as_deref()) {
        return Err(answer::refused(format!(
            "{name} sends requests elsewhere: what is drilled there proves nothing. Unset it, or \
             give the same URL as --endpoint-url for practice"
        )));
    }
    console::needs_terminal()?;
    let canary = Canary { account: role.account(), role: canary };
    console::open(global, output, |config| {
        let context = Context::new(global, config)?;
        let prospect = prospect(&context, role, canary);
        Ok((context, Some(prospect)))
    })
}

/// The role that is drilled.
///
/// # Errors
/// Its account is not named as one to be drilled on, or it is not clear which role is meant.
fn role(config: &Config, named: Option<&RoleArn>) -> anyhow::Result<RoleArn> {
    let open = &config.drill.accounts;
    let known: Vec<RoleArn> =
        config.break_glass.iter().filter_map(|arn| arn.parse().ok()).collect();
    if let Some(role) = named {
        return match open.contains(&role.account()) {
            true => Ok(role.clone()),
            false => Err(not_open(role)),
        };
    }
    let drilled: Vec<&RoleArn> = known.iter().filter(|r| open.contains(&r.account())).collect();
    match (drilled.as_slice(), known.first()) {
        ([role], _) => Ok((*role).clone()),
        ([], None) => Err(answer::usage(
            "no break-glass role is known: name it in halon.toml, break_glass = [\"arn:aws:iam::…:role/…\"]",
        )),
        ([], Some(role)) => Err(not_open(role)),
        (several, _) => {
            let all: Vec<&str> = several.iter().map(|r| r.as_str()).collect();
            Err(answer::usage(format!("which role is meant? give --role {}", all.join(" or "))))
        }
    }
}

fn not_open(role: &RoleArn) -> anyhow::Error {
    let account = role.account();
    answer::refused(format!(
        "account {account} is not named as one to be drilled on: only non-production accounts are, \
         in halon.toml: [drill] accounts = [\"{account}\"]. Nothing was asked"
    ))
}

fn prospect(context: &Context, role: RoleArn, canary: Canary) -> Prospect {
    let stranger = context.config.drill.stranger.clone();
    if let Some(profile) = &stranger {
        context.cloud.add_target(TargetSettings::of(drill::stranger(), Some(profile.clone())));
    }
    let title = format!("Break-glass of {}", role.account());
    let script = Script {
        summary: format!(
            "Become {}, prove its power on {}, and leave.",
            display(role.as_str()),
            canary.role
        ),
        right: Right::Contain,
        objectives: exercise(&role, &canary),
        role,
        canary,
        stranger: None,
        answers: Default::default(),
    };
    let now = (context.clock)();
    let mut begun = super::run::begun(NAME, &title, &script, now, None);
    begun.scripted = false;
    let id = DrillId::new(Quarter::of(now), runtime::random_number());
    Prospect {
        id,
        begun,
        script,
        at_once: true,
        stranger: stranger.is_some(),
        idp_down: context.config.drill.idp_down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::read("halon.toml", text).expect("it reads")
    }

    #[test]
    fn only_accounts_that_are_named_are_drilled_on() {
        let roles = "break_glass = [\"arn:aws:iam::111122223333:role/glass\", \
                     \"arn:aws:iam::444455556666:role/glass\"]\n";
        let production = "arn:aws:iam::111122223333:role/glass".parse().expect("a role");
        let refused = |config: &Config, named: Option<&RoleArn>| {
            role(config, named).expect_err("it is refused").to_string()
        };
        let none = config(roles);
        assert!(refused(&none, None).contains("111122223333 is not named"));
        let one = config(&format!("{roles}[drill]\naccounts = [\"444455556666\"]\n"));
        let meant = role(&one, None).expect("one is meant");
        assert_eq!(meant.as_str(), "arn:aws:iam::444455556666:role/glass");
        assert!(refused(&one, Some(&production)).contains("111122223333 is not named"));
        let both =
            config(&format!("{roles}[drill]\naccounts = [\"444455556666\", \"111122223333\"]\n"));
        assert!(refused(&both, None).contains("which role is meant"));
        assert!(refused(&config(""), None).contains("no break-glass role is known"));
    }
}
