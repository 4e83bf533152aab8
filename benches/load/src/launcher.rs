// SPDX-License-Identifier: Apache-2.0

//! A framework that launches tasks, acknowledges their updates and times them.
//!
//! Eager: every offer is used at once for so many tasks, as long as there are
//! tasks left. Held: offers are kept, and the scenario says when to launch.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use mesos_proto::v1::{Offer, TaskId, TaskState, TaskStatus, scheduler::Event};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};

use crate::{
    cluster,
    framework::{Caller, Framework},
    histogram::Histogram,
};

/// Long enough to be for good.
const FOR_GOOD: f64 = 1e6;

/// What all launchers of a scenario share.
#[derive(Clone, Default)]
pub struct Supply {
    left: Rc<Cell<u64>>,
    next: Rc<Cell<u64>>,
}

impl Supply {
    /// So many tasks to launch.
    pub fn new(tasks: u64) -> Self {
        Supply { left: Rc::new(Cell::new(tasks)), next: Rc::default() }
    }

    /// Takes up to `most` and gives the number of the first and how many.
    fn take(&self, most: u64) -> (u64, u64) {
        let taken = most.min(self.left.get());
        let first = self.next.get();
        self.left.set(self.left.get() - taken);
        self.next.set(first + taken);
        (first, taken)
    }
}

/// When tasks are launched.
#[derive(Clone)]
pub enum When {
    /// So many on each offer, as it comes.
    Eager {
        /// Tasks in one ACCEPT.
        tasks_per_accept: usize,
    },
    /// When [`Launcher::launch`] is called.
    Held,
}

/// How far it is.
#[derive(Default)]
pub struct Progress {
    /// From ACCEPT, or from when it was due, to TASK_RUNNING.
    pub running: Histogram,
    /// Tasks that ended as they should.
    pub finished: u64,
    /// Tasks that ended otherwise.
    pub failed: u64,
    /// The first of those.
    pub first_failure: Option<String>,
    offers: VecDeque<Offer>,
    started: HashMap<TaskId, Instant>,
}

/// The framework at work; it ends with the value.
pub struct Launcher {
    caller: Caller,
    supply: Supply,
    progress: Rc<RefCell<Progress>>,
    changed: Rc<Notify>,
    work: JoinHandle<()>,
}

impl Drop for Launcher {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Launcher {
    /// Starts reading the framework's events.
    pub fn start(mut framework: Framework, when: When, supply: Supply) -> Self {
        let caller = framework.caller.clone();
        let progress = Rc::new(RefCell::new(Progress::default()));
        let changed = Rc::new(Notify::new());
        let worker = Worker {
            caller: caller.clone(),
            when,
            supply: supply.clone(),
            progress: progress.clone(),
            has_suppressed: Cell::new(false),
        };
        let notify = changed.clone();
        let work = tokio::task::spawn_local(async move {
            while let Some(event) = framework.events.recv().await {
                worker.handle(*event);
                notify.notify_waiters();
            }
        });
        Launcher { caller, supply, progress, changed, work }
    }

    /// How far it is.
    pub fn progress(&self) -> std::cell::Ref<'_, Progress> {
        self.progress.borrow()
    }

    /// Forgets the times so far.
    pub fn reset_times(&self) {
        self.progress.borrow_mut().running = Histogram::default();
    }

    /// Fails if the master refused a call or a task.
    pub fn check(&self) -> Result<()> {
        self.caller.check()?;
        let progress = self.progress.borrow();
        let first = progress.first_failure.as_deref().unwrap_or_default();
        ensure!(progress.failed == 0, "{} tasks failed, the first: {first}", progress.failed);
        Ok(())
    }

