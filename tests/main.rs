//! The one integration-test binary. Its modules lie under `suite/`.

mod suite {
    mod architecture;
    mod browse;
    mod cli;
    mod disk;
    mod docs;
    mod faults;
    mod gate;
    mod keyboard;
    mod kill;
    mod machine;
    mod playbooks;
    mod range_serve;
    mod secrets;
    mod stage;
    mod terminal;
}
