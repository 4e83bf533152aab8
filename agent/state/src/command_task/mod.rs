// SPDX-License-Identifier: Apache-2.0

//! Plays the executor's part for a command task: the container's process is the task itself.
//!
//! | phase | started | kill, shutdown | grace over | max completion time over | exited |
//! |---|---|---|---|---|---|
//! | waiting | STARTING, RUNNING → running | (the agent deals with it) | – | – | – |
//! | running | – | KILLING?, SIGTERM → killing | – | SIGTERM → killing | FINISHED or FAILED → ended |
//! | killing | – | maybe a shorter grace | destroy | – | KILLED or FAILED → ended |
//! | ended | – | – | – | – | – |
//!
//! TASK_KILLING is said only to frameworks that know it. Checks and health checks run only while
//! the phase is running; too many failed health checks kill the task.
//!
//! In Mesos: `src/launcher/executor.cpp`.

mod drive;
mod kill_note;
mod prober;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::v1::{
    CheckInfo, CheckStatusInfo, DurationInfo, FrameworkInfo, HealthCheck, KillPolicy, TaskInfo,
    TaskState, TaskStatus, check_info, check_status_info, framework_info::capability, health_check,
    task_status::Reason,
};

pub use self::kill_note::{KillCause, KillNote};
use self::prober::Prober;
use crate::{
    config::DEFAULT_KILL_GRACE_PERIOD, environment, exit_text, input::ProbeOutcome, key::ProbeKey,
    output::Probe, task_state::has_capability,
};

const SIGTERM: i32 = 15;
/// The least time between SIGTERM and SIGKILL, so that a grace period of zero still lets a
/// process that dies of SIGTERM do so: of two signals at once the kernel takes SIGKILL.
const LEAST_ESCALATION: Duration = Duration::from_millis(100);

/// Where and as whom the task runs, for its command checks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) user: Option<String>,
    pub(crate) directory: String,
}

/// One thing the task's executor wants done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Report a status; it has no uuid and no timestamp yet.
    Update(Box<TaskStatus>),
    /// Send a signal to all of the task.
    Signal(i32),
    /// Remember, should the agent restart, that the task is being killed.
    Note(KillNote),
    /// Kill all of the task.
    Destroy,
    /// Carry out a check.
    Probe { probe: ProbeKey, what: Box<Probe>, timeout: Option<Duration> },
}

/// What is known of a task from before the agent was started.
#[derive(Debug, Default)]
pub(crate) struct Former {
    /// When it was first reported.
    pub(crate) started: Option<Time>,
    /// The last status that was reported.
    pub(crate) last: Option<TaskStatus>,
    /// Set if it is being killed.
    pub(crate) kill: Option<KillNote>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    Killing { since: Time, escalate_at: Option<Time> },
    Ended,
}

#[derive(Debug)]
struct Health {
    prober: Prober,
    grace_until: Time,
    consecutive_failures: u32,
    failures_allowed: u32,
    /// No check has passed yet.
    initializing: bool,
}

/// A command task and its executor.
#[derive(Debug)]
pub(crate) struct CommandTask {
    task: Arc<TaskInfo>,
    says_killing: bool,
    surroundings: Surroundings,
    phase: Phase,
    complete_by: Option<Time>,
    out_of_time: bool,
    unhealthy: bool,
    check: Option<Prober>,
    check_status: Option<CheckStatusInfo>,
    health: Option<Health>,
    last: TaskStatus,
    next_probe: u64,
    effects: VecDeque<Effect>,
}

impl CommandTask {
    /// A task whose container is not running yet.
    pub(crate) fn new(
        task: Arc<TaskInfo>,
        framework: &FrameworkInfo,
        surroundings: Surroundings,
    ) -> Self {
        let check_status = task.check.as_ref().map(empty_check_status);
        CommandTask {
            says_killing: has_capability(framework, capability::Type::TaskKillingState),
            task,
            surroundings,
            phase: Phase::Waiting,
            complete_by: None,
            out_of_time: false,
            unhealthy: false,
            check: None,
            check_status,
            health: None,
            last: TaskStatus::default(),
            next_probe: 0,
            effects: VecDeque::new(),
        }
    }

