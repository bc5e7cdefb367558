//! The operator's browser, where there is one that needs no terminal.

use std::env;

/// Opens a page; or says why not.
///
/// A browser over ssh, or one in the terminal that `xdg-open` falls back to without a display,
/// would be on the wrong machine or on top of halon.
pub fn open(url: &str) -> Result<(), String> {
    let set = |name: &str| env::var_os(name).is_some_and(|v| !v.is_empty());
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return Err("no browser over ssh".to_owned());
    }
    let display = cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY");
    if !display {
        return Err("no display for a browser".to_owned());
    }
    open::that_detached(url).map_err(|e| format!("no browser could be started: {e}"))
}
