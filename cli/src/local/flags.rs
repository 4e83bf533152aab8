// SPDX-License-Identifier: Apache-2.0

//! The flags of `mesos-local`, and what follows from them for the daemons.

use std::{net::IpAddr, path::PathBuf};

use anyhow::{Context, Result};

mesos_flags::flags! {
    /// The command line of `mesos-local`.
    pub struct Flags {
        /// Where the master and the agents keep their things; mesos/local below the
        /// temporary folder if unset.
        work_dir: Option<PathBuf>,
        /// How many agents to run.
        num_agents | num_slaves: u16 = "1",
        /// The address to listen on.
        ip: IpAddr = "127.0.0.1",
        /// The port of the master; the agents take the ports after it.
        port: u16 = "5050",
    }
}

impl Flags {
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

    /// The command line of an agent, counted from 0.
    ///
    /// # Errors
    /// There are not that many ports.
    pub(super) fn agent_arguments(&self, index: u16) -> Result<Vec<String>> {
        let port = self.port.checked_add(1).and_then(|first| first.checked_add(index));
        let port = port.context("--port and --num_agents lead beyond port 65535")?;
        let authority = std::net::SocketAddr::new(self.ip, self.port);
        Ok(vec![
            format!("--master={authority}"),
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
        Flags { work_dir: Some("/w".into()), num_agents: 2, ip: IpAddr::from([127, 0, 0, 1]), port }
    }

    #[test]
    fn each_agent_has_its_own_port_and_folders() {
        assert_eq!(
            flags(5050).agent_arguments(1).unwrap(),
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
        assert!(flags(65_534).agent_arguments(0).is_ok());
        assert!(flags(65_534).agent_arguments(1).is_err());
    }
}
