// SPDX-License-Identifier: Apache-2.0

//! Whole conversations of schedulers, agents and operators with a master.
//!
//! The real state machine, driven as its shell drives it. Some steps are what
//! well-behaved parties say, so that conversations get somewhere; the others are
//! messages of any shape, decoded as the daemon decodes them. After each step the
//! books are checked ([`witness`]); at the end everyone leaves, and nothing may
//! be left on offer.
//!
//! | file | what is in it |
//! |---|---|
//! | `world.rs` | the shell: clock, registry, streams, what is known of ids |
//! | `steps.rs` | what one step does |
//! | `agents.rs` | what well-behaved agents say |
//! | `schedulers.rs` | what well-behaved schedulers say |
//! | `witness.rs` | what must hold after each step |

mod agents;
mod schedulers;
mod steps;
mod witness;
mod world;

use std::time::Duration;

use self::world::World;
use crate::choice::Choices;

/// Steps of one conversation.
const STEPS_MAX: usize = 256;

/// Has the conversation that `data` chooses.
pub fn run(data: &[u8]) {
    converse(data);
}

/// Has it, and tells what the master counted: so that one can see how deep it went.
pub fn converse(data: &[u8]) -> mesos_master_state::Metrics {
    let mut choices = Choices::new(data);
    let mut world = World::new(&mut choices);
    for _ in 0..STEPS_MAX {
        if choices.is_empty() || world.is_over() {
            break;
        }
        steps::step(&mut world, &mut choices);
        world.check();
    }
    end(&mut world);
    world.master().metrics().clone()
}

/// Everyone leaves without a word.
fn end(world: &mut World) {
    if world.is_over() {
        return;
    }
    world.release();
    world.close_all_streams();
    world.break_all_links();
    world.advance(Duration::from_secs(3600));
    world.check();
    if !world.is_over() {
        world.assert_at_rest();
    }
}
