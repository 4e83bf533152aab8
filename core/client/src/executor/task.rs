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
use tracing::{debug, info, warn};

use super::{Command, Told, builder::EVENTS_WAITING_MAX, stopped};
use crate::{
    clock::Clock,
    transport::{Answer, Calls, News, Outcome, Stream, Target},
};

struct Task {
    driver: Driver,
    clock: Clock,
    agent: String,
    target: Target,
    kill_group_when_overdue: bool,
    last_key: u64,
    stream: Option<Stream<executor::Event>>,
    calls: Option<Calls>,
    answers: mpsc::UnboundedSender<Answer>,
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
    let (answers, mut answered) = mpsc::unbounded_channel();
    let mut task = Task {
        driver,
        clock: Clock::start(),
        agent,
        target,
        kill_group_when_overdue,
        last_key: 0,
        stream: None,
        calls: None,
        answers,
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
            news = next_news(&mut task.stream), if reading => task.news(news),
            Some(answer) = answered.recv() => task.answer(answer),
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

/// The next news of the stream; never, without one.
async fn next_news(stream: &mut Option<Stream<executor::Event>>) -> News<executor::Event> {
    match stream {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
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

    fn news(&mut self, news: News<executor::Event>) {
        let Some(attempt) = self.stream.as_ref().map(Stream::attempt) else {
            return;
        };
        match news {
            News::Opened { .. } => self.handle(Input::StreamOpened { attempt }),
            News::Refused { status, location: _, body } => {
                self.handle(Input::StreamRefused { attempt, status, body });
            }
            News::Records(events) => {
                for event in events {
                    self.handle(Input::Record { attempt, event: Box::new(event) });
                }
            }
            News::Failed { reason } => {
                // There is no more news, whatever the driver makes of it.
                self.stream = None;
                self.handle(Input::StreamFailed { attempt, reason });
            }
        }
    }

    fn answer(&mut self, answer: Answer) {
        let send = answer.send;
        match answer.outcome {
            Outcome::Answered { status, body } => {
                self.handle(Input::CallAnswered { send, status, body });
            }
            Outcome::Failed { reason } => self.handle(Input::CallFailed { send, reason }),
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
            Output::Subscribe { attempt, call } => {
                debug!(attempt = attempt.0, agent = self.agent, "subscribing");
                let body = self.target.content_type.encode(&*call);
                let agent = self.agent.clone();
                self.stream = Some(Stream::open(attempt, agent, self.target.clone(), body));
            }
            Output::Disconnect { attempt } => {
                debug!(attempt = attempt.0, "disconnecting");
                self.stream = None;
                self.calls = None;
            }
            Output::Send { send, call } => {
                let body = self.target.content_type.encode(&*call);
                let calls = self.calls.get_or_insert_with(|| {
                    Calls::new(self.agent.clone(), &self.target, self.answers.clone())
                });
                calls.send(send, None, &body);
            }
            Output::Event(event) => self.tell(Told::Event(event)),
            Output::Answered { key, result } => {
                if let Some(answer) = self.waiting.remove(&key) {
                    // The caller may have stopped waiting.
                    let _ = answer.send(result);
                }
            }
            Output::Note(text) => info!("{text}"),
            Output::KillSelf => self.kill_group(),
            Output::Ended(result) => self.end(result),
        }
    }

    /// What the executor started may ignore its end; an agent started it as the leader of
    /// a process group of its own.
    fn kill_group(&self) {
        if !self.kill_group_when_overdue {
            return;
        }
        warn!("the shutdown grace period is over: killing the process group");
        let own = nix::unistd::getpid();
        let result = if nix::unistd::getpgrp() == own {
            nix::sys::signal::killpg(own, nix::sys::signal::SIGKILL)
        } else {
            nix::sys::signal::kill(own, nix::sys::signal::SIGKILL)
        };
        if let Err(error) = result {
            warn!("cannot kill the process group: {error}");
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
