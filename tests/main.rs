//! The one integration-test binary. Its modules lie under `suite/`.

mod suite {
    mod architecture;
    mod browse;
    mod cli;
    mod docs;
    mod faults;
    mod gate;
    mod ground;
    mod playbooks;
    mod range_serve;
    mod restored;
    mod stage;
    mod terminal;
    mod unchanged;
}
