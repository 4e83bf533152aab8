// SPDX-License-Identifier: Apache-2.0

//! Where the agent is reached, and under which name.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    process::Command,
};

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
    ///
    /// # Errors
    /// When no address can be found out.
    pub fn new(flags: &AgentFlags, bound: SocketAddr) -> Result<Identity, Refused> {
        let ip = match flags.advertise_ip {
            Some(ip) => ip,
            None if bound.ip().is_unspecified() => own_ip().map_err(|error| Refused {
                flag: "ip",
                reason: format!("this machine's address cannot be found out, so give it: {error}"),
            })?,
            None => bound.ip(),
        };
        let port = flags.advertise_port.unwrap_or(bound.port());
        let hostname = match &flags.hostname {
            Some(hostname) => hostname.clone(),
            None if flags.hostname_lookup => {
                mesos_net::resolve::hostname_of(ip).unwrap_or_else(|| ip.to_string())
            }
            None => ip.to_string(),
        };
        Ok(Identity { bound, advertised: SocketAddr::new(ip, port), hostname })
    }
}

/// Where to listen, according to the flags.
///
/// # Errors
/// When the discovery command fails or prints no address.
pub fn address(flags: &AgentFlags) -> Result<SocketAddr, Refused> {
    let ip = match (&flags.ip, &flags.ip_discovery_command) {
        (Some(ip), _) => *ip,
        (None, Some(command)) => discover("ip_discovery_command", command)?,
        (None, None) => Ipv4Addr::UNSPECIFIED.into(),
    };
    Ok(SocketAddr::new(ip, flags.port))
}

fn discover(flag: &'static str, command: &str) -> Result<IpAddr, Refused> {
    let refused = |reason: String| Refused { flag, reason };
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .output()
        .map_err(|error| refused(format!("cannot run '{command}': {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let text = text.trim();
    if !output.status.success() {
        return Err(refused(format!("'{command}' failed: {}", output.status)));
    }
    text.parse().map_err(|_| refused(format!("'{command}' printed '{text}', not an IP address")))
}

/// The address of the interface that leads out of this machine, or the loopback address.
fn own_ip() -> io::Result<IpAddr> {
    // Connecting a datagram socket sends nothing; the kernel only picks the interface.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    match socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)) {
        Ok(()) => Ok(socket.local_addr()?.ip()),
        Err(_) => Ok(Ipv4Addr::LOCALHOST.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_discovered_by_a_command() {
        let discovered = discover("ip_discovery_command", "echo ' 10.1.2.3 '");
        assert_eq!(discovered, Ok(Ipv4Addr::new(10, 1, 2, 3).into()));
        for bad in ["echo nowhere", "exit 3"] {
            let error = discover("ip_discovery_command", bad).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
    }

    #[test]
    fn this_machine_has_an_address() {
        assert!(!own_ip().unwrap().is_unspecified());
    }
}
