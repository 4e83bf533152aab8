// SPDX-License-Identifier: Apache-2.0

//! The scenarios in Rust.

use std::sync::{
    Arc, Condvar, Mutex, MutexGuard,
    atomic::{AtomicUsize, Ordering},
};
use std::thread::{self, ThreadId};

use mesos_client::{
    v0::{CallbackError, CallbackResult, Scheduler, SchedulerDriver, Status},
    v1::{AgentId, Filters, FrameworkId, MasterInfo, TaskId, TaskInfo, TaskState, TaskStatus},
};

/// What was printed, and what has happened.
#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    /// Who prints now: callbacks that a method brings about wait for its line.
    printing: Option<ThreadId>,
    registered: bool,
    stopped: bool,
    lost: bool,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

impl Shared {
    fn wait(&self, until: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        let seen = self.seen.lock().unwrap();
        self.changed.wait_while(seen, |seen| !until(seen)).unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap());
        self.changed.notify_all();
    }

    /// A line of a callback.
    fn print(&self, line: String) {
        let own = thread::current().id();
        let may = |seen: &Seen| seen.printing.is_none_or(|printing| printing == own);
        self.wait(may).lines.push(line);
    }

    /// A method and its line.
    fn say(&self, name: &str, method: impl FnOnce() -> Status) {
        let before = self.seen.lock().unwrap().printing;
        if name != "join" && name != "run" {
            self.change(|seen| seen.printing = Some(thread::current().id()));
        }
        let status = match method() {
            Status::NotStarted => "NOT_STARTED",
            Status::Running => "RUNNING",
            Status::Aborted => "ABORTED",
            Status::Stopped => "STOPPED",
        };
        self.change(|seen| {
            seen.lines.push(format!("{name} {status}"));
            seen.printing = before;
        });
    }
}

struct Actor {
    scenario: String,
    shared: Arc<Shared>,
}

impl Scheduler for Actor {
    fn registered(
        &mut self,
        driver: &SchedulerDriver,
        _: FrameworkId,
        _: MasterInfo,
    ) -> CallbackResult {
        self.shared.print("registered".into());
        match self.scenario.as_str() {
            "callback-throws" => return Err(CallbackError("thrown".into())),
            "callback-stops" => self.shared.say("stop", || driver.stop(false)),
            "callback-joins" => {
                self.shared.say("join", || driver.join());
                self.shared.say("stop", || driver.stop(false));
            }
            "callback-aborts" => self.shared.say("abort", || driver.abort()),
            _ => {}
        }
        self.shared.change(|seen| seen.registered = true);
        if self.scenario == "callback-blocks" {
            drop(self.shared.wait(|seen| seen.stopped));
            self.shared.print("returns".into());
        }
        Ok(())
    }

    fn status_update(&mut self, _: &SchedulerDriver, status: TaskStatus) -> CallbackResult {
        assert_eq!(status.state(), TaskState::TaskLost);
        self.shared.print(format!("lost {}", status.task_id.value));
        self.shared.change(|seen| seen.lost = true);
        Ok(())
    }

    fn error(&mut self, _: &SchedulerDriver, message: &str) -> CallbackResult {
        self.shared.print(format!("error {message}"));
        Ok(())
    }
}

/// The framework in protobuf: user "" and, with one, a name.
fn framework(name: Option<&str>) -> Vec<u8> {
    let mut bytes = vec![0x0a, 0];
    if let Some(name) = name {
        bytes.extend([0x12, u8::try_from(name.len()).unwrap()]);
        bytes.extend(name.as_bytes());
    }
    bytes
}

/// A driver whose methods print their lines.
struct Stage {
    shared: Arc<Shared>,
    driver: SchedulerDriver,
}

impl Stage {
    fn start(&self) {
        self.shared.say("start", || self.driver.start());
    }

    fn stop(&self) {
        self.shared.say("stop", || self.driver.stop(false));
    }

    fn join(&self) {
        self.shared.say("join", || self.driver.join());
    }

    fn run(&self) {
        self.shared.say("run", || self.driver.run());
    }

