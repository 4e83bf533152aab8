// SPDX-License-Identifier: Apache-2.0

//! A framework that remembers everything it is told.

use anyhow::{Context, Result, bail};
use mesos_client::{
    Acknowledgement, Error, SchedulerClient, SchedulerEvent, SchedulerEvents,
    v1::{
        Filters, FrameworkId, FrameworkInfo, Offer, TaskId, TaskInfo, TaskState, TaskStatus,
        framework_info::{Capability, capability},
    },
};
use tokio::time::timeout;

use crate::wait::DEADLINE;

/// A framework under a test's control.
pub struct TestFramework {
    /// Makes its calls.
    pub client: SchedulerClient,
    /// Its id.
    pub id: FrameworkId,
    events: SchedulerEvents,
    offers: Vec<Offer>,
    /// Every status update, in order.
    pub updates: Vec<TaskStatus>,
    /// Every event that is neither an offer nor an update, in order.
    pub others: Vec<SchedulerEvent>,
}

impl TestFramework {
    /// What it is unless a test says otherwise.
    pub fn info() -> FrameworkInfo {
        let capability = |kind: capability::Type| Capability { r#type: Some(kind.into()) };
        FrameworkInfo {
            user: "root".into(),
            name: "integration test".into(),
            capabilities: vec![
                capability(capability::Type::PartitionAware),
                capability(capability::Type::TaskKillingState),
                capability(capability::Type::ReservationRefinement),
            ],
            ..Default::default()
        }
    }

    /// One that survives masters, agents and connections.
    pub fn checkpointing_info() -> FrameworkInfo {
        FrameworkInfo { checkpoint: Some(true), failover_timeout: Some(3600.0), ..Self::info() }
    }

    /// Subscribes, with implicit acknowledgement.
    ///
    /// # Errors
    /// It is refused, or not answered in time.
    pub async fn subscribe(master: &str, info: FrameworkInfo) -> Result<Self> {
        let (client, mut events) = SchedulerClient::builder(master, info)
            .acknowledgement(Acknowledgement::Implicit)
            .connection_delay_max(std::time::Duration::ZERO)
            .start()?;
        let event = timeout(DEADLINE, events.next()).await.context("no SUBSCRIBED")??;
        let Some(SchedulerEvent::Subscribed { framework_id, .. }) = event else {
            bail!("the first event is {event:?}");
        };
        let (offers, updates, others) = Default::default();
        Ok(TestFramework { client, id: framework_id, events, offers, updates, others })
    }

    /// Launches `tasks` on the next offer of any agent.
    ///
    /// # Errors
    /// No offer comes.
    pub async fn launch(&mut self, tasks: Vec<TaskInfo>) -> Result<Offer> {
        let offer = self.offer().await?;
        let tasks = tasks
            .into_iter()
            .map(|task| TaskInfo { agent_id: offer.agent_id.clone(), ..task })
            .collect();
        let filters = Filters { refuse_seconds: Some(0.0) };
        self.client.launch(vec![offer.id.clone()], tasks, filters).await?;
        Ok(offer)
    }

    /// The next offer.
    ///
    /// # Errors
    /// None comes.
    pub async fn offer(&mut self) -> Result<Offer> {
        while self.offers.is_empty() {
            self.step("an offer").await?;
        }
        Ok(self.offers.remove(0))
    }

    /// Waits until the task gets into one of `states`, from now on or already, and gives
    /// that status.
    ///
    /// # Errors
    /// It ends in another state, or nothing comes in time.
    pub async fn wait_for(&mut self, task: &str, states: &[TaskState]) -> Result<TaskStatus> {
        let mut seen = 0;
        loop {
            while let Some(status) = self.updates.get(seen) {
                seen += 1;
                if status.task_id.value != task {
                    continue;
                }
                if states.contains(&status.state()) {
                    return Ok(status.clone());
                }
                if is_final(status.state()) {
                    bail!("task {task} ended as {status:?}, not as {states:?}");
                }
            }
            self.step(&format!("task {task} in {states:?}")).await?;
        }
    }

    /// Waits for an event that is neither an offer nor an update.
    ///
    /// # Errors
    /// None comes.
    pub async fn other(&mut self) -> Result<SchedulerEvent> {
        while self.others.is_empty() {
            self.step("another event").await?;
        }
        Ok(self.others.remove(0))
    }

    /// Waits until the master ends the subscription for good, and gives the reason.
    ///
    /// # Errors
    /// It does not, in time.
    pub async fn ended_with(&mut self) -> Result<Error> {
        loop {
            let event = timeout(DEADLINE, self.events.next()).await.context("no end")?;
            match event {
                Ok(Some(_)) => {}
                Ok(None) => bail!("the framework was stopped"),
                Err(error) => return Ok(error),
            }
        }
    }

    /// The states of a task so far, repeated ones left out.
    pub fn states_of(&self, task: &str) -> Vec<TaskState> {
        let mut states: Vec<TaskState> = self
            .updates
            .iter()
            .filter(|status| status.task_id.value == task)
            .map(TaskStatus::state)
            .collect();
        states.dedup();
        states
    }

    /// Asks to kill a task.
    ///
    /// # Errors
    /// The call is refused.
    pub async fn kill(&self, task: &str) -> Result<()> {
        self.client.kill(TaskId { value: task.to_owned() }, None, None).await?;
        Ok(())
    }

    /// Takes one more event; `waiting_for` is for the error.
    ///
    /// # Errors
    /// None comes, or the framework has ended.
    pub async fn step(&mut self, waiting_for: &str) -> Result<()> {
        let event = timeout(DEADLINE, self.events.next()).await.with_context(|| {
            format!("waited in vain for {waiting_for}; updates: {:#?}", self.updates)
        })??;
        match event.context("the framework was stopped")? {
            SchedulerEvent::Offers(offers) => self.offers.extend(offers),
            SchedulerEvent::Rescind(id) => self.offers.retain(|offer| offer.id != id),
            SchedulerEvent::Update(status) => self.updates.push(status),
            lost @ SchedulerEvent::Disconnected { .. } => {
                self.offers.clear();
                self.others.push(lost);
            }
            other @ (SchedulerEvent::Subscribed { .. }
            | SchedulerEvent::InverseOffers(_)
            | SchedulerEvent::RescindInverseOffer(_)
            | SchedulerEvent::UpdateOperationStatus(_)
            | SchedulerEvent::Message { .. }
            | SchedulerEvent::AgentLost(_)
            | SchedulerEvent::ExecutorExited { .. }) => self.others.push(other),
        }
        Ok(())
    }
}

fn is_final(state: TaskState) -> bool {
    matches!(
        state,
        TaskState::TaskFinished
            | TaskState::TaskFailed
            | TaskState::TaskKilled
            | TaskState::TaskError
            | TaskState::TaskGone
            | TaskState::TaskDropped
    )
}
