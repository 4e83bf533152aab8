// SPDX-License-Identifier: Apache-2.0

//! Executors: on their own, and in a framework on an agent.

use mesos_proto::v1::{
    CommandInfo, ContainerInfo, ExecutorInfo, FrameworkId, Resource, container_info,
    executor_info::Type,
};

use super::{
    Invalid, Within, command, container, ensure, ensure_with, is_negative, number, resources,
};
use crate::{
    ids,
    resources::{Resources, Scalar},
};

/// The least cpus of an executor: 0.01.
pub const CPUS_MIN: Scalar = Scalar::from_thousandths(10);

/// The least memory of an executor, in megabytes: 32.
pub const MEM_MIN: Scalar = Scalar::from_thousandths(32_000);

/// Checks an executor on its own.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(executor: &ExecutorInfo) -> Result<(), Invalid> {
    validate_type(executor)?;
    ids::validate(&executor.executor_id.value)?;
    ensure(
        !is_negative(executor.shutdown_grace_period.as_ref()),
        "ExecutorInfo's 'shutdown_grace_period' must be non-negative",
    )?;
    executor
        .command
        .as_ref()
        .map_or(Ok(()), command::validate)
        .within("Executor's `CommandInfo` is invalid")?;
    executor
        .container
        .as_ref()
        .map_or(Ok(()), container::validate)
        .within("Executor's `ContainerInfo` is invalid")
}

fn validate_type(executor: &ExecutorInfo) -> Result<(), Invalid> {
    // Unset, or of a type that is not known here, reads as UNKNOWN, which passes.
    match executor.r#type() {
        Type::Unknown => Ok(()),
        Type::Custom => ensure(
            executor.command.is_some(),
            "'ExecutorInfo.command' must be set for 'CUSTOM' executor",
        ),
        Type::Default => {
            ensure(
                executor.command.is_none(),
                "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
            )?;
            executor.container.as_ref().map_or(Ok(()), default_executor_container)
        }
    }
}

fn default_executor_container(container: &ContainerInfo) -> Result<(), Invalid> {
    ensure(
        container.r#type() == container_info::Type::Mesos,
        "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor",
    )?;
    ensure(
        container.mesos.as_ref().is_none_or(|mesos| mesos.image.is_none()),
        "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor",
    )
}

/// Checks an executor that a framework wants to run, or to use again, on an agent.
///
/// `running` is the executor of the same id there, if there is one.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn launch(
    executor: &ExecutorInfo,
    framework_id: &FrameworkId,
    running: Option<&ExecutorInfo>,
) -> Result<(), Invalid> {
    validate(executor)?;
    let Some(named) = &executor.framework_id else {
        return Err(Invalid::new("'ExecutorInfo.framework_id' must be set"));
    };
    ensure_with(named == framework_id, || {
        format!(
            "ExecutorInfo has an invalid FrameworkID (Actual: {} vs Expected: {})",
            named.value, framework_id.value
        )
    })?;
    validate_resources(&executor.resources)?;
    let Some(running) = running else { return Ok(()) };
    ensure_with(same(running, executor), || {
        let line = "-".repeat(60);
        format!(
            "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n\
             {line}\nExisting ExecutorInfo:\n{}\n{line}\nExecutorInfo:\n{}\n{line}\n",
            mesos_proto::json::to_json(running),
            mesos_proto::json::to_json(executor),
        )
    })
}

fn validate_resources(list: &[Resource]) -> Result<(), Invalid> {
    resources::all(list).within("Executor uses invalid resources")?;
    let all = Resources::from_proto(list);
    resources::unique_persistence_ids(&all).within("Executor uses duplicate persistence ID")?;
    resources::allocated_to_one_role(&all).within("Invalid executor resources")?;
    resources::not_partly_revocable(&all)
        .within("Executor mixes revocable and non-revocable resources")
}

