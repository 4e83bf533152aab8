// SPDX-License-Identifier: Apache-2.0

//! Generates the Rust types of every message under `proto/`, and the tables
//! that describe them (see `build/tables.rs`).

use std::{env, error::Error, fs, path::Path};

#[path = "build/tables.rs"]
mod tables;

const FILES: [&str; 12] = [
    "google/protobuf/duration.proto",
    "mesos/v1/mesos.proto",
    "mesos/v1/agent/agent.proto",
    "mesos/v1/allocator/allocator.proto",
    "mesos/v1/executor/executor.proto",
    "mesos/v1/maintenance/maintenance.proto",
    "mesos/v1/master/master.proto",
    "mesos/v1/quota/quota.proto",
    "mesos/v1/resource_provider/resource_provider.proto",
    "mesos/v1/scheduler/scheduler.proto",
    "mesos/internal/messages.proto",
    "mesos/scheduler/scheduler.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build");
    let descriptors = protox::compile(FILES, ["proto"])?;
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("tables.rs"), tables::source(&descriptors)?)?;
    prost_build::Config::new()
        .btree_map(["."])
        .compile_well_known_types()
        .bytes(["."])
        .out_dir(out)
        .include_file(Path::new("modules.rs"))
        .compile_fds(descriptors)?;
    Ok(())
}
