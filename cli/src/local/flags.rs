// SPDX-License-Identifier: Apache-2.0

//! The flags of `mesos-local`, and what follows from them for the daemons.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

mesos_flags::flags! {
    /// The command line of `mesos-local`.
    pub struct Flags {
        /// Prints this help.
        help: bool = "false",
        /// Prints the version.
        version: bool = "false",
        /// Where the master and the agents keep their things; mesos/local below the
        /// temporary folder if unset.
        work_dir: Option<PathBuf>,
        /// How many agents to run.
        num_agents | num_slaves: u16 = "1",
        /// The address to listen on.
        ip: IpAddr = "127.0.0.1",
        /// The port of the master; the agents take the ports after it.
        port: u16 = "5050",
        /// Serve one process, as the driver of a framework whose master is `local` does: take
        /// ports that are free, keep everything in a new folder below the temporary one, print
        /// the master's address on standard output when all is there, and end, leaving nothing
        /// behind, when standard input does. Overrides --port and --work_dir.
        ephemeral: bool = "false",
    }
}

impl Flags {
    /// The flags of a cluster for one process, that keeps its things in `folder`.
    pub(super) fn ephemeral_in(mut self, folder: &Path) -> Self {
        self.work_dir = Some(folder.to_owned());
        self.port = 0;
        self
    }

    fn folder(&self, name: &str) -> String {
        let work_dir = self.work_dir.clone();
        let work_dir = work_dir.unwrap_or_else(|| std::env::temp_dir().join("mesos/local"));
        work_dir.join(name).display().to_string()
    }

    /// The command line of the master.
    pub(super) fn master_arguments(&self) -> Vec<String> {
        vec![
            format!("--ip={}", self.ip),
            format!("--port={}", self.port),
            format!("--work_dir={}", self.folder("master")),
        ]
    }

    /// The command line of an agent, counted from 0, for the master that listens at `master`.
    ///
    /// # Errors
    /// There are not that many ports.
    pub(super) fn agent_arguments(&self, index: u16, master: SocketAddr) -> Result<Vec<String>> {
        let port = match self.port {
            0 => 0,
            port => port
                .checked_add(1)
                .and_then(|first| first.checked_add(index))
                .context("--port and --num_agents lead beyond port 65535")?,
        };
        Ok(vec![
            format!("--master={}", SocketAddr::new(self.ip, master.port())),
            format!("--ip={}", self.ip),
            format!("--port={port}"),
            format!("--work_dir={}", self.folder(&format!("agents/{index}/work"))),
            format!("--runtime_dir={}", self.folder(&format!("agents/{index}/run"))),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(port: u16) -> Flags {
        Flags {
            help: false,
            version: false,
            work_dir: Some("/w".into()),
            num_agents: 2,
            ip: IpAddr::from([127, 0, 0, 1]),
            port,
            ephemeral: false,
        }
    }

    fn master(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn each_agent_has_its_own_port_and_folders() {
        assert_eq!(
            flags(5050).agent_arguments(1, master(5050)).unwrap(),
            [
                "--master=127.0.0.1:5050",
                "--ip=127.0.0.1",
                "--port=5052",
                "--work_dir=/w/agents/1/work",
                "--runtime_dir=/w/agents/1/run"
            ]
        );
    }

    #[test]
    fn ports_do_not_wrap_around() {
        assert!(flags(65_534).agent_arguments(0, master(65_534)).is_ok());
        assert!(flags(65_534).agent_arguments(1, master(65_534)).is_err());
    }

    #[test]
    fn a_cluster_for_one_process_takes_free_ports_and_the_folder_it_is_given() {
        let flags = flags(5050).ephemeral_in(Path::new("/tmp/x"));
        let port = "--port=0".to_owned();
        assert_eq!(
            flags.master_arguments()[1..],
            [port.clone(), "--work_dir=/tmp/x/master".into()]
        );
        let agent = flags.agent_arguments(3, master(41_000)).unwrap();
        assert_eq!(agent[0], "--master=127.0.0.1:41000");
        assert!(agent.contains(&port), "{agent:?}");
    }
}
