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

/// Acts out a scenario; returns what is printed.
pub fn act(scenario: &str, master: &str) -> String {
    let shared = Arc::new(Shared::default());
    let actor = Actor { scenario: scenario.to_owned(), shared: Arc::clone(&shared) };
    let name = (scenario != "framework-without-name").then_some("scenario");
    let driver =
        SchedulerDriver::builder_with_serialized_framework(actor, &framework(name), master).build();
    let start = || shared.say("start", || driver.start());
    let stop = || shared.say("stop", || driver.stop(false));
    let join = || shared.say("join", || driver.join());
    let run = || shared.say("run", || driver.run());
    let kill = || shared.say("killTask", || driver.kill_task(TaskId { value: "t".into() }));
    match scenario {
        "wrong-master-address" => (start(), join(), stop()).0,
        "no-master" => {
            start();
            let task = TaskInfo {
                name: "t".into(),
                task_id: TaskId { value: "t".into() },
                agent_id: AgentId { value: "a".into() },
                ..Default::default()
            };
            shared
                .say("launchTasks", || driver.launch_tasks(vec![], vec![task], Filters::default()));
            drop(shared.wait(|seen| seen.lost));
            stop();
            join();
        }
        "master-without-quorum" => (start(), stop(), join()).0,
        "framework-without-name" => (start(), join()).0,
        "task-without-id" => {
            start();
            shared.say("killTask", || driver.serialized().kill_task(&[]));
            join();
        }
        "acknowledge-though-implicit" => {
            start();
            let status = TaskStatus {
                task_id: TaskId { value: "t".into() },
                state: TaskState::TaskRunning.into(),
                ..Default::default()
            };
            shared.say("acknowledgeStatusUpdate", || driver.acknowledge_status_update(status));
            join();
        }
        "callback-throws" => {
            run();
            if driver.failure().as_deref() == Some("thrown") {
                shared.print("failure".into());
            }
            stop();
        }
        "callback-blocks" => {
            start();
            drop(shared.wait(|seen| seen.registered));
            stop();
            shared.change(|seen| seen.stopped = true);
            join();
        }
        "callback-stops" | "callback-joins" => run(),
        "callback-aborts" => (run(), stop()).0,
        "dropped-without-stop" => {
            start();
            drop(shared.wait(|seen| seen.registered));
            drop(driver.clone());
            driver.close();
            shared.print("dropped".into());
        }
        "double-start" => (start(), start(), stop(), join()).0,
        "never-started" => {
            join();
            stop();
            shared.say("abort", || driver.abort());
            kill();
        }
        "use-after-stop" => (start(), stop(), join(), kill(), start(), stop()).0,
        "many-threads" => {
            start();
            let running = AtomicUsize::new(0);
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..100 {
                            if driver.revive_offers() == Status::Running {
                                running.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
            });
            shared.print(format!("calls {}", running.into_inner()));
            stop();
            join();
        }
        other => panic!("there is no scenario '{other}'"),
    }
    drop(driver);
    let seen = shared.seen.lock().unwrap();
    seen.lines.join("\n")
}
