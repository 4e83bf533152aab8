// SPDX-License-Identifier: Apache-2.0

//! The agent's state machine: the life of a command task, from the master's
//! message to the acknowledged end, with a container and a disk that do at once
//! what they are asked.

use std::{hint::black_box, time::Duration};

use mesos_agent_state::{
    Agent, Config, ContainerId, FromMaster, Input, Output, RecoveredState, ToMaster,
    input::ContainerExit,
};
use mesos_core::time::Time;
use mesos_load::cluster;
use mesos_proto::{
    internal::{
        PingSlaveMessage, RunTaskMessage, SlaveRegisteredMessage,
        StatusUpdateAcknowledgementMessage,
    },
    v1::{AgentId, FrameworkInfo, TaskInfo, TaskStatus},
};

use crate::meter::Meter;

const MASTER: &str = "master@10.0.0.1:5050";
const AGENT_ID: &str = "3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-S17";
const TASKS: usize = 100;
const PINGS: usize = 1_000;

/// An agent and what it wanted done.
struct Shell {
    agent: Agent,
    now: Time,
    launched: Vec<ContainerId>,
    updates: Vec<TaskStatus>,
}

impl Shell {
    fn registered() -> Self {
        let now = Time::from_secs_f64(1000.0);
        let config = Config::new(cluster::agent_info(17, 5051), "10.0.0.2", 5051, "/work");
        let agent = Agent::new(config, RecoveredState::default(), now, 1);
        let mut shell = Shell { agent, now, launched: Vec::new(), updates: Vec::new() };
        shell.input(Input::MasterDetected(Some(MASTER.to_owned())));
        while let Some((at, _)) = shell.agent.poll_timeout()
            && at <= now + Duration::from_secs(1)
        {
            shell.now = at;
            shell.input(Input::Wake);
        }
        let agent_id = AgentId { value: AGENT_ID.to_owned() };
        shell.master(FromMaster::Registered(SlaveRegisteredMessage { agent_id, connection: None }));
        shell
    }

    fn input(&mut self, input: Input) {
        self.now = self.now + Duration::from_micros(10);
        self.agent.handle(self.now, input);
        while let Some(output) = self.agent.poll_output() {
            if let Output::Checkpoint { write, .. } = &output {
                self.agent.handle(self.now, Input::CheckpointStored { write: *write });
            } else if let Output::Launch(spec) = output {
                self.launched.push(spec.container.clone());
            } else if let Output::ToMaster { message, .. } = output
                && let ToMaster::StatusUpdate(message) = *message
            {
                self.updates.push(message.update.status);
            }
        }
    }

    fn master(&mut self, message: FromMaster) {
        self.input(Input::MasterMessage { from: MASTER.to_owned(), message: Box::new(message) });
    }

    fn acknowledge_all(&mut self, framework: &FrameworkInfo) {
        while let Some(status) = self.updates.pop() {
            let acknowledgement = StatusUpdateAcknowledgementMessage {
                agent_id: AgentId { value: AGENT_ID.to_owned() },
                framework_id: framework.id.clone().unwrap_or_default(),
                task_id: status.task_id,
                uuid: status.uuid.unwrap_or_default(),
            };
            self.master(FromMaster::StatusUpdateAcknowledgement(acknowledgement));
        }
    }

    /// From RUN_TASK to the acknowledged TASK_FINISHED.
    fn live(&mut self, framework: &FrameworkInfo, task: TaskInfo) {
        self.master(FromMaster::RunTask(RunTaskMessage {
            framework: framework.clone(),
            pid: Some("@0.0.0.0:0".to_owned()),
            task,
            launch_executor: Some(true),
            ..Default::default()
        }));
        let container = self.launched.pop().expect("it is launched");
        self.input(Input::ContainerLaunched { container: container.clone(), pid: 77 });
        self.acknowledge_all(framework);
        let exit = ContainerExit { status: Some(0), limitation: None };
        self.input(Input::ContainerExited { container, exit });
        self.acknowledge_all(framework);
    }
}

fn tasks(first: u64) -> Vec<TaskInfo> {
    let agent = AgentId { value: AGENT_ID.to_owned() };
    let launch = cluster::launch(&agent, first, TASKS, &cluster::task_resources());
    launch.launch.expect("it is a LAUNCH").task_infos
}

/// Measures all of it.
pub fn run(meter: &mut Meter) {
    let mut shell = Shell::registered();
    let checkpointing = cluster::framework_info("bench", Some(cluster::framework_id(1)));
    let plain = FrameworkInfo { checkpoint: Some(false), ..checkpointing.clone() };
    for (name, framework, first) in
        [("task", plain, 0), ("task-with-checkpoints", checkpointing, TASKS as u64)]
    {
        let mut tasks = tasks(first);
        meter.measure(name, TASKS, || {
            tasks.drain(..).for_each(|task| shell.live(&framework, task));
        });
        assert_eq!(shell.agent.metrics().tasks_finished, first + TASKS as u64, "all ended well");
    }
    meter.measure("ping", PINGS, || {
        for _ in 0..PINGS {
            shell.master(FromMaster::Ping(PingSlaveMessage { connected: true }));
        }
    });
    black_box(&shell.agent);
}
