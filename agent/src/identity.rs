// SPDX-License-Identifier: Apache-2.0

//! Where the agent is reached, and under which name.

use std::net::{Ipv4Addr, SocketAddr};

use mesos_net::resolve;

use crate::flags::{AgentFlags, check::Refused};

/// The process that all of the agent's messages come from and go to.
pub const PROCESS: &str = "slave(1)";

/// An agent's addresses and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the server listens on.
    pub bound: SocketAddr,
    /// What others are told.
    pub advertised: SocketAddr,
    /// The name others are told.
    pub hostname: String,
}

impl Identity {
    /// The agent's process id, `slave(1)@ip:port`.
    pub fn pid(&self) -> String {
        format!("{PROCESS}@{}", self.advertised)
    }

    /// The identity of an agent whose server listens on `bound`.
    pub fn new(flags: &AgentFlags, bound: SocketAddr) -> Identity {
        let ip = match flags.advertise_ip {
            Some(ip) => ip,
            None if bound.ip().is_unspecified() => resolve::own_ip(),
            None => bound.ip(),
        };
        let port = flags.advertise_port.unwrap_or(bound.port());
        let hostname = match &flags.hostname {
            Some(hostname) => hostname.clone(),
            None if flags.hostname_lookup => {
                resolve::hostname_of(ip).unwrap_or_else(|| ip.to_string())
            }
            None => ip.to_string(),
        };
        Identity { bound, advertised: SocketAddr::new(ip, port), hostname }
    }
}

/// Where to listen, according to the flags.
///
/// # Errors
/// When the discovery command fails or prints no address.
pub fn address(flags: &AgentFlags) -> Result<SocketAddr, Refused> {
    let ip = match (&flags.ip, &flags.ip_discovery_command) {
        (Some(ip), _) => *ip,
        (None, Some(command)) => resolve::discover_ip(command)
            .map_err(|reason| Refused { flag: "ip_discovery_command", reason })?,
        (None, None) => Ipv4Addr::UNSPECIFIED.into(),
    };
    Ok(SocketAddr::new(ip, flags.port))
}
