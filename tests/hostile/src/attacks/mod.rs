// SPDX-License-Identifier: Apache-2.0

//! What hostile clients do, one file for each kind.
//!
//! Each attack is a function that does it, checks what comes of it, and says so
//! in a line. It leaves nothing behind.

mod agents;
mod bodies;
mod connections;
mod floods;
mod frameworks;
mod heads;
mod ids;
mod messages;
mod silent;
mod slow;
mod streams;

use std::pin::Pin;

use anyhow::{Result, ensure};

use crate::Target;

/// One of them.
pub struct Attack {
    /// What it does.
    pub name: &'static str,
    /// Does it, and tells what came of it.
    pub run: for<'a> fn(&'a Target) -> Outcome<'a>,
}

/// What comes of one, in the end.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<String>> + 'a>>;

macro_rules! attacks {
    ($($name:literal => $module:ident :: $function:ident),* $(,)?) => {
        [$(Attack { name: $name, run: |target| Box::pin($module::$function(target)) }),*]
    };
}

/// Those that are over at once.
pub static QUICK: [Attack; 26] = attacks![
    "malformed and smuggled requests" => heads::malformed,
    "paths and escapes of Mesos's CVEs" => heads::paths,
    "bodies that lie about their chunks" => heads::chunks,
    "a body of a gigabyte, declared" => bodies::declared_gigabyte,
    "a body of a gigabyte, in chunks" => bodies::chunked_gigabyte,
    "gzip bombs of a gigabyte" => bodies::gzip_bombs,
    "JSON nested 1,000,000 deep" => messages::nested_json,
    "JSON of 5,000,000 values" => messages::many_values,
    "1,000,000 empty operations in 2 MB" => messages::empty_operations,
    "100,000 resources of different names" => messages::resource_names,
    "ids of a megabyte" => ids::megabyte_ids,
    "10,000 connections" => connections::many,
    "1,000 streams of one framework" => streams::thousand_of_one,
    "a stream that is never read" => streams::never_read,
    "answers that are never read" => streams::unread_answers,
    "subscribe and tear down in a loop" => frameworks::come_and_go,
    "5,000 roles" => frameworks::roles,
    "ACCEPT of 50,000 tasks" => frameworks::accept_many,
    "100,000 DECLINEs" => frameworks::decline_many,
    "an agent with another's id, elsewhere" => agents::other_host,
    "an agent with another's id, same host" => agents::same_host,
    "updates of tasks that are another's" => agents::foreign_updates,
    "an agent that flaps" => agents::flapping,
    "100,000 agents without an address" => agents::strange_senders,
    "a flood of updates of unknown tasks" => floods::unknown_updates,
    "an agent that never reads" => silent::agent,
];

/// Those that take as long as the bounds in time are.
pub static SLOW: [Attack; 4] = attacks![
    "connections that say nothing" => slow::say_nothing,
    "heads of one byte a second" => slow::heads,
    "bodies of one byte a second" => slow::bodies,
    "large bodies that stop half-way" => slow::half_bodies,
];

/// Those whose names contain one of `parts`, or all of them if there are none.
///
/// # Errors
/// A part that no attack's name contains: nothing would be shown by leaving it out.
pub fn named(parts: &[String]) -> Result<Vec<&'static Attack>> {
    let all = || QUICK.iter().chain(&SLOW);
    for part in parts {
        ensure!(
            all().any(|attack| attack.name.contains(part)),
            "no attack is named like '{part}'; there are:\n{}",
            all().map(|attack| attack.name).collect::<Vec<_>>().join("\n")
        );
    }
    let is_wanted =
        |attack: &&Attack| parts.is_empty() || parts.iter().any(|part| attack.name.contains(part));
    Ok(all().filter(is_wanted).collect())
}
