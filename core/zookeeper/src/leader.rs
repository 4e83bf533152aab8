// SPDX-License-Identifier: Apache-2.0

//! Who leads, out of the names and the contents of nodes.

use mesos_proto::v1::MasterInfo;

/// How the content of a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Protobuf,
    Pid,
}

/// The content of a leader's node cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the leader's node '{node}' cannot be read: {reason}")]
pub struct Unreadable {
    node: String,
    reason: String,
}

/// The node of the leader: the one with the smallest sequence. Other nodes
/// (`log_replicas`) may be beside it.
pub fn leader_of<'a>(nodes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates = nodes.into_iter().filter_map(|node| Some((parse(node)?.1, node)));
    candidates.min().map(|(_, node)| node)
}

/// How a node is written, and its sequence.
fn parse(node: &str) -> Option<(Form, u64)> {
    let (form, sequence) = match node.rsplit_once('_') {
        Some(("json.info", sequence)) => (Form::Json, sequence),
        Some(("info", sequence)) => (Form::Protobuf, sequence),
        Some(_) => return None,
        None => (Form::Pid, node),
    };
    Some((form, sequence.parse().ok()?))
}

/// What the node of a leader says.
///
/// # Errors
/// Content that is no MasterInfo.
pub fn read_leader(node: &str, content: &[u8]) -> Result<MasterInfo, Unreadable> {
    let unreadable = |reason: String| Unreadable { node: node.to_owned(), reason };
    let Some((form, _)) = parse(node) else {
        return Err(unreadable("its name is not that of a candidate".to_owned()));
    };
    match form {
        Form::Json => {
            mesos_proto::json::from_json(content).map_err(|error| unreadable(error.to_string()))
        }
        Form::Protobuf => {
            mesos_proto::decode(content).map_err(|error| unreadable(error.to_string()))
        }
        Form::Pid => {
            let pid = std::str::from_utf8(content).unwrap_or_default().trim();
            if authority_in(pid).is_none() {
                return Err(unreadable(format!("'{pid}' is no master@ip:port")));
            }
            Ok(MasterInfo { pid: Some(pid.to_owned()), ..Default::default() })
        }
    }
}

/// The `host:port` at which a master is reached.
pub fn authority(master: &MasterInfo) -> Option<String> {
    if let Some(address) = &master.address {
        let host = address.ip.as_deref().or(address.hostname.as_deref());
        if let (Some(host), Ok(port)) = (host, u16::try_from(address.port)) {
            let brackets = host.contains(':') && !host.starts_with('[');
            return Some(if brackets {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            });
        }
    }
    if let Some(authority) = master.pid.as_deref().and_then(authority_in) {
        return Some(authority.to_owned());
    }
    let port = u16::try_from(master.port).ok().filter(|port| *port != 0)?;
    // The octets in network order, read as a little-endian number.
    let [a, b, c, d] = master.ip.to_le_bytes();
    (master.ip != 0).then(|| format!("{a}.{b}.{c}.{d}:{port}"))
}

/// The address in `master@10.0.0.1:5050`.
fn authority_in(pid: &str) -> Option<&str> {
    let (_, authority) = pid.split_once('@')?;
    let (host, port) = authority.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_sequence_leads_whatever_the_form() {
        for (nodes, leader) in [
            (&["json.info_0000000012", "json.info_0000000009"][..], Some("json.info_0000000009")),
            (&["log_replicas", "json.info_0000000003"], Some("json.info_0000000003")),
            (&["json.info_0000000007", "info_0000000005"], Some("info_0000000005")),
            (&["0000000001", "json.info_0000000007"], Some("0000000001")),
            (&["log_replicas", "other_1", "json.info_x"], None),
            (&[], None),
        ] {
            assert_eq!(leader_of(nodes.iter().copied()), leader, "{nodes:?}");
        }
    }

    #[test]
    fn every_form_of_content_gives_the_address() {
        let json = br#"{"id":"x","ip":16777343,"port":5050,"pid":"master@127.0.0.1:5050",
            "hostname":"h","address":{"hostname":"h","ip":"10.1.2.3","port":5051}}"#;
        let master = read_leader("json.info_0000000001", json).unwrap();
        assert_eq!(authority(&master).as_deref(), Some("10.1.2.3:5051"));

        let old = MasterInfo { id: "x".into(), ip: 16_777_343, port: 5050, ..Default::default() };
        let bytes = prost::Message::encode_to_vec(&old);
        let master = read_leader("info_0000000001", &bytes).unwrap();
        assert_eq!(authority(&master).as_deref(), Some("127.0.0.1:5050"));

        let master = read_leader("0000000001", b"master@10.0.0.1:5050").unwrap();
        assert_eq!(authority(&master).as_deref(), Some("10.0.0.1:5050"));
    }

    #[test]
    fn content_that_is_no_master_is_refused() {
        for (node, content) in [
            ("json.info_1", &b"{"[..]),
            ("json.info_1", b"{\"id\":\"x\"}"),
            ("info_1", b"\xff"),
            ("1", b"somewhere"),
            ("log_replicas", b""),
        ] {
            let error = read_leader(node, content).unwrap_err();
            assert!(error.to_string().contains(node), "{error}");
        }
        assert_eq!(authority(&MasterInfo::default()), None);
    }
}
