// SPDX-License-Identifier: Apache-2.0

//! Reading the `Location` of a master that does not lead.

/// After this many redirects without a subscription between them, back-off applies.
pub(crate) const REDIRECTS_IN_A_ROW_MAX: u32 = 5;

/// The `host:port` in a location such as `//10.0.0.7:5050/api/v1/scheduler`,
/// with or without a scheme; `None` when there is none in it.
pub(crate) fn authority(location: &str) -> Option<String> {
    let (_, rest) = location.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit_once(':')?;
    let plausible = !host.is_empty() && !host.contains(['@', ' ']) && port.parse::<u16>().is_ok();
    plausible.then(|| authority.to_owned())
}

#[cfg(test)]
mod tests {
    use super::authority;

    #[test]
    fn the_leader_is_read_from_every_form_of_location() {
        for (location, leader) in [
            ("//127.0.0.1:5050", Some("127.0.0.1:5050")),
            ("//master-2:5050/master/api/v1/scheduler", Some("master-2:5050")),
            ("http://[::1]:5050/api", Some("[::1]:5050")),
            ("/api/v1/scheduler", None),
            ("//:5050", None),
            ("//host", None),
            ("//host:port", None),
            ("//user@host:5050", None),
            ("", None),
        ] {
            assert_eq!(authority(location).as_deref(), leader, "{location}");
        }
    }
}
