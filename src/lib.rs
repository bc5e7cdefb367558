//! halon: the terminal console for the person on call when an AWS account is under
//! attack.
//!
//! ```text
//!  halon  SAFE  RANGE …  alias 444455556666 user/oncall  us-east-1 +2   2026-03-02 03:11 UTC   ui::header
//!  17 of 31 findings · 12 new · high or above · active · by severity                          ui::list  summary
//!  INCOMPLETE: guardduty prod eu-west-1 page 2: …                                             ui::list  banner
//! critical 3      ▁  ▂█                       ┌ finding ─────────────────────────────────     ui::chart
//! high     14     ▂▁▃▅█                       │ Calls from a Tor exit node
//!    SEVERITY AGE   FINDING          GD  HUB  │ severity    HIGH 8.0
//! ●  CRIT 9.3 1h    AttackSequence…  act new  │ type        …                               ui::detail
//! ●  HIGH 8.0 45m   └ Stealth:IAM…   act new  │ account     …                               ui::list
//!  guardduty 3 fresh now · securityhub 2 fresh, 1 not checked                                 ui::footer health
//!  enter open  / filter  s severity  t state  …                                               ui::footer keys
//! ```
//!
//! How the folders hang together, and what each may name, is in `ARCHITECTURE.md`.

#![recursion_limit = "256"]

pub mod app;
pub mod audit;
pub mod case;
pub mod change;
pub mod cli;
pub mod cloud;
pub mod domain;
pub mod drill;
pub mod guard;
pub mod input;
pub mod model;
pub mod playbook;
pub mod policy;
pub mod range;
pub mod runtime;
pub mod store;
pub mod ui;