    /// The container runs.
    pub(crate) fn started(&mut self, now: Time) {
        if self.phase != Phase::Waiting {
            return;
        }
        trial::reached("command task", "waiting | started");
        self.report(TaskState::TaskStarting, None, None);
        self.report(TaskState::TaskRunning, None, None);
        self.run(now, now);
    }

    /// The container runs already, since before the agent was started. What the earlier life did
    /// not get to say is said now.
    pub(crate) fn resumed(&mut self, now: Time, former: Former) {
        let Some(last) = former.last else { return self.started(now) };
        let is_killing = last.state() == TaskState::TaskKilling;
        if last.state() == TaskState::TaskStarting {
            self.report(TaskState::TaskRunning, None, None);
        } else {
            self.last = last;
        }
        if let Some(kill) = former.kill {
            return self.resume_kill(now, kill, is_killing);
        }
        self.run(now, former.started.map_or(now, |started| started.min(now)));
        if is_killing {
            self.says_killing = false;
            self.kill(now, None);
        }
    }

    /// Goes on with a kill that an earlier life began. The signal may not have got out.
    fn resume_kill(&mut self, now: Time, kill: KillNote, said: bool) {
        let KillNote { cause, since, escalate_at } = kill;
        self.out_of_time = cause == KillCause::OutOfTime;
        self.unhealthy = cause == KillCause::Unhealthy;
        if self.says_killing && !self.out_of_time && !said {
            self.report(TaskState::TaskKilling, None, None);
        }
        self.effects.push_back(Effect::Signal(SIGTERM));
        let escalate_at = Some(escalate_at.max(now + LEAST_ESCALATION));
        self.phase = Phase::Killing { since, escalate_at };
    }

    /// Lets the agent remember the kill that is under way.
    fn note(&mut self, since: Time, escalate_at: Time) {
        let cause = if self.out_of_time {
            KillCause::OutOfTime
        } else if self.unhealthy {
            KillCause::Unhealthy
        } else {
            KillCause::Wanted
        };
        self.effects.push_back(Effect::Note(KillNote { cause, since, escalate_at }));
    }

    /// The scheduler wants the task killed, with this policy if it names one.
    pub(crate) fn kill(&mut self, now: Time, policy: Option<&KillPolicy>) {
        let grace = policy
            .and_then(|policy| policy.grace_period)
            .or_else(|| self.task.kill_policy.as_ref().and_then(|policy| policy.grace_period))
            .map_or(DEFAULT_KILL_GRACE_PERIOD, |period| duration_of(&period));
        self.kill_within(now, grace);
    }

    /// The executor is to shut down within `grace`.
    pub(crate) fn shutdown(&mut self, now: Time, grace: Duration) {
        // As in Mesos, two seconds of it are kept back for the news to get out.
        self.kill_within(now, grace.saturating_sub(Duration::from_secs(2)));
    }

    /// The container has ended, with this wait(2) status if it is known.
    pub(crate) fn exited(&mut self, status: Option<i32>) {
        if self.phase == Phase::Ended {
            return;
        }
        let killed = matches!(self.phase, Phase::Killing { .. });
        trial::reached(
            "command task",
            ["running | exited", "killing | exited"][usize::from(killed)],
        );
        self.phase = Phase::Ended;
        let Some(status) = status else {
            let message = "Failed to get exit status for Command".to_owned();
            return self.report(TaskState::TaskFailed, None, Some(message));
        };
        let (state, reason) = if self.out_of_time {
            (TaskState::TaskFailed, Some(Reason::MaxCompletionTimeReached))
        } else if killed {
            (TaskState::TaskKilled, None)
        } else if exit_text::succeeded(status) {
            (TaskState::TaskFinished, None)
        } else {
            (TaskState::TaskFailed, None)
        };
        self.report(state, reason, Some(format!("Command {}", exit_text::describe(status))));
    }

    /// A check has its result.
    pub(crate) fn probe_finished(&mut self, now: Time, probe: ProbeKey, outcome: &ProbeOutcome) {
        if self.phase != Phase::Running {
            return;
        }
        if self.check.as_mut().is_some_and(|check| check.finished(now, probe)) {
            self.check_finished(outcome);
        } else if self.health.as_mut().is_some_and(|health| health.prober.finished(now, probe)) {
            self.health_finished(now, outcome);
        }
    }

