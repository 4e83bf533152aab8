// SPDX-License-Identifier: Apache-2.0

//! Where a piece of work begins and ends, for whoever counts.
//!
//! Run on its own, the program says how long each piece took. Under callgrind,
//! told to collect only inside of [`measured`] and to dump when it returns, each
//! piece has its own count of instructions, in the order of the lines printed.

use std::{hint::black_box, io::Write, time::Instant};

/// Measures the figures of one group.
pub struct Meter {
    group: String,
}

impl Meter {
    /// For the figures of this group.
    pub fn new(group: &str) -> Self {
        Meter { group: group.to_owned() }
    }

    /// Does the work and says how much it was, for each of `units`.
    pub fn measure(&mut self, figure: &str, units: usize, mut work: impl FnMut()) {
        let start = Instant::now();
        measured(&mut work);
        let nanos = start.elapsed().as_nanos();
        say(&format!("{}.{figure}\t{units}\t{nanos}", self.group));
    }
}

/// Prints one line.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("whoever asked still reads");
}

/// The work that counts. `cargo xtask bench` names this function to callgrind.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
    // Something after the call, so that it is one and not a jump.
    black_box(());
}