    fn kill(&self) {
        let task_id = TaskId { value: "t".into() };
        self.shared.say("killTask", || self.driver.kill_task(task_id));
    }

    fn launch(&self) {
        let task = TaskInfo {
            name: "t".into(),
            task_id: TaskId { value: "t".into() },
            agent_id: AgentId { value: "a".into() },
            ..Default::default()
        };
        self.shared.say("launchTasks", || {
            self.driver.launch_tasks(vec![], vec![task], Filters::default())
        });
    }

    fn acknowledge(&self) {
        let status = TaskStatus {
            task_id: TaskId { value: "t".into() },
            state: TaskState::TaskRunning.into(),
            ..Default::default()
        };
        let acknowledge = || self.driver.acknowledge_status_update(status);
        self.shared.say("acknowledgeStatusUpdate", acknowledge);
    }

    fn revive_on_many_threads(&self) {
        let running = AtomicUsize::new(0);
        let revive = || {
            for _ in 0..100 {
                if self.driver.revive_offers() == Status::Running {
                    running.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(revive))));
        self.shared.print(format!("calls {}", running.into_inner()));
    }

    fn wait(&self, until: impl Fn(&Seen) -> bool) {
        drop(self.shared.wait(until));
    }
}

/// Acts out a scenario; returns what is printed.
pub fn act(scenario: &str, master: &str) -> String {
    let shared = Arc::new(Shared::default());
    let actor = Actor { scenario: scenario.to_owned(), shared: Arc::clone(&shared) };
    let name = (scenario != "framework-without-name").then_some("scenario");
    let driver =
        SchedulerDriver::builder_with_serialized_framework(actor, &framework(name), master).build();
    let stage = Stage { shared: Arc::clone(&shared), driver };
    if !act_without_start(&stage, scenario) {
        stage.start();
        act_started(&stage, scenario);
    }
    drop(stage);
    let seen = shared.seen.lock().unwrap();
    seen.lines.join("\n")
}

/// Scenarios that begin with `run`, or with nothing.
fn act_without_start(stage: &Stage, scenario: &str) -> bool {
    match scenario {
        "callback-throws" => {
            stage.run();
            if stage.driver.failure().as_deref() == Some("thrown") {
                stage.shared.print("failure".into());
            }
            stage.stop();
        }
        "callback-stops" | "callback-joins" => stage.run(),
        "callback-aborts" => {
            stage.run();
            stage.stop();
        }
        "never-started" => {
            stage.join();
            stage.stop();
            stage.shared.say("abort", || stage.driver.abort());
            stage.kill();
        }
        _ => return false,
    }
    true
}

/// What comes after `start`.
fn act_started(stage: &Stage, scenario: &str) {
    match scenario {
        "wrong-master-address" | "local-cluster-missing" => {
            stage.join();
            stage.stop();
            return;
        }
        "no-master" => {
            stage.launch();
            stage.wait(|seen| seen.lost);
            stage.stop();
        }
        "framework-without-name" => {}
        "task-without-id" => {
            stage.shared.say("killTask", || stage.driver.serialized().kill_task(&[]));
        }
        "acknowledge-though-implicit" => stage.acknowledge(),
        "callback-blocks" => {
            stage.wait(|seen| seen.registered);
            stage.stop();
            stage.shared.change(|seen| seen.stopped = true);
        }
        "local-cluster" => {
            stage.wait(|seen| seen.registered);
            stage.stop();
        }
        "dropped-without-stop" => {
            stage.wait(|seen| seen.registered);
            stage.driver.close();
            stage.shared.print("dropped".into());
            return;
        }
        "double-start" => {
            stage.start();
            stage.stop();
        }
        "master-without-quorum" => stage.stop(),
        "use-after-stop" => {
            stage.stop();
            stage.join();
            stage.kill();
            stage.start();
            stage.stop();
            return;
        }
        "many-threads" => {
            stage.revive_on_many_threads();
            stage.stop();
        }
        other => panic!("there is no scenario '{other}'"),
    }
    stage.join();
}
