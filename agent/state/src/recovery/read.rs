// SPDX-License-Identifier: Apache-2.0

//! Reads the checkpoints. Whatever is missing or damaged leaves out as little as possible, and is
//! named: what a crash explains among the leftovers, anything else among the errors. A crash of
//! the whole machine explains everything but the loss of the agent's own description, since only
//! that is flushed to the disk at once.

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::{
    Described, decode,
    internal::{StatusUpdateRecord, status_update_record},
    v1::{ExecutorInfo, FrameworkInfo, Resource, Task, TaskInfo},
};
use prost::Message;

use super::{KillNote, RecoveredExecutor, RecoveredFramework, RecoveredState, RecoveredTask};
use crate::{
    framework::scheduler_pid,
    key::ContainerId,
    paths::{self, Run},
};

/// The file system, as much of it as reading checkpoints takes.
pub trait Files {
    /// The content of a file; `None` if it is not there.
    ///
    /// # Errors
    /// What the system says if it is there and cannot be read.
    fn read(&self, path: &str) -> Result<Option<Bytes>, String>;
    /// The names in a directory, sorted; nothing if it is not there.
    fn list(&self, path: &str) -> Vec<String>;
    /// The target of a symbolic link.
    fn link(&self, path: &str) -> Option<String>;
    /// When a file or directory was last changed.
    fn modified(&self, path: &str) -> Option<Time>;
}

struct Reader<'a> {
    files: &'a dyn Files,
    work_dir: &'a str,
    meta: String,
    agent_id: String,
    state: RecoveredState,
}

/// Reads what an agent left below its work directory. `boot_id` is that of the running system.
pub fn read(files: &dyn Files, work_dir: &str, boot_id: Option<&str>) -> RecoveredState {
    let meta = paths::meta_root(work_dir);
    let agent_id = files.link(&paths::latest_agent(&meta)).and_then(|target| last_name(&target));
    let mut reader = Reader {
        files,
        work_dir,
        meta,
        agent_id: agent_id.unwrap_or_default(),
        state: RecoveredState::default(),
    };
    reader.resources();
    reader.other_agents();
    if reader.agent_id.is_empty() {
        return reader.state;
    }
    let old_boot = reader.text(&paths::boot_id(work_dir));
    reader.state.rebooted = boot_id.is_some_and(|now| old_boot.is_some_and(|old| old != now));
    let info = paths::agent_info(&reader.meta, &reader.agent_id);
    let Some(agent) = reader.message(&info) else {
        reader.state.errors.push(format!("Failed to read '{info}': starting as a new agent"));
        return reader.state;
    };
    reader.state.agent = Some(agent);
    let drain = paths::drain_config(&reader.meta, &reader.agent_id);
    reader.state.drain = reader.message(&drain);
    let errors_before = reader.state.errors.len();
    for framework_id in files.list(&paths::frameworks(&reader.meta, &reader.agent_id)) {
        reader.framework(&framework_id);
    }
    if reader.state.rebooted {
        let explained = reader.state.errors.split_off(errors_before);
        reader.state.leftovers.extend(explained);
    }
    reader.state
}

