// SPDX-License-Identifier: Apache-2.0

//! Which address a daemon has, and its name.

use std::{
    net::{IpAddr, Ipv4Addr, UdpSocket},
    process::Command,
};

/// The name that the system gives an address (`/etc/hosts`, then DNS), which is
/// what a daemon advertises unless told otherwise. Blocks; `None` when there is
/// none.
pub fn hostname_of(address: IpAddr) -> Option<String> {
    let name = dns_lookup::lookup_addr(&address).ok()?;
    // Without a name the system answers with the address itself.
    (name != address.to_string()).then_some(name)
}

/// The address of the interface that leads to other machines, for daemons that
/// listen everywhere; loopback when there is none.
pub fn own_ip() -> IpAddr {
    // Connecting a datagram socket sends nothing; the kernel only picks the interface.
    let route = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    };
    route().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}

/// The address that a command prints (`--ip_discovery_command`). Blocks; the
/// error says what the command did instead.
pub fn discover_ip(command: &str) -> Result<IpAddr, String> {
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .output()
        .map_err(|error| format!("cannot run '{command}': {error}"))?;
    if !output.status.success() {
        return Err(format!("'{command}' failed: {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let text = text.trim();
    text.parse().map_err(|_| format!("'{command}' printed '{text}', not an IP address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_discovered_by_a_command() {
        let discovered = discover_ip("echo ' 10.1.2.3 '");
        assert_eq!(discovered, Ok(Ipv4Addr::new(10, 1, 2, 3).into()));
        for bad in ["echo nowhere", "exit 3"] {
            let error = discover_ip(bad).expect_err("no address");
            assert!(error.contains(bad), "{error}");
        }
    }

    #[test]
    fn this_machine_has_an_address() {
        assert!(!own_ip().is_unspecified());
    }
}
