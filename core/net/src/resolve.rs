// SPDX-License-Identifier: Apache-2.0

//! Names of addresses.

use std::net::IpAddr;

/// The name that the system gives an address (`/etc/hosts`, then DNS), which is
/// what a daemon advertises unless told otherwise. Blocks; `None` when there is
/// none.
pub fn hostname_of(address: IpAddr) -> Option<String> {
    let name = dns_lookup::lookup_addr(&address).ok()?;
    // Without a name the system answers with the address itself.
    (name != address.to_string()).then_some(name)
}