    /// Waits until so many offers are held.
    pub async fn until_offers(&self, count: usize, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        while self.progress.borrow().offers.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            let waited = timeout(left, self.changed.notified()).await;
            let held = self.progress.borrow().offers.len();
            ensure!(waited.is_ok(), "only {held} of {count} offers within {limit:?}");
        }
        Ok(())
    }

    /// Waits until so many tasks have ended as they should.
    pub async fn until_finished(&self, count: u64, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        while self.progress.borrow().finished < count {
            self.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            let waited = timeout(left, self.changed.notified()).await;
            let finished = self.progress.borrow().finished;
            ensure!(waited.is_ok(), "only {finished} of {count} tasks within {limit:?}");
        }
        Ok(())
    }

    /// Launches one task on the offer that was held longest, timed from `from`;
    /// false when there is none.
    pub fn launch(&self, from: Instant) -> bool {
        self.launch_where(from, |_| true)
    }

    /// The same, on the offers of some agents only.
    pub fn launch_where(&self, from: Instant, wanted: impl Fn(&Offer) -> bool) -> bool {
        let offer = {
            let offers = &mut self.progress.borrow_mut().offers;
            let at = offers.iter().position(wanted);
            at.and_then(|at| offers.remove(at))
        };
        let Some(offer) = offer else { return false };
        let (first, count) = self.supply.take(1);
        start_tasks(&self.caller, &self.progress, offer, first, count, from);
        count == 1
    }
}

struct Worker {
    caller: Caller,
    when: When,
    supply: Supply,
    progress: Rc<RefCell<Progress>>,
    has_suppressed: Cell<bool>,
}

impl Worker {
    fn handle(&self, event: Event) {
        if let Some(offers) = event.offers {
            match self.when {
                When::Eager { tasks_per_accept } => {
                    offers.offers.into_iter().for_each(|it| self.use_offer(it, tasks_per_accept));
                }
                When::Held => self.progress.borrow_mut().offers.extend(offers.offers),
            }
        }
        if let Some(update) = event.update {
            self.update(&update.status);
        }
        if let Some(rescind) = event.rescind {
            self.progress.borrow_mut().offers.retain(|offer| offer.id != rescind.offer_id);
        }
    }

    fn use_offer(&self, offer: Offer, most: usize) {
        let fitting = cluster::tasks_that_fit(&offer.resources).min(most);
        let (first, count) = self.supply.take(fitting as u64);
        if count > 0 {
            start_tasks(&self.caller, &self.progress, offer, first, count, Instant::now());
        } else {
            // Too small offers are wanted again when they have grown.
            let needs_more = self.supply.left.get() > 0;
            self.caller.decline(vec![offer.id], if needs_more { 0.1 } else { FOR_GOOD });
            if !needs_more && !self.has_suppressed.replace(true) {
                self.caller.suppress();
            }
        }
    }

    fn update(&self, status: &TaskStatus) {
        let mut progress = self.progress.borrow_mut();
        match status.state() {
            TaskState::TaskRunning => {
                if let Some(start) = progress.started.remove(&status.task_id) {
                    progress.running.record(start.elapsed());
                }
            }
            TaskState::TaskFinished | TaskState::TaskKilled => progress.finished += 1,
            TaskState::TaskStaging | TaskState::TaskStarting | TaskState::TaskKilling => {}
            TaskState::TaskFailed
            | TaskState::TaskError
            | TaskState::TaskLost
            | TaskState::TaskDropped
            | TaskState::TaskUnreachable
            | TaskState::TaskGone
            | TaskState::TaskGoneByOperator
            | TaskState::TaskUnknown => {
                progress.failed += 1;
                let text = || format!("{} {}", status.state().as_str_name(), status.message());
                progress.first_failure.get_or_insert_with(text);
            }
        }
        self.caller.acknowledge(status);
    }
}

fn start_tasks(
    caller: &Caller,
    progress: &RefCell<Progress>,
    offer: Offer,
    first: u64,
    count: u64,
    from: Instant,
) {
    let each = cluster::task_resources();
    let launch = cluster::launch(&offer.agent_id, first, count as usize, &each);
    if let Some(launch) = &launch.launch {
        let mut progress = progress.borrow_mut();
        let ids = launch.task_infos.iter().map(|task| (task.task_id.clone(), from));
        progress.started.extend(ids);
    }
    caller.accept(offer.id, vec![launch]);
}
