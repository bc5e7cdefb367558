//! Codes of MFA devices in requests.

use super::{super::Call, denied};
use crate::range::{wire::Refusal, world::World};

/// The device and the time step of the code that came with a request; `None` where neither
/// was given. Whoever is refused has spent nothing.
pub fn code(world: &World, call: &Call) -> Result<Option<(String, i64)>, Refusal> {
    let (serial, code) = (call.text("SerialNumber"), call.text("TokenCode"));
    if serial.is_empty() && code.is_empty() {
        return Ok(None);
    }
    let failed = |why: &str| denied(format!("MultiFactorAuthentication failed{why}"));
    if serial.is_empty() || code.is_empty() {
        return Err(failed(", must provide both MFA serial number and one time pass code."));
    }
    let user = call.caller.user().and_then(|name| world.iam().home(call.account).user(name));
    let device = user.and_then(|user| user.mfa.as_ref()).filter(|d| d.serial == serial);
    let device = device.ok_or_else(|| {
        failed(
            ", unable to validate MFA code.  Please verify your MFA serial number is valid and \
             associated with this user.",
        )
    })?;
    let step = device.verify(code, call.now, world.sessions().last_spent(serial));
    let step = step.ok_or_else(|| failed(" with invalid MFA one time pass code. "))?;
    Ok(Some((serial.to_owned(), step)))
}
