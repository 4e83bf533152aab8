// SPDX-License-Identifier: Apache-2.0

//! The flags of `mesos-execute`, those of Mesos by name.

use std::{borrow::Cow, time::Duration};

use mesos_flags::Secret;

use super::ExecuteError;

mesos_flags::flags! {
    /// The command line of `mesos-execute`.
    pub struct Flags {
        /// Prints this help.
        help: bool = "false",
        /// Prints the version.
        version: bool = "false",
        /// Mesos master (e.g., IP:PORT).
        master: String,
        /// The task, as JSON of a `TaskInfo`, or the path of a file with it
        /// (`file:///path` or `/path`). `agent_id` need not be set. Example:
        /// {"name": "n", "task_id": {"value": "t"}, "agent_id": {"value": ""},
        ///  "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}}],
        ///  "command": {"value": "sleep 1000"}}
        task: Option<String>,
        /// The task group, as JSON of a `TaskGroupInfo`, or the path of a file with it
        /// (`file:///path` or `/path`). Example: {"tasks": [{"name": "n", ...}]}
        task_group: Option<String>,
        /// Name for the command.
        name: Option<String>,
        /// Whether the command is given to a shell. If not, it is split at blanks into the
        /// executable and its arguments.
        shell: bool = "true",
        /// Command to launch.
        command: Option<String>,
        /// Environment variables for the command, as JSON: {"name1": "value1"}, or the path
        /// of a file with it (`file:///path`).
        env: Option<String>,
        /// Resources for the command.
        resources: String = "cpus:1;mem:128",
        /// Path to the 'hadoop' script. Without effect: packages are not uploaded.
        hadoop: String = "hadoop",
        /// The ip:port of the NameNode service. Without effect: packages are not uploaded.
        hdfs: String = "localhost:9000",
        /// Package to upload into HDFS. Refused: make the package available by HTTP and name
        /// it in the `uris` of `--task`.
        package: Option<String>,
        /// Overwrite the package in HDFS. Without effect: packages are not uploaded.
        overwrite: bool = "false",
        /// Enable checkpointing for the framework.
        checkpoint: bool = "false",
        /// Appc image name that follows the Appc spec (e.g., ubuntu, example.com/reduce-worker).
        appc_image: Option<String>,
        /// Docker image that follows the Docker CLI naming <image>:<tag>
        /// (i.e., ubuntu, busybox:latest).
        docker_image: Option<String>,
        /// Comma-separated list of further framework capabilities; GPU_RESOURCES is the only
        /// one. RESERVATION_REFINEMENT and TASK_KILLING_STATE are always enabled,
        /// PARTITION_AWARE unless --no-partition_aware is given.
        framework_capabilities: Option<String>,
        /// Containerizer to be used (i.e., docker, mesos).
        containerizer: String = "mesos",
        /// JSON of the effective system capabilities of the command, for example
        /// {"capabilities": ["NET_RAW", "SYS_ADMIN"]}
        effective_capabilities: Option<String>,
        /// JSON of the bounding set of system capabilities of the command, for example
        /// {"capabilities": ["NET_RAW", "SYS_ADMIN"]}
        bounding_capabilities: Option<String>,
        /// JSON of the resource limits of the command, for example one second of CPU time:
        /// {"rlimits": [{"type": "RLMT_CPU", "soft": "1", "hard": "1"}]}
        rlimits: Option<String>,
        /// Role to use when registering.
        role: String = "*",
        /// The delay after which the task is killed (e.g., 10secs, 2mins), from its TASK_RUNNING.
        kill_after: Option<Duration>,
        /// Comma-separated list of networks that the container joins (e.g., net1,net2).
        networks: Option<String>,
        /// The principal to use for framework authentication.
        principal: Option<String>,
        /// The secret to use for framework authentication.
        secret: Option<Secret>,
        /// The volumes, as a JSON array of `Volume`, or the path of a file with it
        /// (`file:///path` or `/path`).
        volumes: Option<String>,
        /// How to talk to the master: 'json' or 'protobuf'.
        content_type: String = "protobuf",
        /// Attach a TTY to the task being launched.
        tty: bool = "false",
        /// Enable partition-awareness for the framework.
        partition_aware: bool = "true",
    }
}

impl Flags {
    /// Whether the flags go together.
    pub(super) fn check(&self) -> Result<(), ExecuteError> {
        let usage = |message: &str| Err(ExecuteError::Usage(message.to_owned()));
        if self.package.is_some() {
            return usage(
                "'--package' is not supported: make the package available by HTTP and name it \
                 in the 'uris' of the command of '--task'",
            );
        }
        match (&self.task, &self.task_group) {
            (Some(_), Some(_)) => usage(
                "Either task or task group should be set but not both. \
                 Provide either '--task' OR '--task_group'",
            ),
            (None, None) if self.name.is_none() => usage("Missing required option --name"),
            (None, None) if self.command.is_none() => usage("Missing required option --command"),
            (None, None) => Ok(()),
            (task, _) => self.check_alone(task.is_some()),
        }
    }

    /// What describes a task cannot be given beside a whole description.
    fn check_alone(&self, is_task: bool) -> Result<(), ExecuteError> {
        let usage = |message: &str| Err(ExecuteError::Usage(message.to_owned()));
        let given = [
            &self.name,
            &self.command,
            &self.env,
            &self.appc_image,
            &self.docker_image,
            &self.volumes,
        ];
        if given.iter().any(|flag| flag.is_some()) {
            return usage(
                "'--name, --command, --env, --appc_image, --docker_image, --volumes' can only \
                 be set when both '--task' and '--task_group' are not set",
            );
        }
        if is_task && self.networks.is_some() {
            return usage("'--networks' can only be set when '--task' is not set");
        }
        Ok(())
    }

    /// The names in `--networks`.
    pub(super) fn network_names(&self) -> Vec<String> {
        let names = self.networks.as_deref().unwrap_or_default();
        names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }
}

/// The text of a flag, which may stand in a file.
pub(super) fn text_or_file<'a>(flag: &str, text: &'a str) -> Result<Cow<'a, str>, ExecuteError> {
    let refused = |reason| ExecuteError::Value(format!("'{flag}': {reason}"));
    mesos_flags::text_or_file(text).map_err(refused)
}