impl Reader<'_> {
    fn framework(&mut self, framework_id: &str) {
        let (meta, agent_id) = (self.meta.clone(), self.agent_id.clone());
        let run =
            Run { root: &meta, agent_id: &agent_id, framework_id, executor_id: "", container: "" };
        let info = self.message::<FrameworkInfo>(&run.framework_info());
        let is_own =
            |info: &FrameworkInfo| info.id.as_ref().is_some_and(|id| id.value == framework_id);
        let Some(info) = info.filter(is_own) else {
            self.state.leftovers.push(format!(
                "Leaving out framework {framework_id}: its description is missing or another's"
            ));
            return self.discard(run, |run| run.framework());
        };
        let pid = self.text(&run.framework_pid());
        let mut executors = Vec::new();
        for executor_id in self.files.list(&run.executors()) {
            let run = Run { executor_id: &executor_id, ..run };
            match self.executor(run) {
                Some(executor) => executors.push(executor),
                None => self.discard(run, |run| run.executor()),
            }
        }
        if executors.is_empty() {
            return self.discard(run, |run| run.framework());
        }
        let pid = scheduler_pid(pid.as_ref());
        self.state.frameworks.push(RecoveredFramework { info, pid, executors });
    }

    fn executor(&mut self, run: Run<'_>) -> Option<RecoveredExecutor> {
        let name = run.executor_id;
        let info = self.message::<ExecutorInfo>(&run.executor_info());
        let Some(info) = info.filter(|info| info.executor_id.value == name) else {
            self.state.leftovers.push(format!(
                "Leaving out executor '{name}': its description is missing or another's"
            ));
            return None;
        };
        let Some(latest) = self.files.link(&run.latest()).and_then(|target| last_name(&target))
        else {
            self.state.leftovers.push(format!("Leaving out executor '{name}': it has no run"));
            return None;
        };
        for other in self.files.list(&run.runs()) {
            if other != latest && other != "latest" {
                self.discard(Run { container: &other, ..run }, |run| run.run());
            }
        }
        let run = Run { container: &latest, ..run };
        let generated = self.text(&run.executor_generated()).is_some_and(|text| text == "1");
        let mut tasks = Vec::new();
        for task_id in self.files.list(&run.tasks()) {
            tasks.extend(self.task(run, &task_id));
        }
        Some(RecoveredExecutor {
            info,
            container: ContainerId::new(&latest),
            generated_for_command_task: generated,
            completed: self.files.read(&run.sentinel()).is_ok_and(|file| file.is_some()),
            tasks,
        })
    }

    fn task(&mut self, run: Run<'_>, task_id: &str) -> Option<RecoveredTask> {
        let task = self.message::<Task>(&run.task_info(task_id));
        let Some(task) = task.filter(|task| task.task_id.value == task_id) else {
            self.state.leftovers.push(format!(
                "Leaving out task '{task_id}': its description is missing or another's"
            ));
            return None;
        };
        let launch = self.message::<TaskInfo>(&run.task_launch(task_id));
        let kill = self.text(&run.task_kill(task_id));
        let note = kill.as_deref().and_then(KillNote::parse);
        if kill.is_some() && note.is_none() {
            self.state.leftovers.push(format!(
                "Leaving out how task '{task_id}' was being killed: it is illegible"
            ));
        }
        let mut recovered = RecoveredTask {
            task,
            launch,
            kill: note,
            updates: Vec::new(),
            acknowledged: Vec::new(),
        };
        for record in self.records::<StatusUpdateRecord>(&run.task_updates(task_id)) {
            match record.r#type() {
                status_update_record::Type::Update => recovered.updates.extend(record.update),
                status_update_record::Type::Ack => recovered.acknowledged.extend(record.uuid),
            }
        }
        Some(recovered)
    }

    fn resources(&mut self) {
        let path = paths::resources_info(&self.meta);
        self.state.checkpointed_resources = self.records::<Resource>(&path);
    }

    /// What earlier agent ids left is of no use to anyone.
    fn other_agents(&mut self) {
        for root in [self.work_dir.to_owned(), self.meta.clone()] {
            for name in self.files.list(&format!("{root}/slaves")) {
                if name != "latest" && name != self.agent_id {
                    self.garbage(paths::agent(&root, &name));
                }
            }
        }
    }

    /// Gives up the same directory below both roots.
    fn discard(&mut self, run: Run<'_>, directory: fn(&Run<'_>) -> String) {
        let meta = directory(&run);
        let work = directory(&Run { root: self.work_dir, ..run });
        self.garbage(meta);
        self.garbage(work);
    }

    fn garbage(&mut self, path: String) {
        if let Some(modified) = self.files.modified(&path) {
            self.state.garbage.push((path, modified));
        }
    }

    fn bytes(&mut self, path: &str) -> Option<Bytes> {
        match self.files.read(path) {
            Ok(content) => content,
            Err(error) => {
                self.state.errors.push(format!("Failed to read '{path}': {error}"));
                None
            }
        }
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let bytes = self.bytes(path)?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// A file of one message, which was written whole or not at all.
    fn message<M: Message + Default>(&mut self, path: &str) -> Option<M> {
        let content = self.bytes(path)?;
        if content.is_empty() {
            self.state.leftovers.push(format!("Leaving out '{path}': it is empty"));
            return None;
        }
        let record = next_record(&content, 0).filter(|(_, end)| *end == content.len());
        let decoded = record.and_then(|(record, _)| M::decode(record).ok());
        if decoded.is_none() {
            self.state.errors.push(format!("Failed to decode '{path}'"));
        }
        decoded
    }

    /// The records of a file that grows, up to where it is damaged. The last one may be torn.
    fn records<M: Described>(&mut self, path: &str) -> Vec<M> {
        let mut records = Vec::new();
        let Some(content) = self.bytes(path) else { return records };
        let mut good = 0;
        while let Some((record, end)) = next_record(&content, good) {
            // One that lacks a required field is none: what is behind a gap may look like one.
            match decode::<M>(record) {
                Ok(message) => records.push(message),
                Err(error) => {
                    self.state.errors.push(format!("Failed to decode '{path}': {error}"));
                    break;
                }
            }
            good = end;
        }
        if good < content.len() {
            let lost = content.len() - good;
            self.state.leftovers.push(format!("Leaving out the last {lost} bytes of '{path}'"));
            self.state.repairs.push((path.to_owned(), content.slice(..good)));
        }
        records
    }
}

/// The record at `start`, and where it ends; `None` if it is not all there.
fn next_record(content: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let prefix: [u8; 4] = content.get(start..start + 4)?.try_into().ok()?;
    let begin = start + 4;
    let end = begin.checked_add(u32::from_le_bytes(prefix) as usize)?;
    Some((content.get(begin..end)?, end))
}

fn last_name(path: &str) -> Option<String> {
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    mesos_core::ids::validate(name).ok()?;
    Some(name.to_owned())
}
