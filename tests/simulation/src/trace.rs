// SPDX-License-Identifier: Apache-2.0

//! The story of a run, for a person who looks for a mistake in it.

use mesos_core::time::Time;

/// So many of the last lines are kept.
const LINES_MAX: usize = 20_000;

/// Lines of what happened, if anyone wants them.
#[derive(Debug)]
pub(crate) struct Trace {
    start: Time,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn new(start: Time, wanted: bool) -> Self {
        Trace { start, lines: wanted.then(Vec::new) }
    }

    /// Adds a line; `text` is asked for only when it is wanted.
    pub(crate) fn note(&mut self, now: Time, text: impl FnOnce() -> String) {
        let seconds = now.since(self.start).as_secs_f64();
        if let Some(lines) = &mut self.lines {
            if lines.len() >= 2 * LINES_MAX {
                lines.drain(..LINES_MAX);
            }
            lines.push(format!("{seconds:>12.6}  {}", text()));
        }
    }

    pub(crate) fn take(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}
