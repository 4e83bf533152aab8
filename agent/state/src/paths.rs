// SPDX-License-Identifier: Apache-2.0

//! Where an agent keeps what: the on-disk layout of the Mesos agent, as pure functions.
//!
//! Sandboxes are below `<work_dir>/slaves`, checkpoints below `<work_dir>/meta`, both with the
//! same shape below that; so the functions take the root. Ids become path components here; they
//! must have passed `mesos_core::ids::validate`.

/// The root of the checkpoints.
pub fn meta_root(work_dir: &str) -> String {
    format!("{work_dir}/meta")
}

/// The id of the boot in which the agent last ran, to notice reboots.
pub fn boot_id(work_dir: &str) -> String {
    format!("{work_dir}/meta/boot_id")
}

/// The symbolic link to the directory of the agent's present id.
pub fn latest_agent(root: &str) -> String {
    format!("{root}/slaves/latest")
}

/// All of one agent id.
pub fn agent(root: &str, agent_id: &str) -> String {
    format!("{root}/slaves/{agent_id}")
}

/// The agent's own description.
pub fn agent_info(meta: &str, agent_id: &str) -> String {
    format!("{}/slave.info", agent(meta, agent_id))
}

/// How the agent was told to drain.
pub fn drain_config(meta: &str, agent_id: &str) -> String {
    format!("{}/drain.config", agent(meta, agent_id))
}

/// Reservations and volumes, as the master decided on them.
pub fn resources_info(meta: &str) -> String {
    format!("{meta}/resources/resources.info")
}

/// The directory of all frameworks of an agent id.
pub fn frameworks(root: &str, agent_id: &str) -> String {
    format!("{}/frameworks", agent(root, agent_id))
}

/// Names one run of one executor below a root.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// `<work_dir>` or `<work_dir>/meta`.
    pub root: &'a str,
    /// The agent's id.
    pub agent_id: &'a str,
    /// The framework's id.
    pub framework_id: &'a str,
    /// The executor's id.
    pub executor_id: &'a str,
    /// The container's id; unused by the functions about the executor or framework as a whole.
    pub container: &'a str,
}

impl Run<'_> {
    /// All of the framework.
    pub fn framework(&self) -> String {
        format!("{}/{}", frameworks(self.root, self.agent_id), self.framework_id)
    }

    /// The framework's description.
    pub fn framework_info(&self) -> String {
        format!("{}/framework.info", self.framework())
    }

    /// The scheduler's process id.
    pub fn framework_pid(&self) -> String {
        format!("{}/framework.pid", self.framework())
    }

    /// The directory of the framework's executors.
    pub fn executors(&self) -> String {
        format!("{}/executors", self.framework())
    }

    /// All of the executor.
    pub fn executor(&self) -> String {
        format!("{}/{}", self.executors(), self.executor_id)
    }

    /// The executor's description.
    pub fn executor_info(&self) -> String {
        format!("{}/executor.info", self.executor())
    }

    /// `1` if the executor was made up for a command task, else `0`.
    pub fn executor_generated(&self) -> String {
        format!("{}/executor_generated_for_command_task", self.executor())
    }

    /// The directory of the executor's runs.
    pub fn runs(&self) -> String {
        format!("{}/runs", self.executor())
    }

    /// The symbolic link to the latest run.
    pub fn latest(&self) -> String {
        format!("{}/latest", self.runs())
    }

    /// This run: below the work directory, that is the sandbox.
    pub fn run(&self) -> String {
        format!("{}/{}", self.runs(), self.container)
    }

    /// Marks a run that has ended and been dealt with.
    pub fn sentinel(&self) -> String {
        format!("{}/executor.sentinel", self.run())
    }

    /// Marks an executor that speaks HTTP.
    pub fn http_marker(&self) -> String {
        format!("{}/http.marker", self.run())
    }

    /// The process id of the run's first process.
    pub fn forked_pid(&self) -> String {
        format!("{}/pids/forked.pid", self.run())
    }

    /// The directory of the run's tasks.
    pub fn tasks(&self) -> String {
        format!("{}/tasks", self.run())
    }

    /// A task of the run.
    pub fn task_info(&self, task_id: &str) -> String {
        format!("{}/{task_id}/task.info", self.tasks())
    }

    /// The whole description of a command task. Not a file of Mesos's, whose command executor
    /// keeps that in its own process.
    pub fn task_launch(&self, task_id: &str) -> String {
        format!("{}/{task_id}/task.launch", self.tasks())
    }

    /// That a command task is being killed, and until when. Not a file of Mesos's either.
    pub fn task_kill(&self, task_id: &str) -> String {
        format!("{}/{task_id}/task.kill", self.tasks())
    }

    /// The stream of a task's updates and their acknowledgements.
    pub fn task_updates(&self, task_id: &str) -> String {
        format!("{}/{task_id}/task.updates", self.tasks())
    }

    /// The name under which the file endpoints show the executor's latest sandbox.
    pub fn virtual_path(&self) -> String {
        format!("/frameworks/{}/executors/{}/runs/latest", self.framework_id, self.executor_id)
    }
}

/// Where the launcher keeps what it knows of a container.
pub fn runtime(runtime_dir: &str, container: &str) -> String {
    format!("{runtime_dir}/containers/{container}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_lies_where_mesos_puts_it() {
        let run = Run {
            root: "/var/lib/mesos",
            agent_id: "S0",
            framework_id: "F",
            executor_id: "e",
            container: "c",
        };
        assert_eq!(run.run(), "/var/lib/mesos/slaves/S0/frameworks/F/executors/e/runs/c");
        assert_eq!(
            Run { root: &meta_root("/var/lib/mesos"), ..run }.task_updates("t"),
            "/var/lib/mesos/meta/slaves/S0/frameworks/F/executors/e/runs/c/tasks/t/task.updates"
        );
    }
}
