// SPDX-License-Identifier: Apache-2.0

//! The flags of the test-framework, with Mesos's names and variables.

use std::path::PathBuf;

use anyhow::{Result, bail};
use mesos_client::ContentType;
use mesos_flags::{Loaded, Secret, Source};

mesos_flags::flags! {
    /// The flags; each can be given as `MESOS_EXAMPLE_<NAME>` in the environment too.
    pub struct Flags {
        /// Prints this help.
        help: bool = "false",
        /// Prints the version.
        version: bool = "false",
        /// Where the master is, as host:port.
        master: String,
        /// How many tasks to run.
        tasks: u32 = "5",
        /// The role to run them in.
        role: String = "*",
        /// The user to run them as; the current one if unset.
        user: Option<String>,
        /// Whether tasks survive a restart of their agent.
        checkpoint: bool = "false",
        /// Whether to authenticate, which takes a principal.
        authenticate: bool = "false",
        /// Who to authenticate as.
        principal: Option<String>,
        /// What to authenticate with.
        secret: Option<Secret>,
        /// How to talk to the master: protobuf or json.
        content_type: String = "protobuf",
        /// Where the test-executor is; next to this program if unset.
        executor: Option<PathBuf>,
        /// How long everything may take.
        timeout: std::time::Duration = "5mins",
    }
}

impl Flags {
    /// Who to authenticate as and with what, if that is wanted.
    pub fn credential(&self) -> Result<Option<(&str, &str)>> {
        match (&self.principal, &self.secret) {
            (None, _) if self.authenticate => bail!("--authenticate needs --principal"),
            (Some(principal), secret) if self.authenticate || secret.is_some() => {
                Ok(Some((principal, secret.as_ref().map_or("", Secret::reveal))))
            }
            (None, Some(_)) => bail!("--secret needs --principal"),
            (Some(_) | None, _) => Ok(None),
        }
    }

    /// The content type that was asked for.
    pub fn content_type(&self) -> Result<ContentType> {
        match self.content_type.as_str() {
            "protobuf" => Ok(ContentType::Protobuf),
            "json" => Ok(ContentType::Json),
            other => bail!("--content_type is '{other}'; expected protobuf or json"),
        }
    }
}

/// Reads the command line and the environment; `None` when only help was wanted.
pub fn load() -> Result<Option<Flags>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let source = Source {
        program: "test-framework",
        arguments: &arguments,
        environment: &environment,
        prefix: "MESOS_EXAMPLE_",
        read_file: &|path| std::fs::read_to_string(path),
    };
    match mesos_flags::load(&source)? {
        Loaded::Flags(flags, warnings) => {
            for warning in warnings {
                eprintln!("{warning}");
            }
            Ok(Some(flags))
        }
        Loaded::Help(text) => {
            println!("{text}");
            Ok(None)
        }
        Loaded::Version => {
            println!("test-framework {}", env!("CARGO_PKG_VERSION"));
            Ok(None)
        }
    }
}
