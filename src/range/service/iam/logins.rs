//! Passwords for the console.

use serde_json::{Value, json};

use super::{Call, Outcome, absent, done};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        Change, World,
        iam::{Login, User},
        iso_seconds,
    },
};

fn shown(user: &str, login: &Login) -> Value {
    json!({"LoginProfile": {
        "UserName": user,
        "CreateDate": iso_seconds(login.created),
        "PasswordResetRequired": login.reset,
    }})
}

fn login(user: &User) -> Result<&Login, Refusal> {
    let name = &user.identity.name;
    user.login.as_ref().ok_or_else(|| absent(format!("Login Profile for User {name}")))
}

pub fn get_login_profile(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    Ok(shown(&user.identity.name, login(user)?).into())
}

/// Nobody signs in here, so the password is checked and forgotten.
pub fn create_login_profile(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(world.iam().home(call.account))?;
    let name = &user.identity.name;
    if user.login.is_some() {
        let why = format!("Login Profile for user {name} already exists.");
        return Err(Refusal::new(409, "EntityAlreadyExists", why));
    }
    acceptable(call.text("Password"), name)?;
    let reset = call.input["PasswordResetRequired"].as_bool() == Some(true);
    let body = shown(name, &Login { created: call.now, reset });
    Ok(Outcome::new(body, Some(Change::CreateLogin { user: name.clone(), reset })))
}

pub fn delete_login_profile(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(world.iam().home(call.account))?;
    login(user)?;
    Ok(done(Some(Change::DeleteLogin { user: user.identity.name.clone() })))
}

/// The policy of an account that has none of its own (IAM user guide, "Default password
/// policy"). The words are ours.
fn acceptable(password: &str, user: &str) -> Result<(), Refusal> {
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit, |c| {
            c.is_ascii_punctuation()
        }];
    let mixed = kinds.iter().filter(|kind| password.chars().any(|c| kind(&c))).count();
    let why = if password.chars().count() < 8 {
        "Password should have a minimum length of 8"
    } else if mixed < 3 {
        "Password should have at least three of: uppercase, lowercase, numbers, symbols"
    } else if password.eq_ignore_ascii_case(user) {
        "Password should not be the user name"
    } else {
        return Ok(());
    };
    Err(Refusal::new(400, "PasswordPolicyViolation", why))
}
