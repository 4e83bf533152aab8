// SPDX-License-Identifier: Apache-2.0

//! The files of `mesos-proto` that this crate is made of.

macro_rules! source {
    ($path:literal) => {
        include_str!(concat!("../../../core/proto/proto/", $path))
    };
}

macro_rules! api {
    ($path:literal) => {
        ($path, source!($path))
    };
}

/// The files of the package `mesos.v1`, in which order does not matter to a compiler: a reader
/// finds the small things first.
pub(crate) const VOCABULARY: [&str; 14] = [
    source!("mesos/v1/ids.proto"),
    source!("mesos/v1/basics.proto"),
    source!("mesos/v1/value.proto"),
    source!("mesos/v1/secret.proto"),
    source!("mesos/v1/volume.proto"),
    source!("mesos/v1/resource.proto"),
    source!("mesos/v1/container.proto"),
    source!("mesos/v1/command.proto"),
    source!("mesos/v1/machine.proto"),
    source!("mesos/v1/node.proto"),
    source!("mesos/v1/framework.proto"),
    source!("mesos/v1/task.proto"),
    source!("mesos/v1/offer.proto"),
    source!("mesos/v1/statistics.proto"),
];

pub(crate) const SCHEDULER: &str = source!("mesos/v1/scheduler/scheduler.proto");
pub(crate) const EXECUTOR: &str = source!("mesos/v1/executor/executor.proto");

/// The other files of v1, after what they import.
pub(crate) const APIS: [(&str, &str); 8] = [
    api!("mesos/v1/allocator/allocator.proto"),
    api!("mesos/v1/maintenance/maintenance.proto"),
    api!("mesos/v1/quota/quota.proto"),
    api!("mesos/v1/scheduler/scheduler.proto"),
    api!("mesos/v1/executor/executor.proto"),
    api!("mesos/v1/agent/agent.proto"),
    api!("mesos/v1/master/master.proto"),
    api!("mesos/v1/resource_provider/resource_provider.proto"),
];
