// SPDX-License-Identifier: Apache-2.0

//! What the pure cores and the codecs cost: a program for `cargo xtask bench`.
//!
//! ```text
//! mesos-bench --list       the groups, one a line
//! mesos-bench GROUP...     their figures: name, units, nanoseconds for all units
//! ```
//!
//! There is no I/O in what is measured and its inputs are always the same, so
//! under callgrind the counts hardly differ from run to run (hash maps are
//! seeded anew in each process, which makes less than a percent). The allocator
//! of memory is the master's: with that of the C library a count depends on how
//! the heap happens to lie, down to the length of the program's path.
//!
//! | group | what |
//! |---|---|
//! | `allocator-<agents>x<frameworks>x<roles>` | the shapes of Mesos's own allocator benchmark |
//! | `tree-<depth>x<width>` | shares in a deep tree of roles |
//! | `resources` | arithmetic, search, text, ranges |
//! | `codecs` | wire, RecordIO, protobuf, JSON |
//! | `master-<agents>` | the master's state machine, from registration to reconciliation |
//! | `views` | what readers of the master are shown, as JSON |
//! | `agent` | the agent's state machine: the life of a task |

mod agent;
mod allocator;
mod codecs;
mod master;
mod meter;
mod resources;
mod tree;
mod views;

use std::process::ExitCode;

use meter::Meter;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A name and what is behind it.
struct Group {
    name: String,
    run: Box<dyn Fn(&mut Meter)>,
}

fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    let mut add = |name: String, run: Box<dyn Fn(&mut Meter)>| groups.push(Group { name, run });
    for shape in allocator::SHAPES {
        add(shape.name(), Box::new(move |meter| allocator::run(shape, meter)));
    }
    for shape in tree::SHAPES {
        add(shape.name(), Box::new(move |meter| tree::run(shape, meter)));
    }
    add("resources".to_owned(), Box::new(resources::run));
    add("codecs".to_owned(), Box::new(codecs::run));
    for agents in master::SIZES {
        add(format!("master-{agents}"), Box::new(move |meter| master::run(agents, meter)));
    }
    add("views".to_owned(), Box::new(views::run));
    add("agent".to_owned(), Box::new(agent::run));
    groups
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let groups = groups();
    if wanted.is_empty() || wanted == ["--list"] {
        groups.iter().for_each(|group| meter::say(&group.name));
        return ExitCode::SUCCESS;
    }
    for name in wanted {
        let Some(group) = groups.iter().find(|group| group.name == name) else {
            eprintln!("mesos-bench: there is no group '{name}'; --list names them");
            return ExitCode::FAILURE;
        };
        (group.run)(&mut Meter::new(&group.name));
    }
    ExitCode::SUCCESS
}
