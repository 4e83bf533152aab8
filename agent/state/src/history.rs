// SPDX-License-Identifier: Apache-2.0

//! What becomes of executors and frameworks that have nothing left here: a bounded history for
//! the views, and files for garbage collection.
//!
//! In Mesos: `Slave::removeExecutor`, `removeFramework`, `_checkDiskUsage`.

use mesos_core::time::Time;

use crate::{
    agent::Agent,
    change::Change,
    config::MAX_COMPLETED_FRAMEWORKS,
    framework::{CompletedExecutor, CompletedFramework},
    gc,
    output::{Output, Store},
    paths,
    timers::Timer,
};

impl Agent {
    /// Makes history of an ended executor, and gives its files to garbage collection.
    pub(crate) fn remove_executor(&mut self, now: Time, framework_id: &str, executor_id: &str) {
        let agent_id = self.agent_id();
        let bound = self.config.max_completed_executors_per_framework;
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executors.remove(executor_id) else { return };
        for task_id in executor.terminated.keys() {
            framework.owners.remove(task_id);
        }
        self.containers.remove(&executor.container);
        // A command task's executor has but one run, as a rule; one before it stays as long as it.
        let only_run = executor.is_command();
        let directories = |run: paths::Run<'_>| {
            let run_itself = (!only_run).then(|| run.run());
            run_itself.into_iter().chain([run.executor()]).collect::<Vec<String>>()
        };
        let mut paths = directories(executor.run(&self.config.work_dir, &agent_id));
        if executor.checkpoint {
            let meta = executor.run(&self.meta, &agent_id);
            self.outbox.store(meta.sentinel(), Store::Replace(Default::default()));
            paths.extend(directories(meta));
        }
        for path in paths {
            self.gc.schedule(path, now + self.config.gc_delay);
        }
        let container = executor.container.clone();
        let terminated = executor.terminated.into_values().chain(executor.completed);
        framework.completed.push_back(CompletedExecutor {
            container: container.clone(),
            tasks: terminated.map(|live| (live.key, live.task)).collect(),
        });
        let framework_id = framework_id.to_owned();
        self.outbox
            .change(Change::ExecutorCompleted { framework_id: framework_id.clone(), container });
        while framework.completed.len() > bound {
            let Some(oldest) = framework.completed.pop_front() else { break };
            self.outbox.change(Change::ExecutorForgotten {
                framework_id: framework_id.clone(),
                container: oldest.container,
            });
        }
    }

    /// Makes history of a framework that has nothing left here.
    pub(crate) fn remove_framework_if_idle(&mut self, now: Time, framework_id: &str) {
        let idle = self.frameworks.get(framework_id).is_some_and(|fw| fw.executors.is_empty());
        if !idle {
            return;
        }
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.remove(framework_id) else { return };
        if framework.terminating {
            self.updates.forget_framework(framework_id);
        }
        let mut roots = vec![self.config.work_dir.clone()];
        if framework.info.checkpoint() {
            roots.push(self.meta.clone());
        }
        for root in roots {
            let path = format!("{}/{framework_id}", paths::frameworks(&root, &agent_id));
            self.gc.schedule(path, now + self.config.gc_delay);
        }
        let framework_id = framework_id.to_owned();
        self.outbox.change(Change::FrameworkCompleted { framework_id: framework_id.clone() });
        self.completed_frameworks.push_back(CompletedFramework {
            id: framework_id,
            info: framework.info,
            pid: framework.pid,
            completed: framework.completed,
        });
        if self.completed_frameworks.len() > MAX_COMPLETED_FRAMEWORKS
            && let Some(oldest) = self.completed_frameworks.pop_front()
        {
            let framework_id = oldest.id;
            self.outbox.change(Change::FrameworkForgotten { framework_id, revived: false });
        }
        self.finish_draining();
        self.exit_if_done();
    }

    pub(crate) fn disk_usage(&mut self, now: Time, used: Option<f64>) {
        self.timers.set(now + self.config.disk_watch_interval, Timer::DiskWatch);
        let Some(used) = used else { return };
        let delay = self.config.gc_delay;
        let age = gc::max_allowed_age(delay, self.config.gc_disk_headroom, used);
        self.counters.executor_directory_max_allowed_age_secs = age.as_secs_f64();
        self.collect_garbage(now + delay.saturating_sub(age));
    }

    /// Removes what is due until then.
    pub(crate) fn collect_garbage(&mut self, until: Time) {
        while let Some(path) = self.gc.pop_due(until) {
            self.outbox.push(Output::RemovePath { path });
        }
    }
}
