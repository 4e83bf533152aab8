// SPDX-License-Identifier: Apache-2.0

//! Reading where the master is.

use std::{
    fs::File,
    io::{self, Read},
    net::Ipv6Addr,
};

use mesos_driver::{Error, ErrorKind};

/// The port of a master, where the address names none.
const PORT_DEFAULT: u16 = 5050;

/// How long a file with the address may be.
const FILE_BYTES_MAX: u64 = 4096;

/// What a user can mean by a master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Master {
    /// `host:port`.
    Address(String),
    /// One that is started for this purpose.
    Local {
        /// Whether its log goes nowhere.
        quiet: bool,
    },
    /// Whichever leads, as ZooKeeper knows.
    #[cfg(feature = "zookeeper")]
    ZooKeeper(mesos_zookeeper::Url),
}

/// What is meant by the text that a user gives for a master: `host`, `host:port`,
/// `http://host:port`, `zk://host:port,…/path`, `local`, `localquiet`, or `file:///path` to a file
/// with one of these.
///
/// # Errors
/// Anything else. A password in it is not repeated.
pub(crate) fn parse(master: &str) -> Result<Master, Error> {
    let invalid = |message: String| Error::new(ErrorKind::Configuration, message);
    let master = master.trim();
    if let Some(path) = master.strip_prefix("file://") {
        let text = read(path).map_err(|error| {
            invalid(format!("cannot read the master's address from '{path}': {error}"))
                .with_source(error)
        })?;
        if text.trim_start().starts_with("file://") {
            return Err(invalid(format!("'{path}' names another file; expected host:port")));
        }
        return parse(&text);
    }
    #[cfg(feature = "zookeeper")]
    if master.starts_with("zk://") {
        return mesos_zookeeper::Url::parse(master)
            .map(Master::ZooKeeper)
            .map_err(|error| invalid(error.to_string()));
    }
    #[cfg(not(feature = "zookeeper"))]
    if master.starts_with("zk://") {
        return Err(invalid(
            "this program was built without ZooKeeper; name one master as host:port, it redirects \
             to the leader"
                .to_owned(),
        ));
    }
    if matches!(master, "local" | "localquiet") {
        return Ok(Master::Local { quiet: master == "localquiet" });
    }
    if master.starts_with("https://") {
        return Err(invalid(format!("TLS ('{master}') is not supported yet; use host:port")));
    }
    let address = master.strip_prefix("http://").unwrap_or(master).trim_end_matches('/');
    let address = address.strip_prefix("master@").unwrap_or(address);
    if address.contains(',') {
        return Err(invalid(format!(
            "'{master}' names several masters; name one as host:port, it redirects to the leader, \
             or all of them by zk://host:port,…/path"
        )));
    }
    let stray = |it: char| matches!(it, '/' | '@') || it.is_whitespace() || it.is_control();
    if address.contains(stray) || address.contains('[') != address.contains(']') {
        return Err(invalid(format!("'{master}' is no address of a master; expected host:port")));
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
            let number = port.parse::<u16>().ok().filter(|port| *port != 0);
            let number = number.ok_or_else(|| {
                invalid(format!("'{port}' in the master's address '{master}' is no port"))
            })?;
            (host, number)
        }
        _ => (address, PORT_DEFAULT),
    };
    if !is_host(host) {
        return Err(invalid(format!("'{master}' is no address of a master; expected host:port")));
    }
    Ok(Master::Address(format!("{host}:{port}")))
}

/// Whether this can be looked up: a name, or an address, one of IPv6 in brackets or without.
fn is_host(host: &str) -> bool {
    let inside = host.strip_prefix('[').map(|rest| rest.strip_suffix(']'));
    match inside {
        Some(inside) => inside.is_some_and(|it| it.parse::<Ipv6Addr>().is_ok()),
        None if host.contains(':') => host.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.starts_with('-'),
    }
}

/// What the file holds; no address is long.
fn read(path: &str) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        let message = format!("it is longer than {FILE_BYTES_MAX} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}

/// `master` as it may be shown: without the password of a `zk://` URL.
pub(crate) fn shown(master: &str) -> String {
    match master.trim().strip_prefix("zk://").and_then(|rest| rest.rsplit_once('@')) {
        Some((_, rest)) => format!("zk://…@{rest}"),
        None => master.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_way_to_name_a_master_is_understood() {
        for (text, address) in [
            ("10.0.0.1:5050", "10.0.0.1:5050"),
            (" master-1 ", "master-1:5050"),
            ("http://master-1:80/", "master-1:80"),
            ("master@10.0.0.1:5050", "10.0.0.1:5050"),
            ("[::1]:5050", "[::1]:5050"),
            ("[::1]", "[::1]:5050"),
            ("::1", "::1:5050"),
            ("::1:80", "::1:80"),
        ] {
            assert_eq!(parse(text).unwrap(), Master::Address(address.into()), "{text}");
        }
        for (text, quiet) in [("local", false), ("localquiet", true)] {
            assert_eq!(parse(text).unwrap(), Master::Local { quiet });
        }
    }

    #[test]
    fn what_names_no_master_is_refused_with_the_reason() {
        for (text, part) in [
            ("", "expected host:port"),
            (":5050", "expected host:port"),
            ("master:port", "is no port"),
            ("master:0", "is no port"),
            ("zk://z1:2181", "Expecting a (chroot) path"),
            ("https://master", "not supported yet"),
            ("http://master/path", "expected host:port"),
            ("master-1:5050\nmaster-2:5050", "expected host:port"),
            ("master\0:5050", "expected host:port"),
            ("[::1", "expected host:port"),
            ("[::1]:5050:5", "expected host:port"),
            ("[master]:5050", "expected host:port"),
            ("master:5050:5051", "expected host:port"),
            ("-1:5050", "expected host:port"),
            ("master-1:5050,master-2:5050", "names several masters"),
            ("master-1,master-2", "names several masters"),
            ("file:///does/not/exist", "cannot read"),
            ("file:///dev/zero", "longer than 4096 bytes"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert!(error.message.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(shown("zk://me:s3c@ret@h:2181/mesos"), "zk://…@h:2181/mesos");
        assert_eq!(shown("10.0.0.1:5050"), "10.0.0.1:5050");
        let error = parse("zk://me:s3cret@h:port/mesos").unwrap_err();
        assert!(!error.message.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_file_may_hold_the_address() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "10.0.0.1:5050").unwrap();
        let named = format!("file://{}", file.path().display());
        assert_eq!(parse(&named).unwrap(), Master::Address("10.0.0.1:5050".into()));
    }
}
