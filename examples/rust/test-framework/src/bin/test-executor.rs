// SPDX-License-Identifier: Apache-2.0

//! The executor of the test-framework.
//!
//! For each task it reports TASK_RUNNING, sends a message to the framework,
//! and reports TASK_FINISHED once the message has come back. Messages can be
//! lost, so it repeats them. Its log is the sandbox's `stderr`.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use mesos_client::{
    ExecutorClient, ExecutorEvent, ExecutorEvents,
    v1::{TaskGroupInfo, TaskId, TaskState, TaskStatus},
};
use tokio::time::{Instant, sleep_until};

/// After this long without its echo, a message is sent again.
const REPEAT_AFTER: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Colours would only litter a file.
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).init();
    let (client, events) = ExecutorClient::from_environment()?.start()?;
    TestExecutor { client, waiting: BTreeMap::new(), repeat_at: Instant::now() }.run(events).await
}

struct TestExecutor {
    client: ExecutorClient,
    /// The tasks that wait for the echo of their message, by the message.
    waiting: BTreeMap<String, TaskId>,
    repeat_at: Instant,
}

impl TestExecutor {
    async fn run(mut self, mut events: ExecutorEvents) -> Result<()> {
        loop {
            tokio::select! {
                event = events.next() => match event? {
                    Some(event) => self.handle(event).await?,
                    None => return Ok(()),
                },
                () = sleep_until(self.repeat_at), if !self.waiting.is_empty() => {
                    self.send_messages().await;
                }
            }
        }
    }

    async fn handle(&mut self, event: ExecutorEvent) -> Result<()> {
        match event {
            ExecutorEvent::Subscribed { again, agent, .. } => {
                eprintln!("Subscribed with the agent on {}, again: {again}", agent.hostname);
            }
            ExecutorEvent::Disconnected { reason } => eprintln!("Disconnected: {reason}"),
            ExecutorEvent::Launch(task) => self.launch(task.task_id).await?,
            ExecutorEvent::LaunchGroup(TaskGroupInfo { tasks }) => {
                for task in tasks {
                    self.launch(task.task_id).await?;
                }
            }
            ExecutorEvent::Message(data) => self.echo(&String::from_utf8_lossy(&data)).await?,
            ExecutorEvent::Kill { task_id, .. } => {
                self.waiting.retain(|_, waiting| *waiting != task_id);
                self.report(task_id, TaskState::TaskKilled).await?;
            }
            ExecutorEvent::Acknowledged { .. } => {}
            ExecutorEvent::Shutdown { reason } => {
                eprintln!("Shutting down: {reason}");
                for task_id in std::mem::take(&mut self.waiting).into_values() {
                    // With the agent gone, nobody can be told.
                    let _ = self.report(task_id, TaskState::TaskKilled).await;
                }
                self.client.stop().await?;
            }
        }
        Ok(())
    }

    async fn launch(&mut self, task_id: TaskId) -> Result<()> {
        eprintln!("Starting task {}", task_id.value);
        self.report(task_id.clone(), TaskState::TaskRunning).await?;
        self.waiting.insert(format!("hello from task {}", task_id.value), task_id);
        self.send_messages().await;
        Ok(())
    }

    async fn send_messages(&mut self) {
        self.repeat_at = Instant::now() + REPEAT_AFTER;
        for message in self.waiting.keys() {
            if let Err(error) = self.client.message(message.clone()).await {
                eprintln!("Cannot send '{message}': {error}");
            }
        }
    }

    async fn echo(&mut self, message: &str) -> Result<()> {
        match self.waiting.remove(message) {
            Some(task_id) => {
                eprintln!("'{message}' came back, task {} is done", task_id.value);
                self.report(task_id, TaskState::TaskFinished).await?;
            }
            None => eprintln!("'{message}' came back again"),
        }
        Ok(())
    }

    async fn report(&self, task_id: TaskId, state: TaskState) -> Result<()> {
        let status = TaskStatus { task_id, state: state.into(), ..Default::default() };
        Ok(self.client.update(status).await?)
    }
}
