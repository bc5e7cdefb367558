//! The scenarios that come with the program.

macro_rules! scenarios {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../../assets/scenarios/", $id, ".toml")))),+]
    };
}

static SHIPPED: &[(&str, &str)] = scenarios![
    "leaked-key",
    "flood",
    "hostile",
    "quiet",
    "locked-out",
    "stolen-session",
    "tampered",
    "scp-lockout",
    "ci-wildcard",
    "instance-credentials",
    "trail-stopped",
    "false-alarm",
];

/// Id and text of every shipped scenario; the first is the default.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Scenario;

    #[test]
    fn every_shipped_scenario_reads_and_bears_its_name() {
        for (id, text) in shipped() {
            let scenario = Scenario::read(&format!("{id}.toml"), text)
                .unwrap_or_else(|broken| panic!("{broken}"));
            assert_eq!(scenario.id, *id);
        }
    }
}
