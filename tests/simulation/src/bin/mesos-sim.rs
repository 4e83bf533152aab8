// SPDX-License-Identifier: Apache-2.0

//! Runs seeds of the simulation: `mesos-sim --seeds 1000`, or one with its story:
//! `mesos-sim --seed 42`.

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
}

fn main() -> Result<ExitCode> {
    let wanted = arguments()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
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
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments() -> Result<Wanted> {
    let mut wanted = Wanted { first: 0, count: 200, whole: false };
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
            other => bail!("{other}: use --seeds N, --from N, --seed N or --whole"),
        }
    }
    Ok(wanted)
}
