//! Reads that a fault makes stale: they see the world before its last changes.

use super::state::State;
use crate::range::{
    faults::{Twist, may_be_stale},
    operations::Operation,
    service::Call,
    world::{Entry, World},
};

impl State {
    /// The world takes a line of its journal. Changes are kept, so that it can be made again.
    pub fn take(&mut self, entry: Entry) {
        if entry.change.is_some() {
            self.changes.push(entry.clone());
        }
        self.world.apply(entry);
    }

    /// The world that a stale read sees. IAM keeps its own past and is not made anew.
    pub fn seen_stale(&self, operation: &Operation, call: &Call) -> Option<World> {
        match call.twist {
            Some(Twist::Stale(changes)) if operation.service != "iam" => {
                may_be_stale(operation).then(|| self.before(operation.service, changes))
            }
            _ => None,
        }
    }

    /// The world without any change.
    pub fn as_it_began(&self) -> World {
        World::new(self.beginning.clone())
    }

    /// The world without the last so many changes of a service, made from the beginning.
    fn before(&self, service: &str, changes: usize) -> World {
        let of_service = |entry: &&Entry| entry.operation.split(':').next() == Some(service);
        let all = self.changes.iter().filter(of_service).count();
        let mut left = all.saturating_sub(changes);
        let mut world = World::new(self.beginning.clone());
        for entry in &self.changes {
            if of_service(&entry) {
                if left == 0 {
                    continue;
                }
                left -= 1;
            }
            world.apply(entry.clone());
        }
        world
    }
}
