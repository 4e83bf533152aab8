// SPDX-License-Identifier: Apache-2.0

//! The one error type of the drivers and of everything built on them.
//!
//! [`ErrorKind`] is exhaustive on purpose: a new kind must break the build of
//! every binding, so that none of them drops it silently.

use std::{error, fmt, sync::Arc};

/// What went wrong, in the categories a program can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The call itself is wrong, and was not sent.
    InvalidCall,
    /// There is no subscription at the moment, so the call was not sent.
    Disconnected,
    /// Too many calls wait for their answer; this one was not sent.
    Busy,
    /// The network failed, and it is not known whether the call arrived.
    Transport,
    /// The server is there but cannot serve now (503, or another 5xx).
    Unavailable,
    /// The server refused the call as wrong (4xx).
    Refused,
    /// The server wants other credentials, or any (401).
    Unauthenticated,
    /// The server knows who calls and does not allow it (403).
    Forbidden,
    /// The master refused the subscription with an ERROR event.
    SubscriptionRefused,
    /// Another scheduler took over this framework id.
    FailedOver,
    /// The framework has been removed from the cluster.
    FrameworkRemoved,
    /// The other side does not speak the Mesos API, or not correctly.
    Protocol,
    /// An environment variable or setting is missing or wrong.
    Configuration,
    /// The driver has been stopped, or has ended with an error before.
    Stopped,
}

/// Whether doing the same again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// No: something has to change first.
    Never,
    /// Yes, once the driver is subscribed again.
    AfterReconnect,
    /// Yes, after a while.
    Later,
}

/// Why a call was not carried out, or why a driver has ended.
#[derive(Clone, Debug)]
pub struct Error {
    /// The category.
    pub kind: ErrorKind,
    /// Whether the same can be tried again.
    pub retry: Retry,
    /// A sentence for a person.
    pub message: String,
    /// What caused it, when that is known.
    pub source: Option<Arc<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind`, with the advice on retrying that fits the kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, retry: kind.retry(), message: message.into(), source: None }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The error that an unsuccessful HTTP answer means. `what` names the call.
    pub fn from_status(what: &str, status: u16, body: &str) -> Self {
        let kind = match status {
            401 => ErrorKind::Unauthenticated,
            403 => ErrorKind::Forbidden,
            400..=499 => ErrorKind::Refused,
            500..=599 => ErrorKind::Unavailable,
            _ => ErrorKind::Protocol,
        };
        let mut message = format!("{what} was answered with {status}");
        if !body.is_empty() {
            message.push_str(": ");
            message.push_str(&excerpt(body));
        }
        Error::new(kind, message)
    }
}

impl ErrorKind {
    fn retry(self) -> Retry {
        match self {
            ErrorKind::Disconnected | ErrorKind::Transport => Retry::AfterReconnect,
            ErrorKind::Busy | ErrorKind::Unavailable => Retry::Later,
            ErrorKind::InvalidCall
            | ErrorKind::Refused
            | ErrorKind::Unauthenticated
            | ErrorKind::Forbidden
            | ErrorKind::SubscriptionRefused
            | ErrorKind::FailedOver
            | ErrorKind::FrameworkRemoved
            | ErrorKind::Protocol
            | ErrorKind::Configuration
            | ErrorKind::Stopped => Retry::Never,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn error::Error + 'static))
    }
}

/// The longest part of a server's answer that goes into a message, in bytes.
const EXCERPT_BYTES_MAX: usize = 1024;

/// `text`, cut to a length that suits a log line.
fn excerpt(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().find(|(index, _)| *index >= EXCERPT_BYTES_MAX) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_becomes_a_kind_and_advice() {
        for (status, kind, retry) in [
            (400, ErrorKind::Refused, Retry::Never),
            (401, ErrorKind::Unauthenticated, Retry::Never),
            (403, ErrorKind::Forbidden, Retry::Never),
            (415, ErrorKind::Refused, Retry::Never),
            (503, ErrorKind::Unavailable, Retry::Later),
            (302, ErrorKind::Protocol, Retry::Never),
        ] {
            let error = Error::from_status("KILL", status, "why");
            assert_eq!((error.kind, error.retry), (kind, retry), "{status}");
            assert_eq!(error.to_string(), format!("KILL was answered with {status}: why"));
        }
    }

    #[test]
    fn an_endless_answer_is_cut_on_a_character_boundary() {
        let error = Error::from_status("KILL", 400, &"ä".repeat(10_000));
        assert!(error.message.len() < 1100, "{}", error.message.len());
        assert!(error.message.ends_with('…'));
    }

    #[test]
    fn the_cause_can_be_walked_to() {
        let error = Error::new(ErrorKind::Protocol, "no number")
            .with_source("x".parse::<u8>().unwrap_err());
        assert!(error::Error::source(&error).is_some());
    }
}
