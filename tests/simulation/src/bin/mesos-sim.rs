// SPDX-License-Identifier: Apache-2.0

//! Runs seeds of the simulation: `mesos-sim --seeds 1000`, or one with its story:
//! `mesos-sim --seed 42`. With the feature `seeded-defects`, `--coverage` adds how
//! often each row of each transition table was reached, and `--defects` instead
//! says by which seed each mistake that can be built in is found.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

/// So many last lines of a story are printed.
const STORY_LINES: usize = 200;

/// What is wanted.
struct Wanted {
    first: u64,
    count: u64,
    /// The whole story rather than its end.
    whole: bool,
    /// The rows that were reached.
    coverage: bool,
    /// Rather with the mistakes that are to be found.
    defects: bool,
}

fn main() -> Result<ExitCode> {
    let wanted = arguments()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    if wanted.defects {
        return defects::print(&wanted, &mut out);
    }
    let (mut events, mut hours, mut tasks, mut failed) = (0, 0.0, 0, 0);
    for seed in wanted.first..wanted.first + wanted.count {
        let run = match wanted.whole {
            true => mesos_simulation::run(seed, true),
            false => mesos_simulation::run_and_explain(seed),
        };
        match run {
            Ok(summary) => {
                if wanted.whole {
                    summary.trace.iter().try_for_each(|line| writeln!(out, "{line}"))?;
                }
                events += summary.events;
                hours += summary.seconds / 3600.0;
                tasks += summary.tasks;
            }
            Err(failure) => {
                failed += 1;
                if failed == 1 || wanted.whole {
                    let lines = failure.trace.len();
                    let skip = if wanted.whole { 0 } else { lines.saturating_sub(STORY_LINES) };
                    failure.trace.iter().skip(skip).try_for_each(|line| writeln!(out, "{line}"))?;
                }
                writeln!(out, "FAILED {failure}")?;
                out.flush()?;
            }
        }
    }
    writeln!(
        out,
        "{} seeds, {failed} failed; {events} events in {hours:.1} cluster hours, {tasks} tasks",
        wanted.count
    )?;
    if wanted.coverage {
        defects::print_rows(&mut out)?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> Result<Wanted> {
    let mut wanted = Wanted { first: 0, count: 200, whole: false, coverage: false, defects: false };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u64> {
            let text = arguments.next().with_context(|| format!("{argument} needs a number"))?;
            text.parse().with_context(|| format!("{argument} {text}: not a number"))
        };
        match argument.as_str() {
            "--seeds" => wanted.count = number()?,
            "--from" => wanted.first = number()?,
            "--seed" => (wanted.first, wanted.count) = (number()?, 1),
            "--whole" => wanted.whole = true,
            "--coverage" => wanted.coverage = true,
            "--defects" => wanted.defects = true,
            other => bail!(
                "{other}: use --seeds N, --from N, --seed N, --whole, --coverage or --defects"
            ),
        }
    }
    Ok(wanted)
}

#[cfg(feature = "seeded-defects")]
mod defects {
    use super::*;
    use mesos_core::trial::{self, Defect};
    use mesos_simulation::coverage;

    pub fn print(wanted: &Wanted, out: &mut impl Write) -> Result<ExitCode> {
        std::panic::set_hook(Box::new(|_| {}));
        let mut missed = 0;
        for defect in Defect::ALL {
            trial::introduce(Some(defect));
            let mut seeds = wanted.first..wanted.first + wanted.count;
            let found =
                seeds.find_map(|seed| Some((seed, mesos_simulation::run(seed, false).err()?)));
            match found {
                Some((seed, failure)) => {
                    writeln!(out, "{defect:?}: seed {seed}: {}", failure.what)?
                }
                None => {
                    missed += 1;
                    writeln!(out, "{defect:?}: NOT FOUND in {} seeds", wanted.count)?;
                }
            }
            out.flush()?;
        }
        trial::introduce(None);
        writeln!(out, "{} defects, {missed} not found", Defect::ALL.len())?;
        Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    pub fn print_rows(out: &mut impl Write) -> Result<()> {
        let counts = trial::take_rows();
        let count = |table: &str, row: &str| {
            let mut matching = counts.iter().filter(|(key, _)| **key == (table, row));
            matching.next().map_or(0, |(_, count)| *count)
        };
        let mut missed = 0;
        for (table, row) in coverage::rows() {
            let times = count(&table, &row);
            missed += u32::from(times == 0);
            writeln!(out, "{times:>10}  {table}: {row}")?;
        }
        let known: Vec<_> = coverage::rows();
        for (table, row) in counts.keys() {
            if !known.iter().any(|known| (&*known.0, &*known.1) == (*table, *row)) {
                writeln!(out, "     ERROR  {table}: {row} stands in no table")?;
            }
        }
        writeln!(out, "{missed} of {} rows were not reached", known.len())?;
        Ok(())
    }
}

#[cfg(not(feature = "seeded-defects"))]
mod defects {
    use super::*;

    pub fn print(_wanted: &Wanted, _out: &mut impl Write) -> Result<ExitCode> {
        bail!("build with --features seeded-defects")
    }

    pub fn print_rows(_out: &mut impl Write) -> Result<()> {
        bail!("build with --features seeded-defects")
    }
}
