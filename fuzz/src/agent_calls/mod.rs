// SPDX-License-Identifier: Apache-2.0

//! Whole lives of an agent: what masters, executors, containers and the disk do to it.
//!
//! The real state machine, driven as its shell drives it. Some steps are what
//! well-behaved parties do, the others are messages of any shape, decoded as the
//! daemon decodes them. The agent may die at any moment and come back to what its
//! disk has, the last write torn. At the end everything that was started is let
//! come to its end, and nothing may be left.
//!
//! | file | what is in it |
//! |---|---|
//! | `world.rs` | the shell: clock, disk, containers, connections, and what must hold |
//! | `steps.rs` | what one step does |
//! | `disk.rs` | files in memory |

mod disk;
mod steps;
mod world;

use self::world::World;
use crate::choice::Choices;

/// Steps of one life.
const STEPS_MAX: usize = 256;

/// Lives the life that `data` chooses.
pub fn run(data: &[u8]) {
    live(data);
}

/// Lives it, and tells what the agent counted: so that one can see how deep it went.
pub fn live(data: &[u8]) -> mesos_agent_state::Metrics {
    let mut choices = Choices::new(data);
    let mut world = World::new(&mut choices);
    for _ in 0..STEPS_MAX {
        if choices.is_empty() || world.is_over() {
            break;
        }
        steps::step(&mut world, &mut choices);
    }
    let metrics = world.agent().metrics();
    world.finish();
    metrics
}
