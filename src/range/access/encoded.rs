//! Encoded authorization messages: why something was refused, for those only who may know.
//!
//! "The message is encoded because the details of the authorization status can contain
//! privileged information that the user who requested the operation should not see" (STS:
//! DecodeAuthorizationMessage). EC2 appends them to its refusals; of the services that the
//! range serves none does, so they stand in the events that a scenario tells.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use crate::range::seed;

/// The bytes of the keyed hash at the front.
const SEAL: usize = 16;

/// `text` under the world's seal.
pub fn encode(seed: u64, text: &str) -> String {
    let mut bytes = seal(seed, text).to_vec();
    bytes.extend(text.as_bytes());
    BASE64.encode(bytes)
}

/// The text of a message that this world encoded.
pub fn decode(seed: u64, message: &str) -> Option<String> {
    let mut bytes = BASE64.decode(message).ok()?;
    let text = String::from_utf8(bytes.split_off(SEAL.min(bytes.len()))).ok()?;
    (seal(seed, &text) == *bytes).then_some(text)
}

fn seal(world: u64, text: &str) -> [u8; SEAL] {
    seed::digest(world, &["authorization message", text])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_messages_are_decoded() {
        let message = encode(7, "{\"allowed\":false}");
        assert_eq!(decode(7, &message).as_deref(), Some("{\"allowed\":false}"));
        assert_eq!(decode(8, &message), None);
        for wrong in ["", "AAAA", "%", &message[4..], &message[..message.len() - 4]] {
            assert_eq!(decode(7, wrong), None, "{wrong}");
        }
    }
}
