// SPDX-License-Identifier: Apache-2.0

//! What a restart of the agent must not forget of a task that is being killed: that it is, why,
//! and until when it may end by itself. In a file of our own beside the task's checkpoints; the
//! command executor of Mesos, which outlives its agent, keeps this in its own process.
//!
//! The form is one line: the cause, when the kill began and when SIGKILL is due, both in
//! nanoseconds since the epoch.

use mesos_core::time::Time;

/// Why a task is being killed, which decides how its end is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillCause {
    /// The scheduler, or whoever ends the executor, wants it.
    Wanted,
    /// Its time is up.
    OutOfTime,
    /// Its health checks have failed too often.
    Unhealthy,
}

/// A kill in its grace period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KillNote {
    /// Why.
    pub cause: KillCause,
    /// When SIGTERM was sent first.
    pub since: Time,
    /// When SIGKILL is due.
    pub escalate_at: Time,
}

impl KillNote {
    /// The form that [`KillNote::parse`] reads.
    pub fn text(&self) -> String {
        let cause = match self.cause {
            KillCause::Wanted => "wanted",
            KillCause::OutOfTime => "out-of-time",
            KillCause::Unhealthy => "unhealthy",
        };
        format!("{cause} {} {}\n", self.since.as_nanos(), self.escalate_at.as_nanos())
    }

    /// Reads what [`KillNote::text`] wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<KillNote> {
        let mut words = text.split_ascii_whitespace();
        let cause = match words.next()? {
            "wanted" => KillCause::Wanted,
            "out-of-time" => KillCause::OutOfTime,
            "unhealthy" => KillCause::Unhealthy,
            _ => return None,
        };
        let since = Time::from_nanos(words.next()?.parse().ok()?);
        let escalate_at = Time::from_nanos(words.next()?.parse().ok()?);
        words.next().is_none().then_some(KillNote { cause, since, escalate_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        for cause in [KillCause::Wanted, KillCause::OutOfTime, KillCause::Unhealthy] {
            let (since, escalate_at) = (Time::from_nanos(5), Time::from_nanos(u64::MAX));
            let note = KillNote { cause, since, escalate_at };
            assert_eq!(KillNote::parse(&note.text()), Some(note));
        }
        for text in ["", "wanted", "wanted 1", "wanted 1 x", "other 1 2", "wanted 1 2 3"] {
            assert_eq!(KillNote::parse(text), None, "{text}");
        }
    }
}
