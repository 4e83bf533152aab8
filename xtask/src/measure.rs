// SPDX-License-Identifier: Apache-2.0

//! Everything that is measured, measured anew: on a quiet machine, before a
//! release. Takes about 20 minutes; what goes wrong does not keep the rest.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::{bench, figures, load};

/// A step's name and what it does.
type Step = (&'static str, fn() -> Result<()>);

/// Brings the baseline of instructions, the tables of `docs/benchmarks.md` and
/// the plots up to date.
pub fn measure() -> Result<()> {
    let steps: [Step; 6] = [
        ("scenarios", || load::load(&["--all"])),
        ("sizes", || load::load(&["--series"])),
        ("times", || bench::bench(&["--times"])),
        ("instructions", || bench::bench(&["--update"])),
        ("tables", figures::write_tables),
        ("plots", figures::write_plots),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        eprintln!("xtask: {name}");
        let start = Instant::now();
        if let Err(error) = step() {
            eprintln!("xtask: {name}: {error:#}");
            failed.push(name);
        }
        eprintln!("xtask: {name} took {} s", start.elapsed().as_secs());
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}
