//! The one integration-test binary. Its modules lie under `suite/`.

mod suite {
    mod architecture;
    mod break_glass;
    mod browse;
    mod canned;
    mod changes;
    mod cli;
    mod commands;
    mod decisions;
    mod disk;
    mod docs;
    mod drill_pane;
    mod evidence;
    mod faults;
    mod gate;
    mod ground;
    mod iam;
    mod iam_scan;
    mod inquiries;
    mod inspection;
    mod keyboard;
    mod kill;
    mod machine;
    mod meanwhile;
    mod narrowing;
    mod organization;
    mod playbooks;
    mod preflight;
    mod proof;
    mod range_serve;
    mod ready;
    mod real_policies;
    mod reports;
    mod restored;
    mod runs;
    mod secrets;
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
