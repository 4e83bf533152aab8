// SPDX-License-Identifier: Apache-2.0

//! The thread that gives the executor machine sockets and a clock.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use mesos_driver::{
    executor,
    v0::executor::{Callback, Driver, Input, Method, Output},
};
use mesos_proto::v1::executor::Event;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::info;

use super::{ExecutorSession, builder::Prepared};
use crate::{
    calling_back::{
        callbacks::Told,
        session::Command,
        threads::{CALLBACKS_WAITING_MAX, Machine, has_room},
    },
    clock::Clock,
    executor::wire,
    transport::Wires,
};

struct Task {
    driver: Driver,
    clock: Clock,
    agent: String,
    wires: Wires<Event>,
    session: Arc<ExecutorSession>,
    /// What the executor has not been told yet.
    untold: VecDeque<Told<Callback, Infallible>>,
    kill_when_overdue: bool,
    ended: bool,
}

/// Runs until the machine ends and the executor has been told everything, or wants to hear
/// nothing more.
pub(super) async fn run(prepared: Prepared, mut side: Machine<Callback, Method, Infallible>) {
    let Prepared { driver, agent, target, kill_when_overdue } = prepared;
    let (wires, mut answered) = Wires::new(target);
    let mut task = Task {
        driver,
        clock: Clock::start(),
        agent,
        wires,
        session: Arc::clone(&side.session),
        untold: VecDeque::new(),
        kill_when_overdue,
        ended: false,
    };
    task.client(executor::Input::Start);
    while !(task.ended && (task.untold.is_empty() || side.teller.is_none())) {
        let mut unheard = false;
        let timer = task.driver.poll_timeout().map(|(at, _)| task.clock.instant(at));
        let reading = task.untold.len() < CALLBACKS_WAITING_MAX;
        tokio::select! {
            biased;
            Some(command) = side.commands.recv() => {
                unheard = command.ends_callbacks();
                task.command(command);
            }
            (attempt, news) = task.wires.news(), if reading => {
                wire::inputs(attempt, news, |input| task.client(input));
            }
            Some(answer) = answered.recv() => task.client(wire::answered(answer)),
            // The last callback has returned, if there is no room.
            room = has_room(side.teller.as_ref()), if !task.untold.is_empty() => unheard = !room,
            () = sleep_until(timer.unwrap_or_else(Instant::now)), if timer.is_some() => {
                task.client(executor::Input::Wake);
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

impl Task {
    fn command(&mut self, command: Command<Method, Infallible>) {
        match command {
            Command::Method(method) => self.handle(Input::Method(method)),
            Command::Handled(never) => match never {},
            Command::Abort => self.handle(Input::Abort),
            // Its last updates are the fate of its tasks: dropping it waits for them as long.
            Command::Stop { .. } | Command::Close => self.handle(Input::Stop),
        }
    }

    /// Hands over as many callbacks as there is room for.
    fn tell(&mut self, teller: &mpsc::Sender<Told<Callback, Infallible>>) {
        while let Ok(permit) = teller.try_reserve()
            && let Some(told) = self.untold.pop_front()
        {
            permit.send(told);
        }
    }

    fn client(&mut self, input: executor::Input) {
        self.handle(Input::Client(input));
    }

    fn handle(&mut self, input: Input) {
        self.driver.handle(self.clock.now(), input);
        while let Some(output) = self.driver.poll_output() {
            match output {
                Output::Subscribe { attempt, call } => {
                    self.wires.subscribe(attempt, self.agent.clone(), &*call);
                }
                Output::Disconnect { attempt } => self.wires.disconnect(attempt),
                Output::Send { send, call } => self.wires.send(send, &self.agent, None, &*call),
                Output::Callback(callback) => {
                    self.untold.push_back(Told::Callback { callback, handled: None });
                }
                Output::MethodDone => self.session.method_done(),
                Output::Note(text) => info!("{text}"),
                Output::KillSelf => {
                    if self.kill_when_overdue {
                        wire::kill_group();
                    }
                }
                Output::Ended => self.ended = true,
            }
        }
    }
}