    /// Does what is due.
    pub(crate) fn wake(&mut self, now: Time) {
        match self.phase {
            Phase::Waiting | Phase::Ended => {}
            Phase::Running => {
                if self.complete_by.is_some_and(|at| at <= now) {
                    trial::reached("command task", "running | max completion time over");
                    self.out_of_time = true;
                    return self.kill_within(now, Duration::ZERO);
                }
                self.start_probes(now);
            }
            Phase::Killing { since, escalate_at: Some(at) } if at <= now => {
                trial::reached("command task", "killing | grace over");
                self.phase = Phase::Killing { since, escalate_at: None };
                if trial::has(Defect::GracePeriodIgnored) {
                    return;
                }
                self.effects.push_back(Effect::Destroy);
            }
            Phase::Killing { .. } => {}
        }
    }

    /// When to wake it.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match self.phase {
            Phase::Waiting | Phase::Ended => None,
            Phase::Killing { escalate_at, .. } => escalate_at,
            Phase::Running => {
                let check = self.check.as_ref().and_then(Prober::due);
                let health = self.health.as_ref().and_then(|health| health.prober.due());
                [self.complete_by, check, health].into_iter().flatten().min()
            }
        }
    }

    /// The next thing to do.
    pub(crate) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn run(&mut self, now: Time, since: Time) {
        self.phase = Phase::Running;
        let limit = self.task.max_completion_time.as_ref().map(duration_of);
        self.complete_by = limit.filter(|limit| !limit.is_zero()).map(|limit| since + limit);
        if let Some(check) = &self.task.check {
            self.check = Prober::of_check(now, check, &self.surroundings);
        }
        if let Some(health) = &self.task.health_check {
            self.health =
                Prober::of_health_check(now, health, &self.surroundings).map(|prober| Health {
                    prober,
                    grace_until: since + prober::seconds(health.grace_period_seconds()),
                    consecutive_failures: 0,
                    failures_allowed: health.consecutive_failures(),
                    initializing: true,
                });
        }
        self.start_probes(now);
    }

    fn start_probes(&mut self, now: Time) {
        let health = self.health.as_mut().map(|health| &mut health.prober);
        for prober in [self.check.as_mut(), health].into_iter().flatten() {
            let probe = ProbeKey(self.next_probe);
            if let Some(what) = prober.start(now, probe) {
                self.next_probe += 1;
                self.effects.push_back(Effect::Probe {
                    probe,
                    what: Box::new(what),
                    timeout: prober.timeout(),
                });
            }
        }
    }

    fn kill_within(&mut self, now: Time, grace: Duration) {
        match self.phase {
            Phase::Waiting | Phase::Ended => {}
            Phase::Running => {
                if self.says_killing && !self.out_of_time {
                    self.report(TaskState::TaskKilling, None, None);
                }
                trial::reached("command task", "running | kill, shutdown");
                let escalate_at = now + grace.max(LEAST_ESCALATION);
                self.note(now, escalate_at);
                self.effects.push_back(Effect::Signal(SIGTERM));
                self.phase = Phase::Killing { since: now, escalate_at: Some(escalate_at) };
            }
            Phase::Killing { since, escalate_at: Some(at) } => {
                trial::reached("command task", "killing | kill, shutdown");
                let sooner = (since + grace).max(now);
                if sooner < at {
                    self.note(since, sooner);
                    self.phase = Phase::Killing { since, escalate_at: Some(sooner) };
                    self.wake(now);
                }
            }
            Phase::Killing { escalate_at: None, .. } => {}
        }
    }

    fn check_finished(&mut self, outcome: &ProbeOutcome) {
        let Some(check) = &self.task.check else { return };
        let status = check_status(check, outcome);
        if self.check_status.as_ref() == Some(&status) {
            return;
        }
        self.check_status = Some(status);
        let mut update = self.last.clone();
        update.set_reason(Reason::TaskCheckStatusUpdated);
        update.check_status = Some(status);
        self.forward(update);
    }

    fn health_finished(&mut self, now: Time, outcome: &ProbeOutcome) {
        let (Some(health), Some(check)) = (&mut self.health, &self.task.health_check) else {
            return;
        };
        if is_healthy(check, outcome) {
            let news = health.initializing || health.consecutive_failures > 0;
            health.initializing = false;
            health.consecutive_failures = 0;
            if news {
                self.report_health(true);
            }
            return;
        }
        if health.initializing && now < health.grace_until {
            return;
        }
        health.consecutive_failures = health.consecutive_failures.saturating_add(1);
        let too_many = health.consecutive_failures >= health.failures_allowed;
        self.report_health(false);
        if too_many {
            self.unhealthy = true;
            self.kill(now, None);
        }
    }

    fn report_health(&mut self, healthy: bool) {
        let mut update = self.last.clone();
        update.set_reason(Reason::TaskHealthCheckStatusUpdated);
        update.healthy = Some(healthy);
        self.forward(update);
    }

    fn report(&mut self, state: TaskState, reason: Option<Reason>, message: Option<String>) {
        let mut status = TaskStatus { message, ..TaskStatus::default() };
        status.set_state(state);
        status.reason = reason.map(i32::from);
        status.check_status = self.task.check.as_ref().map(empty_check_status);
        if self.unhealthy && self.phase == Phase::Ended {
            status.healthy = Some(false);
        }
        self.forward(status);
    }

    fn forward(&mut self, mut status: TaskStatus) {
        status.task_id = self.task.task_id.clone();
        status.uuid = None;
        status.timestamp = None;
        self.last = status.clone();
        self.effects.push_back(Effect::Update(Box::new(status)));
    }
}

