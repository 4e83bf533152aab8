// SPDX-License-Identifier: Apache-2.0

//! Who a master is: its id, where it listens, what it advertises.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mesos_net::resolve;
use mesos_proto::v1;
use uuid::Uuid;

use crate::{
    VERSION,
    flags::{MasterFlags, check::Refused, settings},
    start::StartError,
};

/// The number of the capability QUOTA_V2, which the v1 API has no name for.
const QUOTA_V2: i32 = 3;

/// Where to listen: `--ip`, or what `--ip_discovery_command` says, or everywhere.
pub(crate) fn bind_address(flags: &MasterFlags) -> Result<SocketAddr, StartError> {
    let ip = match (&flags.ip, &flags.ip_discovery_command) {
        (Some(ip), _) => *ip,
        (None, Some(command)) => resolve::discover_ip(command)
            .map_err(|reason| Refused { flag: "ip_discovery_command", reason })?,
        (None, None) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    Ok(SocketAddr::new(ip, flags.port))
}

/// The address that others reach the master at.
pub(crate) fn advertised(flags: &MasterFlags, bound: SocketAddr) -> SocketAddr {
    let ip = flags.advertise_ip.unwrap_or_else(|| {
        if bound.ip().is_unspecified() { resolve::own_ip() } else { bound.ip() }
    });
    SocketAddr::new(ip, flags.advertise_port.unwrap_or_else(|| bound.port()))
}

/// What the master tells about itself.
pub(crate) fn master_info(
    flags: &MasterFlags,
    address: SocketAddr,
) -> Result<v1::MasterInfo, StartError> {
    use v1::master_info::{Capability, capability::Type};
    let hostname = match &flags.hostname {
        Some(hostname) => hostname.clone(),
        None if flags.hostname_lookup => {
            resolve::hostname_of(address.ip()).unwrap_or_else(|| address.ip().to_string())
        }
        None => address.ip().to_string(),
    };
    let domain = flags.domain.as_deref().map(settings::domain).transpose()?;
    let capabilities = [Type::AgentUpdate as i32, Type::AgentDraining as i32, QUOTA_V2];
    Ok(v1::MasterInfo {
        id: Uuid::new_v4().to_string(),
        ip: network_order(address.ip()),
        port: u32::from(address.port()),
        pid: Some(format!("master@{address}")),
        hostname: Some(hostname.clone()),
        version: Some(VERSION.to_owned()),
        address: Some(v1::Address {
            hostname: Some(hostname),
            ip: Some(address.ip().to_string()),
            port: i32::from(address.port()),
        }),
        domain,
        capabilities: capabilities.map(|number| Capability { r#type: Some(number) }).to_vec(),
    })
}

/// The address as the old field has it: its bytes in network order, read as a
/// number of this machine. IPv6 does not fit.
fn network_order(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => u32::from_ne_bytes(ip.octets()),
        IpAddr::V6(_) => 0,
    }
}
