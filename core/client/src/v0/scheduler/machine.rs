// SPDX-License-Identifier: Apache-2.0

//! The thread that gives the scheduler machine sockets and a clock.

use std::{collections::VecDeque, sync::Arc};

use mesos_driver::{
    scheduler::{self, UpdateKey},
    v0::scheduler::{Callback, Driver, Input, Method, Output},
};
use mesos_proto::v1::scheduler::Event;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::info;

use super::{SchedulerSession, builder::Prepared};
use crate::{
    calling_back::{
        callbacks::Told,
        session::Command,
        threads::{CALLBACKS_WAITING_MAX, Machine, has_room},
    },
    clock::Clock,
    scheduler::wire,
    transport::Wires,
};

struct Task {
    driver: Driver,
    clock: Clock,
    wires: Wires<Event>,
    session: Arc<SchedulerSession>,
    /// What the framework has not been told yet.
    untold: VecDeque<Told<Callback, UpdateKey>>,
    reading_paused: bool,
    /// The owner waits for the end: it comes soon after the last call is on its way.
    closing: bool,
    ended: bool,
}

/// Runs until the machine ends and the framework has been told everything, or wants to hear
/// nothing more.
pub(super) async fn run(prepared: Prepared, mut side: Machine<Callback, Box<Method>, UpdateKey>) {
    let Prepared { driver, mut detector, target } = prepared;
    let (wires, mut answered) = Wires::new(target);
    let mut task = Task {
        driver,
        clock: Clock::start(),
        wires,
        session: Arc::clone(&side.session),
        untold: VecDeque::new(),
        reading_paused: false,
        closing: false,
        ended: false,
    };
    task.client(scheduler::Input::Start);
    while !(task.ended && (task.untold.is_empty() || side.teller.is_none())) {
        let mut unheard = false;
        let timer = task.driver.poll_timeout().map(|(at, _)| task.clock.instant(at));
        let written = task.closing.then(|| task.wires.written());
        tokio::select! {
            biased;
            Some(command) = side.commands.recv() => {
                unheard = command.ends_callbacks();
                task.command(command);
            }
            detected = detector.next(), if !task.ended => task.client(wire::detected(detected)),
            Some(()) = wait(written), if task.closing => {
                task.closing = false;
                task.handle(Input::Close);
            }
            (attempt, news) = task.wires.news(), if !task.reading_paused => {
                wire::inputs(attempt, news, |input| task.client(input));
            }
            Some(answer) = answered.recv() => task.client(wire::answered(answer)),
            // The last callback has returned, if there is no room.
            room = has_room(side.teller.as_ref()), if !task.untold.is_empty() => unheard = !room,
            () = sleep_until(timer.unwrap_or_else(Instant::now)), if timer.is_some() => {
                task.client(scheduler::Input::Wake);
            }
        }
        if unheard {
            side.teller = None;
        }
        match &side.teller {
            Some(teller) => task.tell(teller),
            None => task.untold.clear(),
        }
        task.pause_or_resume();
    }
}

/// Waits for what there may be to wait for.
async fn wait(future: Option<impl Future<Output = ()>>) -> Option<()> {
    future?.await;
    Some(())
}

impl Task {
    fn command(&mut self, command: Command<Box<Method>, UpdateKey>) {
        match command {
            Command::Method(method) => self.handle(Input::Method(method)),
            Command::Handled(update) => self.client(scheduler::Input::Handled(update)),
            Command::Abort => self.handle(Input::Abort),
            Command::Stop { failover } => self.handle(Input::Stop { failover }),
            Command::Close => {
                self.closing = true;
                self.handle(Input::Stop { failover: true });
            }
        }
    }

    /// Hands over as many callbacks as there is room for.
    fn tell(&mut self, teller: &mpsc::Sender<Told<Callback, UpdateKey>>) {
        while let Ok(permit) = teller.try_reserve()
            && let Some(told) = self.untold.pop_front()
        {
            permit.send(told);
        }
    }

    /// Stops reading while too much is untold, and starts again at half of it.
    fn pause_or_resume(&mut self) {
        let waiting = self.untold.len();
        if !self.reading_paused && waiting >= CALLBACKS_WAITING_MAX {
            self.reading_paused = true;
            self.client(scheduler::Input::ReadingPaused(true));
        } else if self.reading_paused && waiting <= CALLBACKS_WAITING_MAX / 2 {
            self.reading_paused = false;
            self.client(scheduler::Input::ReadingPaused(false));
        }
    }

    fn client(&mut self, input: scheduler::Input) {
        self.handle(Input::Client(input));
    }

    fn handle(&mut self, input: Input) {
        self.driver.handle(self.clock.now(), input);
        while let Some(output) = self.driver.poll_output() {
            match output {
                Output::Subscribe { attempt, master, call } => {
                    self.wires.subscribe(attempt, master, &*call);
                }
                Output::Disconnect { attempt } => self.wires.disconnect(attempt),
                Output::Send { send, master, stream_id, call } => {
                    self.wires.send(send, &master, Some(&stream_id), &*call);
                }
                Output::Callback { callback, handled } => self.untold.push_back(match *callback {
                    Callback::Error(message) => Told::Error(message),
                    callback @ (Callback::Registered { .. }
                    | Callback::Reregistered(_)
                    | Callback::Disconnected
                    | Callback::ResourceOffers(_)
                    | Callback::OfferRescinded(_)
                    | Callback::StatusUpdate(_)
                    | Callback::FrameworkMessage { .. }
                    | Callback::AgentLost(_)
                    | Callback::ExecutorLost { .. }) => {
                        Told::Callback { callback: Box::new(callback), handled }
                    }
                }),
                Output::MethodDone => self.session.method_done(),
                Output::Note(text) => info!("{text}"),
                Output::Ended => self.ended = true,
            }
        }
    }
}
