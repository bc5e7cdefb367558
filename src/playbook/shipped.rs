//! The playbooks that come with the program.

macro_rules! playbooks {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../playbooks/", $id, ".toml")))),+]
    };
}

static SHIPPED: &[(&str, &str)] = playbooks![
    "archive-findings",
    "break-glass",
    "break-glass-canary",
    "claim-findings",
    "cloudtrail-tampered",
    "compromised-role-session",
    "contain-user",
    "deny-by-scp",
    "detach-scp",
    "detach-wildcard-policy",
    "false-alarm",
    "leaked-access-key",
    "narrow-wildcard-policy",
    "privilege-escalation",
    "quarantine-account",
    "restore-detection",
    "restore-role",
    "restore-user",
    "root-credential-use",
    "suspicious-trust-change",
];

/// Id and text of every shipped playbook.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::Playbook;

    #[test]
    fn every_shipped_playbook_reads_and_bears_its_name() {
        for (id, text) in shipped() {
            let playbook =
                Playbook::read(&format!("{id}.toml"), text).unwrap_or_else(|b| panic!("{b}"));
            assert_eq!(playbook.id, *id);
            assert!(!playbook.answers.is_empty(), "{id} answers something");
        }
    }
}
