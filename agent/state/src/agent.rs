// SPDX-License-Identifier: Apache-2.0

//! The machine's entry points.

use std::collections::VecDeque;

use mesos_core::{rng::Rng, time::Time};

use crate::{
    config::Config, input::Input, metrics::Metrics, output::Output, recovery::RecoveredState,
};

/// A Mesos agent.
#[derive(Debug)]
pub struct Agent {
    config: Config,
    rng: Rng,
    outputs: VecDeque<Output>,
    metrics: Metrics,
}

impl Agent {
    /// An agent that has just started, with what it found of its former life.
    pub fn new(config: Config, recovered: RecoveredState, now: Time, seed: u64) -> Self {
        let _ = (recovered, now);
        Agent { config, rng: Rng::new(seed), outputs: VecDeque::new(), metrics: Metrics::default() }
    }

    /// Takes note of one thing that happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        let _ = (now, input, &self.config, &self.rng);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Agent::handle`] with [`Input::Wake`], and why.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        None
    }

    /// The present numbers.
    pub fn metrics(&self) -> Metrics {
        self.metrics
    }
}
