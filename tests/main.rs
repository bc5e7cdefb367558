//! The one integration-test binary. Its modules lie under `suite/`.

mod suite {
    mod architecture;
    mod browse;
    mod changes;
    mod cli;
    mod docs;
    mod faults;
    mod gate;
    mod ground;
    mod playbooks;
    mod range_serve;
    mod restored;
    mod runs;
    mod stage;
    mod terminal;
    mod unchanged;
}
