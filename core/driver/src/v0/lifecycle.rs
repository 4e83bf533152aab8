// SPDX-License-Identifier: Apache-2.0

//! What each method of a native driver returns, and when it does something.
//!
//! | status | `start` | `stop` | `abort` | its owner goes | any other method |
//! |---|---|---|---|---|---|
//! | NOT_STARTED | becomes RUNNING | nothing | nothing | becomes ABORTED | nothing |
//! | RUNNING | nothing | becomes STOPPED | becomes ABORTED | becomes STOPPED | is carried out |
//! | ABORTED | nothing | becomes STOPPED, returns ABORTED | nothing | becomes STOPPED, returns ABORTED | nothing |
//! | STOPPED | nothing | nothing | nothing | nothing | nothing |
//!
//! Every method returns the status it leads to, but for `stop` after an
//! abort. While `start` is under way, the status is RUNNING already; a start
//! that fails aborts.

/// The status of a native driver, with its number in `mesos.Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Status {
    /// `start` was not called.
    NotStarted = 1,
    /// Callbacks come, and methods are carried out.
    Running = 2,
    /// Ended by `abort` or by an error.
    Aborted = 3,
    /// Ended by `stop`.
    Stopped = 4,
}

/// What a method returns, and whether it is to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the method returns.
    pub returns: Status,
    /// Whether it has to be carried out.
    pub act: bool,
}

/// Where a native driver stands.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle(Status);

impl Default for Lifecycle {
    fn default() -> Self {
        Lifecycle(Status::NotStarted)
    }
}

impl Lifecycle {
    /// The status now.
    pub fn status(self) -> Status {
        self.0
    }

    /// `start()`.
    pub fn start(&mut self) -> Step {
        self.step(Status::Running, self.0 == Status::NotStarted)
    }

    /// `stop()`.
    pub fn stop(&mut self) -> Step {
        let aborted = self.0 == Status::Aborted;
        let step = self.step(Status::Stopped, aborted || self.0 == Status::Running);
        if aborted { Step { returns: Status::Aborted, ..step } } else { step }
    }

    /// `abort()`.
    pub fn abort(&mut self) -> Step {
        self.step(Status::Aborted, self.0 == Status::Running)
    }

    /// Its owner goes, and whoever else knows it cannot start it any more.
    pub fn close(&mut self) -> Step {
        if self.0 == Status::NotStarted { self.step(Status::Aborted, true) } else { self.stop() }
    }

    /// Any other method.
    pub fn method(self) -> Step {
        Step { returns: self.0, act: self.0 == Status::Running }
    }

    fn step(&mut self, next: Status, act: bool) -> Step {
        if act {
            self.0 = next;
        }
        Step { returns: self.0, act }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lifecycle, Status::*, Step};

    #[test]
    fn every_method_returns_what_the_table_says() {
        let step = |returns, act| Step { returns, act };
        for (status, start, stop, abort, method) in [
            (
                NotStarted,
                step(Running, true),
                step(NotStarted, false),
                step(NotStarted, false),
                step(NotStarted, false),
            ),
            (
                Running,
                step(Running, false),
                step(Stopped, true),
                step(Aborted, true),
                step(Running, true),
            ),
            (
                Aborted,
                step(Aborted, false),
                step(Aborted, true),
                step(Aborted, false),
                step(Aborted, false),
            ),
            (
                Stopped,
                step(Stopped, false),
                step(Stopped, false),
                step(Stopped, false),
                step(Stopped, false),
            ),
        ] {
            assert_eq!(Lifecycle(status).start(), start, "start when {status:?}");
            assert_eq!(Lifecycle(status).stop(), stop, "stop when {status:?}");
            assert_eq!(Lifecycle(status).abort(), abort, "abort when {status:?}");
            assert_eq!(Lifecycle(status).method(), method, "a method when {status:?}");
        }
    }

    #[test]
    fn a_driver_whose_owner_has_gone_is_not_started() {
        let mut lifecycle = Lifecycle::default();
        assert_eq!(lifecycle.close(), Step { returns: Aborted, act: true });
        assert_eq!(lifecycle.start(), Step { returns: Aborted, act: false });
        for (status, returns) in [(Running, Stopped), (Aborted, Aborted), (Stopped, Stopped)] {
            assert_eq!(Lifecycle(status).close(), Step { returns, act: status != Stopped });
        }
    }

    #[test]
    fn a_stop_after_an_abort_leaves_the_driver_stopped() {
        let mut lifecycle = Lifecycle(Aborted);
        lifecycle.stop();
        assert_eq!(lifecycle.status(), Stopped);
    }
}