fn duration_of(info: &DurationInfo) -> Duration {
    Duration::from_nanos(u64::try_from(info.nanoseconds).unwrap_or(0))
}

fn empty_check_status(check: &CheckInfo) -> CheckStatusInfo {
    let mut status = CheckStatusInfo { r#type: check.r#type, ..CheckStatusInfo::default() };
    match check.r#type() {
        check_info::Type::Command => status.command = Some(check_status_info::Command::default()),
        check_info::Type::Http => status.http = Some(check_status_info::Http::default()),
        check_info::Type::Tcp => status.tcp = Some(check_status_info::Tcp::default()),
        check_info::Type::Unknown => {}
    }
    status
}

/// A check that could not be carried out has an empty status.
fn check_status(check: &CheckInfo, outcome: &ProbeOutcome) -> CheckStatusInfo {
    let mut status = empty_check_status(check);
    match outcome {
        ProbeOutcome::Exited(wait) if wait & 0x7f == 0 => {
            let exit_code = Some((wait >> 8) & 0xff);
            status.command = Some(check_status_info::Command { exit_code });
        }
        ProbeOutcome::HttpStatus(code) => {
            status.http = Some(check_status_info::Http { status_code: Some(*code) });
        }
        ProbeOutcome::Connected(succeeded) => {
            status.tcp = Some(check_status_info::Tcp { succeeded: Some(*succeeded) });
        }
        ProbeOutcome::Exited(_) | ProbeOutcome::TimedOut | ProbeOutcome::Failed(_) => {}
    }
    status
}

fn is_healthy(check: &HealthCheck, outcome: &ProbeOutcome) -> bool {
    match outcome {
        ProbeOutcome::Exited(status) => {
            check.r#type() == health_check::Type::Command && exit_text::succeeded(*status)
        }
        ProbeOutcome::HttpStatus(code) => (200..400).contains(code),
        ProbeOutcome::Connected(connected) => *connected,
        ProbeOutcome::TimedOut | ProbeOutcome::Failed(_) => false,
    }
}

impl Surroundings {
    fn command(&self, command: &mesos_proto::v1::CommandInfo) -> Probe {
        Probe::Command {
            environment: environment::of_check(&self.environment, command),
            command: command.clone(),
            // As in Mesos, a check runs as its task does, whatever user it names.
            user: self.user.clone(),
            directory: self.directory.clone(),
        }
    }
}
