// SPDX-License-Identifier: Apache-2.0

//! The task that gives a scheduler driver sockets, a clock and a user.
//!
//! The order in which it looks at what is ready matters: what the master has
//! sent comes before timers, so that a busy client does not take a heartbeat
//! that it has not read yet for a missed one.

use std::collections::{BTreeMap, VecDeque};

use mesos_driver::{
    CallKey, Error,
    scheduler::{Accepted, Driver, Input, Output, Stopped},
};
use mesos_proto::v1::scheduler;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};
use tracing::info;

use super::wire;
use super::{Command, Keys, Told, builder::EVENTS_WAITING_MAX, stopped};
use crate::{
    clock::Clock,
    detector::Detector,
    transport::{Target, Wires},
};

struct Task {
    driver: Driver,
    clock: Clock,
    keys: Keys,
    wires: Wires<scheduler::Event>,
    waiting: BTreeMap<CallKey, oneshot::Sender<Result<Accepted, Error>>>,
    stopping: Vec<oneshot::Sender<Result<Stopped, Error>>>,
    /// What the scheduler has not taken yet.
    untold: VecDeque<Told>,
    reading_paused: bool,
    /// No one is left to tell anything.
    unheard: bool,
    /// No client is left to make calls.
    abandoned: bool,
    ended: bool,
}

/// Runs until the driver ends and the scheduler has been told everything, or has gone.
pub(super) async fn run(
    driver: Driver,
    mut detector: Detector,
    target: Target,
    mut commands: mpsc::Receiver<Command>,
    teller: mpsc::Sender<Told>,
) {
    let (wires, mut answered) = Wires::new(target);
    let mut task = Task {
        driver,
        clock: Clock::start(),
        keys: Keys::default(),
        wires,
        waiting: BTreeMap::new(),
        stopping: Vec::new(),
        untold: VecDeque::new(),
        reading_paused: false,
        unheard: false,
        abandoned: false,
        ended: false,
    };
    task.handle(Input::Start);
    while !(task.ended && task.untold.is_empty()) {
        let timer = task.driver.poll_timeout();
        let timer = timer.map(|(at, _)| task.clock.instant(at));
        tokio::select! {
            biased;
            command = commands.recv(), if !task.abandoned => match command {
                Some(command) => task.command(command),
                None => {
                    task.abandoned = true;
                    task.handle(Input::Stop { failover: true });
                }
            },
            detected = detector.next(), if !task.ended => task.handle(wire::detected(detected)),
            (attempt, news) = task.wires.news(), if !task.reading_paused => {
                wire::inputs(attempt, news, |input| task.handle(input));
            }
            Some(answer) = answered.recv() => task.handle(wire::answered(answer)),
            permit = teller.reserve(), if !task.untold.is_empty() => match permit {
                Ok(permit) => {
                    if let Some(told) = task.untold.pop_front() {
                        permit.send(told);
                    }
                }
                // Nobody reads any more.
                Err(_) => {
                    task.unheard = true;
                    task.untold.clear();
                }
            },
            () = sleep_until(timer.unwrap_or_else(tokio::time::Instant::now)), if timer.is_some() => {
                task.handle(Input::Wake);
            }
        }
        task.pause_or_resume();
    }
}

impl Task {
    fn command(&mut self, command: Command) {
        match command {
            Command::Call { call, answer } => {
                let key = self.keys.next();
                self.waiting.insert(key, answer);
                self.handle(Input::Call { key, call });
            }
            Command::Handled(key) => self.handle(Input::Handled(key)),
            Command::Stop { answer, .. } if self.ended => {
                // The caller may have stopped waiting.
                let _ = answer.send(Err(stopped()));
            }
            Command::Stop { failover, answer } => {
                self.stopping.push(answer);
                self.handle(Input::Stop { failover });
            }
        }
    }

    /// Stops reading while too much is untold, and starts again at half of it.
    fn pause_or_resume(&mut self) {
        let waiting = self.untold.len();
        if !self.reading_paused && waiting >= EVENTS_WAITING_MAX {
            self.reading_paused = true;
            self.handle(Input::ReadingPaused(true));
        } else if self.reading_paused && waiting <= EVENTS_WAITING_MAX / 2 {
            self.reading_paused = false;
            self.handle(Input::ReadingPaused(false));
        }
    }

    fn handle(&mut self, input: Input) {
        self.driver.handle(self.clock.now(), input);
        while let Some(output) = self.driver.poll_output() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Subscribe { attempt, master, call } => {
                self.wires.subscribe(attempt, master, &*call);
            }
            Output::Disconnect { attempt } => self.wires.disconnect(attempt),
            Output::Send { send, master, stream_id, call } => {
                self.wires.send(send, &master, Some(&stream_id), &*call);
            }
            Output::Event { event, handled } => self.tell(Told::Event { event, handled }),
            Output::Answered { key, result } => {
                if let Some(answer) = self.waiting.remove(&key) {
                    // The caller may have stopped waiting.
                    let _ = answer.send(result);
                }
            }
            Output::Note(text) => info!("{text}"),
            Output::Ended(result) => self.end(result),
        }
    }

    fn end(&mut self, result: Result<Stopped, Error>) {
        self.ended = true;
        for answer in self.stopping.drain(..) {
            // The caller may have stopped waiting.
            let _ = answer.send(result.clone());
        }
        for (_, answer) in std::mem::take(&mut self.waiting) {
            let _ = answer.send(Err(stopped()));
        }
        self.tell(Told::Ended(result));
    }

    fn tell(&mut self, told: Told) {
        if !self.unheard {
            self.untold.push_back(told);
        }
    }
}
