// SPDX-License-Identifier: Apache-2.0

//! Where log lines go, and in which form.

use std::{fs::File, io, sync::Arc};

use tracing_subscriber::{
    Layer, Registry, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::flags::AgentFlags;

/// Sends log lines to the standard error, unless `--quiet`, and to a file in `--log_dir`.
/// Does nothing when another part of the process has done so already.
///
/// # Errors
/// When the file cannot be written.
pub fn start(flags: &AgentFlags) -> io::Result<()> {
    let level = match flags.logging_level.as_str() {
        "ERROR" => LevelFilter::ERROR,
        "WARNING" => LevelFilter::WARN,
        _ => LevelFilter::INFO,
    };
    let json = flags.log_format.as_deref() == Some("json");
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if !flags.quiet {
        layers.push(layer(json, level, io::stderr));
    }
    if let Some(directory) = &flags.log_dir {
        std::fs::create_dir_all(directory)?;
        let mut options = File::options();
        let file = options.append(true).create(true).open(directory.join("mesos-agent.INFO"))?;
        layers.push(layer(json, level, Arc::new(file)));
    }
    // Another subscriber is there when several daemons share a process, or in tests.
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(())
}

fn layer<W>(json: bool, level: LevelFilter, to: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(to).with_ansi(false);
    if json { layer.json().with_filter(level).boxed() } else { layer.with_filter(level).boxed() }
}