/// Whether two descriptions are of one executor: what does not change how it
/// runs (the order of resources, URIs and volumes, labels) may differ.
pub fn same(left: &ExecutorInfo, right: &ExecutorInfo) -> bool {
    left.r#type.is_some() == right.r#type.is_some()
        && left.r#type() == right.r#type()
        && left.executor_id == right.executor_id
        && left.data() == right.data()
        && Resources::from_proto(&left.resources) == Resources::from_proto(&right.resources)
        && same_or_default(left.command.as_ref(), right.command.as_ref(), same_command)
        && left.framework_id == right.framework_id
        && left.name() == right.name()
        && left.source() == right.source()
        && same_or_default(left.container.as_ref(), right.container.as_ref(), same_container)
        && left.discovery == right.discovery
}

/// Compares two optional messages; an unset one reads as an empty one.
fn same_or_default<M: Default>(
    left: Option<&M>,
    right: Option<&M>,
    same: impl FnOnce(&M, &M) -> bool,
) -> bool {
    let none = M::default();
    same(left.unwrap_or(&none), right.unwrap_or(&none))
}

fn same_command(left: &CommandInfo, right: &CommandInfo) -> bool {
    let uris = left.uris.iter().all(|uri| {
        right.uris.iter().any(|other| {
            uri.value == other.value
                && uri.executable() == other.executable()
                && uri.extract() == other.extract()
                && uri.output_file() == other.output_file()
        })
    });
    uris && left.uris.len() == right.uris.len()
        && left.arguments == right.arguments
        && same_environment(left, right)
        && left.value() == right.value()
        && left.user() == right.user()
        && left.shell() == right.shell()
}

fn same_environment(left: &CommandInfo, right: &CommandInfo) -> bool {
    let none = Default::default();
    let left = &left.environment.as_ref().unwrap_or(&none).variables;
    let right = &right.environment.as_ref().unwrap_or(&none).variables;
    left.len() == right.len() && left.iter().all(|variable| right.contains(variable))
}

fn same_container(left: &ContainerInfo, right: &ContainerInfo) -> bool {
    left.volumes.len() == right.volumes.len()
        && left.volumes.iter().all(|volume| right.volumes.contains(volume))
        && left.r#type == right.r#type
        && left.hostname() == right.hostname()
        && left.docker == right.docker
}

/// Refuses an executor container that wants to share its cgroups.
pub(super) fn not_sharing_cgroups(executor: &ExecutorInfo) -> Result<(), Invalid> {
    ensure(
        container::share_cgroups(executor.container.as_ref()) != Some(true),
        "The 'share_cgroups' field cannot be set to 'true' on executor containers",
    )
}

/// What an executor has too little of; `None` if it has enough.
///
/// For LAUNCH this is a warning, for LAUNCH_GROUP an error.
pub fn too_small(executor: &ExecutorInfo, resources: &Resources) -> Option<String> {
    let id = &executor.executor_id.value;
    let cpus = resources.cpus();
    if cpus.is_none_or(|cpus| cpus < CPUS_MIN) {
        let has = cpus.map_or("None".to_owned(), |cpus| number::general(cpus.as_f64()));
        let least = number::general(CPUS_MIN.as_f64());
        return Some(format!(
            "Executor '{id}' uses less CPUs ({has}) than the minimum required ({least})"
        ));
    }
    let mem = resources.mem().map(whole_megabytes);
    let least = whole_megabytes(MEM_MIN);
    if mem.is_none_or(|mem| mem < least) {
        let has = mem.map_or("None".to_owned(), number::megabytes);
        let least = number::megabytes(least);
        return Some(format!(
            "Executor '{id}' uses less memory ({has}) than the minimum required ({least})"
        ));
    }
    None
}

/// Memory as Mesos compares it: fractions of a megabyte do not count.
pub(super) fn whole_megabytes(mem: Scalar) -> u64 {
    u64::try_from(mem.thousandths() / 1000).unwrap_or(0)
}
