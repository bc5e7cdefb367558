//! What happens: messages in, the model changed, effects out.
//!
//! [`update`] is the only place that changes the model. It is synchronous, never
//! waits and does no I/O; what takes time or touches the world is an [`Effect`].

mod act;
mod alert;
mod browse;
mod can;
mod confirm;
mod drill;
mod effect;
mod filter;
mod form;
mod glass;
mod iam;
mod ledger;
mod mark;
mod mouse;
mod msg;
mod organization;
mod palette;
mod panes;
mod pick;
mod query;
mod saved;
mod search;
mod trail;
mod update;
mod watch;
mod wizard;

pub use effect::Effect;
pub use msg::Msg;
pub use update::{start, update};
