//! The one integration-test binary. Its modules lie under `suite/`.

// The SDK's futures are deep, and the tests' stand around them.
#![recursion_limit = "256"]

mod suite {
    mod access;
    mod account_drill;
    mod architecture;
    mod awareness;
    mod break_glass;
    mod broken_files;
    mod browse;
    mod bytes;
    mod canned;
    mod changes;
    mod cli;
    mod commands;
    mod decisions;
    mod desk;
    mod disk;
    mod docs;
    mod drill_pane;
    mod evidence;
    mod faults;
    mod first_steps;
    mod gate;
    mod ground;
    mod iam;
    mod iam_scan;
    mod inquiries;
    mod inspection;
    mod keyboard;
    mod kill;
    mod looks;
    mod machine;
    mod machine_policy;
    mod meanwhile;
    mod mouse;
    mod narrowing;
    mod newcomer;
    mod organization;
    mod outward;
    mod palette;
    mod picks;
    mod playbooks;
    mod preflight;
    mod proof;
    mod range_serve;
    mod reach;
    mod ready;
    mod real_policies;
    mod reports;
    mod restored;
    mod runs;
    mod screens;
    mod screenshots;
    mod search;
    mod secrets;
    mod shells;
    mod shipped;
    mod solutions;
    mod stage;
    mod terminal;
    mod trail;
    mod trail_files;
    mod trail_sessions;
    mod unchanged;
    mod watch;
}
