// SPDX-License-Identifier: Apache-2.0

//! The task that gives an executor driver sockets, a clock and a user.

use std::collections::{BTreeMap, VecDeque};

use mesos_driver::{
    CallKey, Error,
    executor::{Driver, Input, Output},
};
use mesos_proto::v1::executor;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};
use tracing::info;

use super::wire;
use super::{Command, Told, builder::EVENTS_WAITING_MAX, stopped};
use crate::{
    clock::Clock,
    transport::{Target, Wires},
};

struct Task {
    driver: Driver,
    clock: Clock,
    agent: String,
    wires: Wires<executor::Event>,
    kill_group_when_overdue: bool,
    last_key: u64,
    waiting: BTreeMap<CallKey, oneshot::Sender<Result<(), Error>>>,
    stopping: Vec<oneshot::Sender<Result<(), Error>>>,
    /// What the executor has not taken yet.
    untold: VecDeque<Told>,
    /// No one is left to tell anything.
    unheard: bool,
    /// No client is left to make calls.
    abandoned: bool,
    ended: bool,
}

/// Runs until the driver ends and the executor has been told everything, or has gone.
pub(super) async fn run(
    driver: Driver,
    agent: String,
    target: Target,
    kill_group_when_overdue: bool,
    mut commands: mpsc::Receiver<Command>,
    teller: mpsc::Sender<Told>,
) {
    let (wires, mut answered) = Wires::new(target);
    let mut task = Task {
        driver,
        clock: Clock::start(),
        agent,
        wires,
        kill_group_when_overdue,
        last_key: 0,
        waiting: BTreeMap::new(),
        stopping: Vec::new(),
        untold: VecDeque::new(),
        unheard: false,
        abandoned: false,
        ended: false,
    };
    task.handle(Input::Start);
    while !(task.ended && task.untold.is_empty()) {
        let timer = task.driver.poll_timeout();
        let timer = timer.map(|(at, _)| task.clock.instant(at));
        let reading = task.untold.len() < EVENTS_WAITING_MAX;
        tokio::select! {
            biased;
            command = commands.recv(), if !task.abandoned => match command {
                Some(command) => task.command(command),
                None => {
                    task.abandoned = true;
                    task.handle(Input::Stop);
                }
            },
            (attempt, news) = task.wires.news(), if reading => {
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
    }
}

impl Task {
    fn command(&mut self, command: Command) {
        match command {
            Command::Update { status, answer } => {
                let key = self.expect_answer(answer);
                self.handle(Input::Update { key, status });
            }
            Command::Message { data, answer } => {
                let key = self.expect_answer(answer);
                self.handle(Input::Message { key, data });
            }
            Command::Stop { answer } if self.ended => {
                // The caller may have stopped waiting.
                let _ = answer.send(Err(stopped()));
            }
            Command::Stop { answer } => {
                self.stopping.push(answer);
                self.handle(Input::Stop);
            }
        }
    }

    fn expect_answer(&mut self, answer: oneshot::Sender<Result<(), Error>>) -> CallKey {
        self.last_key += 1;
        let key = CallKey(self.last_key);
        self.waiting.insert(key, answer);
        key
    }

    fn handle(&mut self, input: Input) {
        self.driver.handle(self.clock.now(), input);
        while let Some(output) = self.driver.poll_output() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Subscribe { attempt, call } => {
                self.wires.subscribe(attempt, self.agent.clone(), &*call);
            }
            Output::Disconnect { attempt } => self.wires.disconnect(attempt),
            Output::Send { send, call } => self.wires.send(send, &self.agent, None, &*call),
            Output::Event(event) => self.tell(Told::Event(event)),
            Output::Answered { key, result } => {
                if let Some(answer) = self.waiting.remove(&key) {
                    // The caller may have stopped waiting.
                    let _ = answer.send(result);
                }
            }
            Output::Note(text) => info!("{text}"),
            Output::KillSelf => {
                if self.kill_group_when_overdue {
                    wire::kill_group();
                }
            }
            Output::Ended(result) => self.end(result),
        }
    }

    fn end(&mut self, result: Result<(), Error>) {
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
