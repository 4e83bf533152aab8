// SPDX-License-Identifier: Apache-2.0

//! The thread that gives a raw machine sockets and a clock.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::{Arc, mpsc as answers},
};

use mesos_driver::{
    Attempt, CallKey, Error,
    raw::{Answer, Callback, Driver, Input, Output},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::info;

use super::connection::{Prepared, RawSession, Request, Spoken};
use crate::{
    calling_back::{
        callbacks::Told,
        session::Command,
        threads::{CALLBACKS_WAITING_MAX, Machine, has_room},
    },
    clock::Clock,
    executor::wire::kill_group,
    transport::{self, News, Outcome, Wires},
};

struct Task<P: Spoken> {
    driver: Driver<P>,
    clock: Clock,
    wires: Wires<P::Event>,
    session: Arc<RawSession<P>>,
    last_key: u64,
    /// Who waits for the answer to a call; nobody, if it was only sent.
    waiting: BTreeMap<CallKey, Option<answers::SyncSender<Result<Answer, Error>>>>,
    untold: VecDeque<Told<Callback<P::Event>, Infallible>>,
    kill_when_overdue: bool,
    ended: bool,
}

/// Runs until the connection is closed.
pub(super) async fn run<P: Spoken>(
    prepared: Prepared<P>,
    mut side: Machine<Callback<P::Event>, Request<P>, Infallible>,
) {
    let Prepared { driver, mut detector, target, kill_when_overdue } = prepared;
    let (wires, mut answered) = Wires::new(target);
    let mut task = Task {
        driver,
        clock: Clock::start(),
        wires,
        session: Arc::clone(&side.session),
        last_key: 0,
        waiting: BTreeMap::new(),
        untold: VecDeque::new(),
        kill_when_overdue,
        ended: false,
    };
    task.handle(Input::Start);
    while !task.ended {
        let mut unheard = false;
        let timer = task.driver.poll_timeout().map(|(at, _)| task.clock.instant(at));
        let reading = task.untold.len() < CALLBACKS_WAITING_MAX;
        tokio::select! {
            biased;
            Some(command) = side.commands.recv() => {
                unheard = command.ends_callbacks();
                task.command(command);
            }
            detected = detector.next() => task.handle(Input::Detected(detected)),
            (attempt, news) = task.wires.news(), if reading => task.news(attempt, news),
            Some(answer) = answered.recv() => task.answered(answer),
            // The last callback has returned, if there is no room.
            room = has_room(side.teller.as_ref()), if !task.untold.is_empty() => unheard = !room,
            () = sleep_until(timer.unwrap_or_else(Instant::now)), if timer.is_some() => {
                task.handle(Input::Wake);
            }
        }
        if unheard {
            side.teller = None;
        }
        match &side.teller {
            Some(teller) => task.tell(teller),
            None => task.untold.clear(),
        }
    }
}

impl<P: Spoken> Task<P> {
    fn command(&mut self, command: Command<Request<P>, Infallible>) {
        match command {
            Command::Method(Request::Call { call, answer }) => {
                self.last_key += 1;
                let key = CallKey(self.last_key);
                self.waiting.insert(key, answer);
                self.handle(Input::Call { key, call });
            }
            Command::Method(Request::Reconnect) => {
                self.session.method_done();
                self.handle(Input::Reconnect);
            }
            Command::Handled(never) => match never {},
            // A callback that failed must not leave a connection that nobody reads.
            Command::Abort | Command::Stop { .. } | Command::Close => self.handle(Input::Stop),
        }
    }

    fn news(&mut self, attempt: Attempt, news: News<P::Event>) {
        self.handle(match news {
            News::Connected => Input::Connected { attempt },
            News::Opened { stream_id } => Input::StreamOpened { attempt, stream_id },
            News::Refused { status, location, body } => {
                Input::StreamRefused { attempt, status, location, body }
            }
            News::Records(events) => Input::Records { attempt, events },
            News::Failed { reason } => Input::StreamFailed { attempt, reason },
        });
    }

    fn answered(&mut self, answer: transport::Answer) {
        let send = answer.send;
        self.handle(match answer.outcome {
            Outcome::Answered { status, body } => Input::CallAnswered { send, status, body },
            Outcome::Failed { reason } => Input::CallFailed { send, reason },
        });
    }

    /// Hands over as many callbacks as there is room for.
    fn tell(&mut self, teller: &mpsc::Sender<Told<Callback<P::Event>, Infallible>>) {
        while let Ok(permit) = teller.try_reserve()
            && let Some(told) = self.untold.pop_front()
        {
            permit.send(told);
        }
    }

    fn handle(&mut self, input: Input<P>) {
        self.driver.handle(self.clock.now(), input);
        while let Some(output) = self.driver.poll_output() {
            match output {
                Output::Connect { attempt, authority } => self.wires.connect(attempt, authority),
                Output::Subscribe(call) => self.wires.post(&*call),
                Output::Disconnect { attempt } => self.wires.disconnect(attempt),
                Output::Send { send, authority, stream_id, call } => {
                    self.wires.send(send, &authority, stream_id.as_deref(), &*call);
                }
                Output::Callback(callback) => {
                    let callback = Box::new(callback);
                    self.untold.push_back(Told::Callback { callback, handled: None });
                }
                Output::Answered { key, result } => {
                    self.session.method_done();
                    match (self.waiting.remove(&key).flatten(), result) {
                        // The caller may have stopped waiting.
                        (Some(waiting), result) => drop(waiting.try_send(result)),
                        (None, Ok(answer)) if matches!(answer.status, 200 | 202) => {}
                        (None, Ok(answer)) => {
                            info!("a call was answered with {}: {}", answer.status, answer.text());
                        }
                        (None, Err(error)) => info!("{error}"),
                    }
                }
                Output::Note(text) => info!("{text}"),
                Output::KillSelf => {
                    if self.kill_when_overdue {
                        kill_group();
                    }
                }
                Output::Ended => self.ended = true,
            }
        }
    }
}
