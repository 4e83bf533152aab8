// SPDX-License-Identifier: Apache-2.0

//! What this machine has to offer.
//!
//! Of `cpus`, `mem`, `disk` and `ports`, each that `--resources` does not name
//! is detected, leaving the machine itself a share as Mesos does:
//!
//! | resource | offered                                                            |
//! |----------|--------------------------------------------------------------------|
//! | cpus     | the processors this process may use                                |
//! | mem      | all but 1 GB of the memory; half of it below 2 GB                  |
//! | disk     | all but 5 GB of the work directory's disk; half of it below 10 GB  |
//! | ports    | 31000 to 32000                                                     |
//!
//! GPUs are offered as they are named, and counted; none are detected, and tasks
//! are not confined to theirs, as in Mesos without the isolator `gpu/nvidia`.

use std::path::{Path, PathBuf};

use mesos_core::resources::Resources;
use mesos_flags::text_or_file;
use mesos_proto::v1::Resource;
use nix::{
    sys::{statvfs::statvfs, sysinfo::sysinfo},
    unistd::{SysconfVar, sysconf},
};

use crate::flags::{AgentFlags, check::Refused};

const MEGABYTE: u64 = 1 << 20;
const GIGABYTE: u64 = 1 << 30;

/// What is offered when the machine does not tell.
const DEFAULT_CPUS: u64 = 1;
const DEFAULT_MEM: u64 = GIGABYTE;
const DEFAULT_DISK: u64 = 10 * GIGABYTE;

/// The resources of the agent.
///
/// # Errors
/// When `--resources` makes no sense.
pub fn resources(flags: &AgentFlags, work_dir: &Path) -> Result<Vec<Resource>, Refused> {
    let refused = |reason| Refused { flag: "resources", reason };
    let text = flags.resources.as_deref().unwrap_or("");
    let text = text_or_file(text).map_err(refused)?;
    let mut resources =
        Resources::parse(&text, &flags.default_role).map_err(|error| refused(error.to_string()))?;
    if let Some(warning) = unconfined(&resources) {
        tracing::warn!("{warning}");
    }
    let detected = [
        ("cpus", cpus().to_string()),
        ("mem", (offered_mem(memory()) / MEGABYTE).to_string()),
        ("disk", (offered_disk(disk(work_dir)) / MEGABYTE).to_string()),
        ("ports", "[31000-32000]".to_owned()),
    ];
    for (name, amount) in detected {
        // Named with an amount of zero counts as named, though nothing of it is left.
        if names(&text, name) || resources.iter().any(|one| one.name().as_str() == name) {
            continue;
        }
        let more = Resources::parse(&format!("{name}:{amount}"), &flags.default_role)
            .map_err(|error| refused(error.to_string()))?;
        resources += &more;
    }
    Ok(resources.to_proto())
}

/// What an operator should know of resources that are only counted.
fn unconfined(resources: &Resources) -> Option<&'static str> {
    resources.iter().any(|one| one.name().as_str() == "gpus").then_some(
        "--resources names gpus: they are offered and counted, but tasks are not confined to \
         theirs, since the isolator gpu/nvidia is not supported",
    )
}

/// Whether a text form or JSON form speaks of a resource, by whatever amount.
fn names(text: &str, name: &str) -> bool {
    if text.trim_start().starts_with('[') {
        return text.contains(&format!("\"{name}\""));
    }
    text.split([';', '\n']).any(|part| {
        part.trim().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with([':', '(']))
    })
}

fn offered_mem(total: Option<u64>) -> u64 {
    match total {
        None => DEFAULT_MEM,
        Some(total) if total >= 2 * GIGABYTE => total - GIGABYTE,
        Some(total) => total / 2,
    }
}

fn offered_disk(total: Option<u64>) -> u64 {
    match total {
        None => DEFAULT_DISK,
        Some(total) if total >= 10 * GIGABYTE => total - 5 * GIGABYTE,
        Some(total) => total / 2,
    }
}

fn cpus() -> u64 {
    match sysconf(SysconfVar::_NPROCESSORS_ONLN) {
        Ok(Some(count)) if count > 0 => count.unsigned_abs(),
        other => {
            tracing::warn!(?other, "cannot tell the number of processors; offering one");
            DEFAULT_CPUS
        }
    }
}

/// All memory of the machine, in bytes.
pub fn memory() -> Option<u64> {
    sysinfo().map(|info| info.ram_total()).ok()
}

/// Memory that is free right now, in bytes.
pub fn free_memory() -> Option<u64> {
    sysinfo().map(|info| info.ram_unused()).ok()
}

/// The size of the file system that a directory is on, or will be, in bytes.
fn disk(work_dir: &Path) -> Option<u64> {
    let there: PathBuf = work_dir.ancestors().find(|path| path.exists())?.to_owned();
    let about = statvfs(&there).ok()?;
    Some(about.blocks() * about.fragment_size())
}

/// The share of the file system below `path` that is used, from 0 to 1.
pub fn disk_usage(path: &Path) -> Option<f64> {
    let about = statvfs(path).ok()?;
    let total = about.blocks() as f64;
    (total > 0.0).then(|| 1.0 - about.blocks_available() as f64 / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_keeps_a_share_for_itself() {
        assert_eq!(offered_mem(Some(16 * GIGABYTE)), 15 * GIGABYTE);
        assert_eq!(offered_mem(Some(GIGABYTE)), GIGABYTE / 2);
        assert_eq!(offered_mem(None), GIGABYTE);
        assert_eq!(offered_disk(Some(100 * GIGABYTE)), 95 * GIGABYTE);
        assert_eq!(offered_disk(Some(8 * GIGABYTE)), 4 * GIGABYTE);
    }

    #[test]
    fn a_resource_with_any_amount_counts_as_named() {
        assert!(names("cpus:0;mem:1", "cpus"));
        assert!(names("ports(web):[1-2]", "ports"));
        assert!(names(r#"[{"name": "disk", "type": "SCALAR"}]"#, "disk"));
        assert!(!names("mycpus:4;cpus_extra:1", "cpus"));
    }

    #[test]
    fn gpus_that_are_only_counted_are_worth_a_warning() {
        let warns = |text| unconfined(&Resources::parse(text, "*").unwrap()).is_some();
        assert!(warns("cpus:1;gpus:2"));
        assert!(!warns("cpus:1;mem:64"));
    }

    #[test]
    fn this_machine_has_a_disk() {
        let usage = disk_usage(Path::new("/")).unwrap();
        assert!((0.0..=1.0).contains(&usage));
        assert!(disk(Path::new("/not/yet/there")).unwrap() > 0);
    }
}
