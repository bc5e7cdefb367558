//! A new log where the old one cannot be gone on with. The old file stays as it is,
//! under another name, and the new one's first record says what it was.

use std::{io, path::Path};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    chain::{Chain, walk},
    entry::{About, Actor, Stamp},
    hash::{Hash, hex},
    lock::Lock,
    log::Log,
    place::Place,
    refused::Refused,
    state::{State, state_path},
};

/// Moves the log at `path` to `<name>.broken.<time>` and begins a new one, which names
/// it. For `--new-log`: the caller has asked the operator.
pub fn begin_new(
    path: &Path,
    about: About,
    mode: &'static str,
    actor: Actor,
    stamp: Stamp,
) -> Result<Log, Refused> {
    let place = Place::open(path)?;
    let mut lock = Lock::open(&place)?;
    lock.take(&place)?;
    let refuse = |e: io::Error| Refused::io(path, "moved away", &e);
    let state = State::read(&state_path(path)).ok().flatten();
    let name = place.name().to_string_lossy().into_owned();
    // Seconds are enough, and colons are trouble on other file systems.
    let at = stamp.utc.strftime("%Y%m%dT%H%M%SZ");
    let broken = format!("{name}.broken.{at}");
    let previous = match super::record::open(path) {
        Ok(file) => {
            let mut sha = Sha256::new();
            io::copy(&mut &file, &mut sha).map_err(refuse)?;
            let mut chain = Chain::default();
            walk(super::record::open(path).map_err(refuse)?, &mut chain, |_, _| ())
                .map_err(refuse)?;
            place.rename(place.name(), broken.as_ref()).map_err(refuse)?;
            super::recover::move_along(&place, &broken).map_err(refuse)?;
            named(Some(&broken), &chain, Some(hex(&sha.finalize())), state.as_ref())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            named(None, &Chain::default(), None, state.as_ref())
        }
        Err(e) => return Err(refuse(e)),
    };
    let head = format!("{name}.head");
    match place.rename(head.as_ref(), format!("{broken}.head").as_ref()) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(refuse(e)),
        _ => {}
    }
    let opened = place
        .open_append(true)?
        .ok_or_else(|| Refused::io(path, "made", &io::Error::from(io::ErrorKind::NotFound)))?;
    let mut log = Log::on(place, lock, opened, about, previous);
    log.set(mode, actor);
    log.begin(Ok(None), stamp)?;
    log.release();
    Ok(log)
}

/// What the new log says of the old one. `h` is its last record that verifies (also the
/// new first record's `prev`), `sha256` the whole file.
fn named(
    file: Option<&str>,
    chain: &Chain,
    sha256: Option<String>,
    state: Option<&State>,
) -> Value {
    json!({
        "file": file,
        "log_id": (!chain.log_id.is_empty()).then_some(&chain.log_id),
        "seq": chain.seq,
        "h": if chain.seq > 0 { chain.h.hex() } else { Hash::ZERO.hex() },
        "sha256": sha256,
        "state": state.map(|s| json!({"log_id": s.log_id, "seq": s.seq, "h": s.h})),
    })
}
