// SPDX-License-Identifier: Apache-2.0

//! Waits for an offer that fits, launches, and follows the tasks to their end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use mesos_client::{
    Error, ErrorKind, Resources, SchedulerClient, SchedulerEvent, SchedulerEvents,
    v1::{
        AgentId, ExecutorId, ExecutorInfo, Filters, FrameworkId, Offer, TaskGroupInfo, TaskId,
        TaskInfo, TaskState, TaskStatus, executor_info, offer, resource::ReservationInfo,
        resource::reservation_info,
    },
};
use mesos_core::task_state::is_terminal;
use tokio::time::{Instant, sleep_until};

use super::{print, work::Work};

/// What the executor of a task group takes besides its tasks.
const GROUP_EXECUTOR_RESOURCES: &str = "cpus:0.1;mem:32;disk:32";

/// One run of `mesos-execute`.
pub(super) struct Runner {
    client: SchedulerClient,
    work: Work,
    role: String,
    kill_after: Option<Duration>,
    framework_id: Option<FrameworkId>,
    launched: bool,
    /// The tasks to kill, and when.
    kills: BTreeMap<String, (Instant, AgentId)>,
    terminal: BTreeMap<String, TaskState>,
}

impl Runner {
    pub(super) fn new(
        client: SchedulerClient,
        work: Work,
        role: &str,
        kill_after: Option<Duration>,
    ) -> Self {
        Runner {
            client,
            work,
            role: role.to_owned(),
            kill_after,
            framework_id: None,
            launched: false,
            kills: BTreeMap::new(),
            terminal: BTreeMap::new(),
        }
    }

    /// Runs to the end; whether every task has finished well.
    pub(super) async fn run(mut self, mut events: SchedulerEvents) -> Result<bool, Error> {
        while !self.is_over() {
            let kill_at = self.kills.values().map(|(at, _)| *at).min();
            tokio::select! {
                event = events.next() => match event {
                    Ok(Some(event)) => self.handle(event).await?,
                    Ok(None) => return Err(Error::new(ErrorKind::Stopped, "stopped")),
                    Err(error) if error.kind == ErrorKind::SubscriptionRefused => {
                        let message = format!("Received an ERROR event: {error}");
                        return Err(Error { message, ..error });
                    }
                    Err(error) => return Err(error),
                },
                () = sleep_until(kill_at.unwrap_or_else(Instant::now)), if kill_at.is_some() => {
                    self.kill_due().await?;
                }
            }
        }
        self.client.stop().await?;
        Ok(self.terminal.values().all(|state| *state == TaskState::TaskFinished))
    }

    fn is_over(&self) -> bool {
        self.work.tasks().iter().all(|task| self.terminal.contains_key(&task.task_id.value))
    }

    async fn handle(&mut self, event: SchedulerEvent) -> Result<(), Error> {
        match event {
            SchedulerEvent::Subscribed { framework_id, .. } => {
                say(&format!("Subscribed with ID {}", framework_id.value));
                self.framework_id = Some(framework_id);
            }
            SchedulerEvent::Disconnected { reason } => eprintln!("Disconnected: {reason}"),
            SchedulerEvent::Offers(offers) => {
                for offer in offers {
                    self.consider(offer).await?;
                }
            }
            SchedulerEvent::Update(status) => self.update(status).await?,
            SchedulerEvent::InverseOffers(_)
            | SchedulerEvent::Rescind(_)
            | SchedulerEvent::RescindInverseOffer(_)
            | SchedulerEvent::UpdateOperationStatus(_)
            | SchedulerEvent::Message { .. }
            | SchedulerEvent::AgentLost(_)
            | SchedulerEvent::ExecutorExited { .. } => {}
        }
        Ok(())
    }

    /// Launches on the first offer that is large enough; declines the others.
    async fn consider(&mut self, offer: Offer) -> Result<(), Error> {
        if self.launched {
            return self.decline(offer).await;
        }
        let offered = Resources::from_proto(&offer.resources).unallocated();
        let Some(operation) = self.operation(offered, &offer.agent_id) else {
            return self.decline(offer).await;
        };
        let agent = offer.agent_id.value.clone();
        let accepted = self.client.accept(vec![offer.id], vec![operation], Filters::default());
        if goes_on(accepted.await)? {
            self.launched = true;
            let names: Vec<_> = self.work.tasks().iter().map(|task| &*task.task_id.value).collect();
            match &self.work {
                Work::Task(task) => {
                    say(&format!("Submitted task '{}' to agent '{agent}'", task.name));
                }
                Work::Group { .. } => say(&format!(
                    "Submitted task group with tasks [ {} ] to agent '{agent}'",
                    names.join(", ")
                )),
            }
            goes_on(self.client.suppress(Vec::new()).await)?;
        }
        Ok(())
    }

