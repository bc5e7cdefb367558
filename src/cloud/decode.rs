//! What an encoded refusal says: `sts:DecodeAuthorizationMessage`.

use super::{Report, client::Reach, trace::call};
use crate::domain::{Answer, Fault, FaultKind};

pub async fn decoded(reach: &Reach, message: &str, report: Report<'_>) -> Result<Answer, Fault> {
    let ask = reach.sts.decode_authorization_message().encoded_message(message).send();
    let name = ("STS", "DecodeAuthorizationMessage");
    let (answer, _) = call(&reach.place, name, ask, report).await?;
    match answer.decoded_message() {
        Some(text) => Ok(Answer::Decoded(text.into())),
        None => Err(Fault::new(FaultKind::Unreadable, format!("{}: the answer is empty", name.1))),
    }
}
