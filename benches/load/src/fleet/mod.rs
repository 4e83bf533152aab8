// SPDX-License-Identifier: Apache-2.0

//! Thousands of simulated agents on the real wire.
//!
//! A few listening sockets receive for all of them: the master sends to
//! `slave(17)@ip:port`, and the number says whom it means. One alone would not
//! do: a master may bound what waits for one address, and 50,000 agents behind
//! it fill any bound. They share a few outgoing connections; each agent always uses the same one, so its messages
//! stay in order. Everything runs on one thread.
//!
//! | the master says | an agent does |
//! |---|---|
//! | registered, registered again | notes its id and how long it took |
//! | ping | pong, to the process that asked |
//! | run task | says RUNNING |
//! | update acknowledged | says FINISHED after RUNNING if tasks are to finish; forgets a task that has ended |
//! | kill task | says KILLED |
//! | shutdown | is gone; counted |
//!
//! Updates are not repeated: loopback loses nothing, and a master that drops
//! one shall be seen to.

mod agent;
mod receive;
mod wires;

use std::{
    cell::{Ref, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use bytes::Bytes;
use mesos_proto::v1::{FrameworkId, TaskId, TaskState};
use mesos_wire::{Upid, WireMessage, encode};
use tokio::{net::TcpListener, sync::Notify, time::timeout};

use crate::{
    cluster::{self, Population},
    histogram::Histogram,
};
use agent::Agent;
pub use agent::Mood;
use wires::Wires;

/// The outgoing connections of all agents together.
const WIRES: usize = 8;
/// The addresses of all agents together.
const LISTENERS: usize = 8;

/// What tasks do once they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tasks {
    /// Run until killed.
    Run,
    /// Finish as soon as RUNNING is acknowledged.
    Finish,
}

/// What has happened to the agents since the counts were last reset.
#[derive(Clone, Default)]
pub struct Counts {
    /// Agents told that they are registered, or registered again.
    pub admitted: usize,
    /// From saying so to being told so.
    pub admission: Histogram,
    /// When the last was told.
    pub last_admitted: Option<Instant>,
    /// Tasks that the master asked to run.
    pub launched: usize,
    /// Ends of tasks that were acknowledged.
    pub ended: usize,
    /// Agents told to shut down.
    pub shut_down: usize,
    /// Pings.
    pub pings: usize,
    /// Messages that no simulated agent understands.
    pub unknown: usize,
}

struct State {
    master: Upid,
    /// Where the agents listen, each at one of them.
    addresses: [SocketAddr; LISTENERS],
    /// By number; number 0 does not exist.
    agents: Vec<Agent>,
    wires: Wires,
    tasks: Tasks,
    counts: Counts,
    updates: u64,
    changed: Rc<Notify>,
}

/// The agents; cheap to clone.
#[derive(Clone)]
pub struct Fleet {
    state: Rc<RefCell<State>>,
}

impl Fleet {
    /// So many agents that have not said anything yet.
    pub async fn new(master: SocketAddr, agents: usize, tasks: Tasks) -> Result<Self> {
        let mut addresses = [SocketAddr::from(([127, 0, 0, 1], 0)); LISTENERS];
        let mut listeners = Vec::new();
        for address in &mut addresses {
            let listener = TcpListener::bind(*address).await?;
            *address = listener.local_addr()?;
            listeners.push(listener);
        }
        let state = State {
            master: Upid::new("master", master),
            addresses,
            agents: (0..=agents).map(|number| agent_at(number, &addresses)).collect(),
            wires: Wires::connect(master, WIRES).await?,
            tasks,
            counts: Counts::default(),
            updates: 0,
            changed: Rc::new(Notify::new()),
        };
        let fleet = Fleet { state: Rc::new(RefCell::new(state)) };
        for listener in listeners {
            tokio::task::spawn_local(receive::serve(listener, fleet.clone()));
        }
        Ok(fleet)
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.state.borrow().agents.len() - 1
    }

    /// Adds one more and gives its number.
    pub fn grow(&self) -> usize {
        let mut state = self.state.borrow_mut();
        let number = state.agents.len();
        let agent = agent_at(number, &state.addresses);
        state.agents.push(agent);
        number
    }

    /// What has happened so far.
    pub fn counts(&self) -> Ref<'_, Counts> {
        Ref::map(self.state.borrow(), |state| &state.counts)
    }

    /// Starts counting anew.
    pub fn reset_counts(&self) {
        self.state.borrow_mut().counts = Counts::default();
    }

    /// From now on these agents behave so.
    pub fn set_mood(&self, numbers: std::ops::Range<usize>, mood: Mood) {
        let mut state = self.state.borrow_mut();
        for number in numbers {
            if let Some(agent) = state.agents.get_mut(number) {
                agent.mood = mood;
            }
        }
    }

    /// Opens the connections to the master anew, as after a failover.
    pub async fn reconnect(&self) -> Result<()> {
        let master = self.state.borrow().master.address;
        let wires = Wires::connect(master, WIRES).await?;
        self.state.borrow_mut().wires = wires;
        Ok(())
    }

    /// Lets agents say that they are new.
    pub fn register(&self, numbers: std::ops::Range<usize>) {
        let mut state = self.state.borrow_mut();
        for number in numbers {
            let port = state.port(number);
            let message = state.encode(number, &cluster::register(number, port));
            state.say_hello(number, message);
        }
    }

    /// What all agents have to say to a new master, so that saying it costs
    /// this process next to nothing while the master is timed.
    pub fn prepare_reregistration(&self, population: &Population) -> Vec<Bytes> {
        let state = self.state.borrow();
        let message = |number| {
            let port = state.port(number);
            state.encode(number, &cluster::reregister(number, port, population))
        };
        (1..state.agents.len()).map(message).collect()
    }

    /// Lets all agents say that they are back.
    pub fn reregister(&self, prepared: &[Bytes]) {
        self.reregister_from(1, prepared);
    }

    fn reregister_from(&self, first: usize, prepared: &[Bytes]) {
        let mut state = self.state.borrow_mut();
        for (index, message) in prepared.iter().enumerate() {
            state.say_hello(first + index, message.clone());
        }
    }

    /// Registers all agents again and waits for the last.
    pub async fn populate(&self, population: &Population, limit: Duration) -> Result<()> {
        self.populate_by(usize::MAX, population, limit).await
    }

    /// The same, but never more than so many at once.
    pub async fn populate_by(
        &self,
        batch: usize,
        population: &Population,
        limit: Duration,
    ) -> Result<()> {
        let prepared = self.prepare_reregistration(population);
        self.reset_counts();
        let mut said = 0;
        for messages in prepared.chunks(batch.min(prepared.len().max(1))) {
            self.reregister_from(said + 1, messages);
            said += messages.len();
            self.until(limit, "all agents to be admitted", |it| it.admitted >= said).await?;
        }
        Ok(())
    }

    /// Lets an agent leave for good.
    pub fn unregister(&self, number: usize) {
        self.state.borrow_mut().unregister(number);
    }

    /// Lets an agent say something about a task of the population or one it runs.
    pub fn report(&self, agent: usize, framework: &FrameworkId, task: &TaskId, news: TaskState) {
        self.state.borrow_mut().report(agent, framework, task, news);
    }

    /// Waits for a condition of the counts.
    pub async fn until(
        &self,
        limit: Duration,
        what: &str,
        condition: impl Fn(&Counts) -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + limit;
        let changed = self.state.borrow().changed.clone();
        while !condition(&self.counts()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if timeout(left, changed.notified()).await.is_err() {
                let counts = self.counts();
                bail!(
                    "waited {limit:?} for {what}: {} admitted, {} launched, {} ended, {} shut down",
                    counts.admitted,
                    counts.launched,
                    counts.ended,
                    counts.shut_down
                );
            }
        }
        Ok(())
    }
}

/// The agent of this number, listening where its number puts it.
fn agent_at(number: usize, addresses: &[SocketAddr; LISTENERS]) -> Agent {
    Agent::new(number, addresses[number % LISTENERS])
}

impl State {
    /// Where this agent listens.
    fn port(&self, number: usize) -> u16 {
        self.addresses[number % LISTENERS].port()
    }

    fn encode<M: WireMessage>(&self, agent: usize, message: &M) -> Bytes {
        let mut buffer = Vec::new();
        encode(&self.agents[agent].pid, &self.master, message, &mut buffer);
        buffer.into()
    }

    fn say_hello(&mut self, number: usize, message: Bytes) {
        let repeats = self.agents[number].mood == Mood::Repeating;
        self.agents[number].said_hello = Some(Instant::now());
        if repeats {
            self.wires.send(number, message.clone());
        }
        self.wires.send(number, message);
    }
}