    async fn decline(&self, offer: Offer) -> Result<(), Error> {
        goes_on(self.client.decline(vec![offer.id], Filters::default()).await).map(drop)
    }

    /// The operation that launches the work on `offered`; none when it does not fit.
    fn operation(&self, mut offered: Resources, agent_id: &AgentId) -> Option<offer::Operation> {
        let mut place = |task: &TaskInfo| {
            let taken = self.take(&mut offered, &Resources::from_proto(&task.resources))?;
            let resources = taken.to_proto();
            Some(TaskInfo { agent_id: agent_id.clone(), resources, ..task.clone() })
        };
        match &self.work {
            Work::Task(task) => {
                let task_infos = vec![place(task)?];
                Some(offer::Operation {
                    r#type: Some(offer::operation::Type::Launch.into()),
                    launch: Some(offer::operation::Launch { task_infos }),
                    ..Default::default()
                })
            }
            Work::Group { group, container } => {
                let tasks = group.tasks.iter().map(place).collect::<Option<Vec<_>>>()?;
                let resources = Resources::parse(GROUP_EXECUTOR_RESOURCES, "*").ok()?;
                let resources = self.take(&mut offered, &resources)?.to_proto();
                let executor = ExecutorInfo {
                    r#type: Some(executor_info::Type::Default.into()),
                    executor_id: ExecutorId { value: "default-executor".into() },
                    framework_id: self.framework_id.clone(),
                    resources,
                    container: container.as_deref().cloned(),
                    ..Default::default()
                };
                Some(offer::Operation {
                    r#type: Some(offer::operation::Type::LaunchGroup.into()),
                    launch_group: Some(offer::operation::LaunchGroup {
                        executor,
                        task_group: TaskGroupInfo { tasks },
                    }),
                    ..Default::default()
                })
            }
        }
    }

    /// Takes `wanted` out of `offered`, from what is reserved to the role first.
    fn take(&self, offered: &mut Resources, wanted: &Resources) -> Option<Resources> {
        let taken = if self.role == "*" {
            offered.find(wanted)?
        } else {
            let reservation = ReservationInfo {
                r#type: Some(reservation_info::Type::Static.into()),
                role: Some(self.role.clone()),
                ..Default::default()
            };
            offered.find(&wanted.push_reservation(&reservation).ok()?)?
        };
        *offered -= &taken;
        Some(taken)
    }

    async fn update(&mut self, status: TaskStatus) -> Result<(), Error> {
        say(&print::status_update(&status));
        goes_on(self.client.acknowledge(&status).await)?;
        let task = status.task_id.value.clone();
        if status.state() == TaskState::TaskRunning
            && let (Some(delay), Some(agent)) = (self.kill_after, status.agent_id.clone())
        {
            self.kills.entry(task.clone()).or_insert((Instant::now() + delay, agent));
        }
        if is_terminal(status.state()) {
            self.kills.remove(&task);
            self.terminal.insert(task, status.state());
        }
        Ok(())
    }

    async fn kill_due(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let due: BTreeSet<String> = self
            .kills
            .iter()
            .filter(|(_, (at, _))| *at <= now)
            .map(|(task, _)| task.clone())
            .collect();
        for task in due {
            let Some((_, agent)) = self.kills.remove(&task) else {
                continue;
            };
            say(&format!("Asked to kill task '{task}' on agent '{}'", agent.value));
            goes_on(self.client.kill(TaskId { value: task }, Some(agent), None).await)?;
        }
        Ok(())
    }
}

/// Whether a call was taken. A call lost with the connection is no reason to give up: new
/// offers come, and updates are repeated.
fn goes_on<T>(result: Result<T, Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::Disconnected | ErrorKind::Transport | ErrorKind::Unavailable
            ) =>
        {
            eprintln!("{error}");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

#[expect(clippy::print_stdout, reason = "it is a command line tool")]
fn say(text: &str) {
    println!("{text}");
}
