// SPDX-License-Identifier: Apache-2.0

//! `zk://user:password@host:port,host:port/path`.

use std::fmt;

/// Where the masters of a cluster meet.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    /// `user:password` for the scheme `digest`.
    pub(crate) credentials: Option<String>,
    /// `host:port,host:port`.
    pub(crate) servers: String,
    /// From the root, without a slash at its end.
    pub(crate) path: String,
}

/// Why a text is no such URL. Never says the password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It does not begin with `zk://`.
    #[error("Expecting 'zk://' at the beginning of the URL")]
    Scheme,
    /// It names no server.
    #[error("Expecting host:port,... after 'zk://'")]
    Servers,
    /// A server's port is no number from 1 to 65535.
    #[error("'{0}' is no ZooKeeper server; expected host:port")]
    Server(String),
    /// It names no path.
    #[error("Expecting a (chroot) path for ZooKeeper ('/' is not supported)")]
    Path,
    /// Two slashes in a row, or a control character.
    #[error("'{0}' is no path for ZooKeeper")]
    BadPath(String),
    /// Credentials without a colon.
    #[error("Expecting user:password before the '@'")]
    Credentials,
}

impl Url {
    /// Reads `text`.
    ///
    /// # Errors
    /// Text that names no servers or no path.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = text.trim().strip_prefix("zk://").ok_or(UrlError::Scheme)?;
        // A password may hold a slash, a path no '@' that is not part of one.
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let (servers, path) = match rest.split_once('/') {
            Some((servers, path)) => (servers, path.trim_end_matches('/')),
            None => (rest, ""),
        };
        if servers.is_empty() {
            return Err(UrlError::Servers);
        }
        for server in servers.split(',') {
            check_server(server)?;
        }
        if path.is_empty() {
            return Err(UrlError::Path);
        }
        let path = format!("/{path}");
        if path.contains("//") || path.contains(|it: char| it.is_control()) {
            return Err(UrlError::BadPath(path));
        }
        if credentials.is_some_and(|it| !it.contains(':')) {
            return Err(UrlError::Credentials);
        }
        let servers = servers.split(',').map(with_port).collect::<Vec<_>>().join(",");
        Ok(Url { credentials: credentials.map(str::to_owned), servers, path })
    }
}

/// ZooKeeper's port, where none is named.
fn with_port(server: &str) -> String {
    if server.contains(':') { server.to_owned() } else { format!("{server}:2181") }
}

fn check_server(server: &str) -> Result<(), UrlError> {
    let (host, port) = server.rsplit_once(':').unwrap_or((server, "2181"));
    let is_port = port.parse::<u16>().is_ok_and(|port| port != 0);
    if host.is_empty() || host.contains([' ', '/']) || !is_port {
        return Err(UrlError::Server(server.to_owned()));
    }
    Ok(())
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zk://{}{}", self.servers, self.path)
    }
}

/// Without the credentials.
impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        for (text, credentials, servers, path) in [
            ("zk://h:2181/mesos", None, "h:2181", "/mesos"),
            ("zk://h/mesos/", None, "h:2181", "/mesos"),
            ("zk://a:1,b:2,c:3/x/y", None, "a:1,b:2,c:3", "/x/y"),
            (" zk://me:p/a@ss@h:2181/mesos ", Some("me:p/a@ss"), "h:2181", "/mesos"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (url.credentials.as_deref(), url.servers.as_str(), url.path.as_str()),
                (credentials, servers, path),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, error) in [
            ("h:2181/mesos", UrlError::Scheme),
            ("zk://", UrlError::Servers),
            ("zk:///mesos", UrlError::Servers),
            ("zk://h:2181", UrlError::Path),
            ("zk://h:2181/", UrlError::Path),
            ("zk://h:port/mesos", UrlError::Server("h:port".into())),
            ("zk://h:0/mesos", UrlError::Server("h:0".into())),
            ("zk://h:1,,g:2/mesos", UrlError::Server(String::new())),
            ("zk://h:1/a//b", UrlError::BadPath("/a//b".into())),
            ("zk://me@h:1/mesos", UrlError::Credentials),
        ] {
            assert_eq!(Url::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = Url::parse("zk://me:s3cret@h:2181/mesos").unwrap();
        assert_eq!(format!("{url} {url:?}"), "zk://h:2181/mesos Url(zk://h:2181/mesos)");
    }
}
