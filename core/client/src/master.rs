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

/// How many characters of a text errors repeat.
const SHOWN_MAX: usize = 200;

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
/// An address of IPv6 may stand without brackets; if all of the text can be one, it names no port.
///
/// # Errors
/// Anything else. A password in it is not repeated, and of a file only what is wrong with its
/// `zk://`.
pub(crate) fn parse(master: &str) -> Result<Master, Error> {
    let master = master.trim();
    let Some(path) = master.strip_prefix("file://") else {
        return parse_text(master, &format!("'{}'", shown(master)));
    };
    let text = read(path).map_err(|error| {
        invalid(format!("cannot read the master's address from '{}': {error}", excerpt(path)))
            .with_source(error)
    })?;
    let text = text.trim();
    // It may be another file than was meant, so what it says is not repeated.
    let called = format!("the text in '{}'", excerpt(path));
    if text.starts_with("file://") {
        return Err(invalid(format!("{called} names another file; expected host:port")));
    }
    parse_text(text, &called)
}

/// What is meant by a text that errors call as given.
fn parse_text(text: &str, called: &str) -> Result<Master, Error> {
    #[cfg(feature = "zookeeper")]
    if text.starts_with("zk://") {
        return mesos_zookeeper::Url::parse(text)
            .map(Master::ZooKeeper)
            .map_err(|error| invalid(excerpt(&error.to_string())));
    }
    #[cfg(not(feature = "zookeeper"))]
    if text.starts_with("zk://") {
        return Err(invalid(
            "this program was built without ZooKeeper; name one master as host:port, it redirects \
             to the leader"
                .to_owned(),
        ));
    }
    if matches!(text, "local" | "localquiet") {
        return Ok(Master::Local { quiet: text == "localquiet" });
    }
    if text.starts_with("https://") {
        return Err(invalid(format!("TLS ({called}) is not supported yet; use host:port")));
    }
    let address = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let address = address.strip_prefix("master@").unwrap_or(address);
    if address.contains(',') {
        return Err(invalid(format!(
            "{called} names several masters; name one as host:port, it redirects to the leader, \
             or all of them by zk://host:port,…/path"
        )));
    }
    let (host, port) = split(address).ok_or_else(|| {
        invalid(format!("{called} is no address of a master; expected host:port"))
    })?;
    let port = match port {
        Some(port) => port.parse::<u16>().ok().filter(|port| *port != 0).ok_or_else(|| {
            invalid(format!("what follows the last ':' of {called} is no port; expected host:port"))
        })?,
        None => PORT_DEFAULT,
    };
    Ok(Master::Address(format!("{host}:{port}")))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// The host, one of IPv6 in brackets, and what should be the port, if there is anything.
fn split(address: &str) -> Option<(String, Option<&str>)> {
    let stray = |it: char| matches!(it, '/' | '@') || it.is_whitespace() || it.is_control();
    if address.contains(stray) {
        return None;
    }
    if is_ipv6(address) {
        return Some((format!("[{address}]"), None));
    }
    if let Some((inside, rest)) = address.strip_prefix('[').and_then(|it| it.split_once(']')) {
        let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
        let is_right = is_ipv6(inside) && port.is_none_or(|port| !port.contains(':'));
        return is_right.then(|| (format!("[{inside}]"), port));
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (address, None),
    };
    if is_ipv6(host) {
        return Some((format!("[{host}]"), port));
    }
    let is_name = !host.is_empty() && !host.starts_with('-') && !host.contains([':', '[', ']']);
    is_name.then(|| (host.to_owned(), port))
}

/// Whether this is an address of IPv6, maybe in a zone: `fe80::1%eth0`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    address.parse::<Ipv6Addr>().is_ok()
        && zone.is_none_or(|zone| !zone.is_empty() && !zone.contains([':', '%', '[', ']']))
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

/// `master` as it may be shown: whatever stands before its last `@` may be a password, unless it
/// is the `master` of a process's name. The path of a file is none.
pub(crate) fn shown(master: &str) -> String {
    let master = master.trim();
    if master.starts_with("file://") {
        return excerpt(master);
    }
    let schemes = ["zk://", "http://", "https://"];
    let scheme = schemes.into_iter().find(|scheme| master.starts_with(scheme)).unwrap_or_default();
    match master[scheme.len()..].rsplit_once('@') {
        Some((before, rest)) if before != "master" => excerpt(&format!("{scheme}…@{rest}")),
        Some(_) | None => excerpt(master),
    }
}

/// The beginning of a text: not more of it than helps, and not more than a line.
fn excerpt(text: &str) -> String {
    let end = text.char_indices().enumerate().find_map(|(count, (index, character))| {
        (count == SHOWN_MAX || character.is_control()).then_some(index)
    });
    end.map_or_else(|| text.to_owned(), |end| format!("{}…", &text[..end]))
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
            ("http://[::1]:80", "[::1]:80"),
            ("master@[::1]", "[::1]:5050"),
            ("[fe80::1%eth0]:80", "[fe80::1%eth0]:80"),
        ] {
            assert_eq!(parse(text).unwrap(), Master::Address(address.into()), "{text}");
        }
        for (text, quiet) in [("local", false), ("localquiet", true)] {
            assert_eq!(parse(text).unwrap(), Master::Local { quiet });
        }
    }

    #[test]
    fn an_address_of_ipv6_without_brackets_has_the_port_that_cannot_be_part_of_it() {
        for (text, address) in [
            ("::1", "[::1]:5050"),
            ("::1:80", "[::1:80]:5050"),
            ("2001:db8::a:beef", "[2001:db8::a:beef]:5050"),
            ("1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]:5050"),
            ("1:2:3:4:5:6:7:8:80", "[1:2:3:4:5:6:7:8]:80"),
            ("::1:50500", "[::1]:50500"),
            ("::ffff:10.0.0.1", "[::ffff:10.0.0.1]:5050"),
            ("::ffff:10.0.0.1:80", "[::ffff:10.0.0.1]:80"),
            ("fe80::1%eth0", "[fe80::1%eth0]:5050"),
            ("fe80::1%lo:80", "[fe80::1%lo]:80"),
        ] {
            assert_eq!(parse(text).unwrap(), Master::Address(address.into()), "{text}");
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
            ("::1]", "expected host:port"),
            ("[::1]5050", "expected host:port"),
            ("[::1]:", "is no port"),
            ("::1:port", "is no port"),
            ("fe80::1%", "expected host:port"),
            ("fe80::1%a%b", "expected host:port"),
            ("2001:db8::g:beef", "expected host:port"),
            ("1:2:3:4:5:6:7:8:9:80", "expected host:port"),
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
        for (text, expected) in [
            ("zk://me:s3c@ret@h:2181/mesos", "zk://…@h:2181/mesos"),
            ("http://me:s3cret@h:5050", "http://…@h:5050"),
            (" https://me:s3cret@h", "https://…@h"),
            ("me:s3cret@z1:2181,z2:2181/mesos", "…@z1:2181,z2:2181/mesos"),
            ("ZK://me:s3cret@z1:2181/mesos", "…@z1:2181/mesos"),
            ("zk:/me:s3cret@z1:2181/mesos", "…@z1:2181/mesos"),
            ("http://me:s3cret@master@h", "http://…@h"),
            ("me:s3\ncret@h", "…@h"),
            ("master@h:5050/path", "master@h:5050/path"),
            ("http://master@h/path", "http://master@h/path"),
            ("10.0.0.1:5050", "10.0.0.1:5050"),
            ("file:///etc/me@home/master", "file:///etc/me@home/master"),
        ] {
            assert_eq!(shown(text), expected);
            if text.contains("me:s3") && !text.starts_with("zk://") {
                let error = parse(text).unwrap_err();
                assert!(error.message.contains(expected), "{error}");
                assert!(!error.message.contains("me:s3"), "{error}");
            }
        }
        let error = parse("zk://me:s3cret@h:port/mesos").unwrap_err();
        assert!(!error.message.contains("s3cret"), "{error}");
    }

    #[test]
    fn no_more_than_the_beginning_of_a_long_text_is_shown() {
        assert_eq!(shown("first line\nsecond line"), "first line…");
        let error = parse(&"é ".repeat(10_000)).unwrap_err();
        assert!(error.message.chars().count() < 300, "{error}");
        #[cfg(feature = "zookeeper")]
        {
            let error = parse(&format!("zk://{}/mesos", "h:".repeat(10_000))).unwrap_err();
            assert!(error.message.chars().count() < 300, "{error}");
        }
    }

    #[test]
    fn nothing_is_shown_of_a_file_that_holds_something_else() {
        for text in ["me s3cret", "me:s3cret", "https://s3cret", "s3cret,other", "file://s3cret"] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let named = format!("file://{}", file.path().display());
            let error = parse(&named).unwrap_err();
            let path = file.path().display().to_string();
            assert!(error.message.contains(&path), "{error}");
            assert!(!error.message.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_file_may_hold_the_address() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "10.0.0.1:5050").unwrap();
        let named = format!("file://{}", file.path().display());
        assert_eq!(parse(&named).unwrap(), Master::Address("10.0.0.1:5050".into()));
    }
}
