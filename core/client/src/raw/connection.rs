// SPDX-License-Identifier: Apache-2.0

//! A raw connection, as its user holds it.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, mpsc as answers},
};

use base64::Engine;
use mesos_driver::{
    Error, ErrorKind,
    raw::{
        Answer, Callback, Config, Driver, ExecutorConfig, ExecutorProtocol, Protocol,
        SchedulerProtocol,
    },
    v0::Status,
};
use mesos_proto::Described;
use prost::Message;

use super::{Peer, machine};
use crate::{
    ContentType,
    calling_back::{
        callbacks,
        callbacks::CallbackResult,
        session::{Owner, Session},
        threads,
    },
    clock,
    detector::Detector,
    executor::environment,
    master::{self, Master},
    transport::Target,
};

/// A protocol whose messages this crate can write and read.
pub trait Spoken:
    Protocol<Call: Message + Described, Event: Message + Described + Default>
{
}

impl Spoken for SchedulerProtocol {}
impl Spoken for ExecutorProtocol {}

/// What the user asks of the machine's thread.
pub(super) enum Request<P: Protocol> {
    /// A call; the answer goes where somebody waits for it.
    Call { call: Box<P::Call>, answer: Option<answers::SyncSender<Result<Answer, Error>>> },
    /// A new connection.
    Reconnect,
}

pub(super) type RawSession<P> = Session<Request<P>, Infallible>;

/// A connection to a master or an agent. Clones are the same connection.
///
/// The last clone outside of callbacks ends it when dropped.
pub struct Connection<P: Protocol> {
    session: Arc<RawSession<P>>,
    /// Unset in what callbacks get, which does not keep the connection alive.
    _owner: Option<Arc<Owner<Request<P>, Infallible>>>,
}

/// A connection that has not been opened.
#[must_use]
pub struct ConnectionBuilder<P: Spoken> {
    master: Master,
    config: Config,
    target: Target,
    pub(super) kill_when_overdue: bool,
    protocol: std::marker::PhantomData<P>,
}

/// What the machine's thread begins with.
pub(super) struct Prepared<P: Protocol> {
    pub(super) driver: Driver<P>,
    pub(super) detector: Detector,
    pub(super) target: Target,
    pub(super) kill_when_overdue: bool,
}

impl Connection<SchedulerProtocol> {
    /// Prepares a connection to the master at `master`: `host:port`, `zk://…`, `file:///path`, or
    /// `local`.
    ///
    /// # Errors
    /// Text that names no master.
    pub fn builder(master: &str) -> Result<ConnectionBuilder<SchedulerProtocol>, Error> {
        Ok(ConnectionBuilder {
            master: master::parse(master)?,
            config: Config::default(),
            target: Target {
                path: "/api/v1/scheduler".to_owned(),
                content_type: ContentType::Protobuf,
                authorization: None,
            },
            kill_when_overdue: false,
            protocol: std::marker::PhantomData,
        })
    }
}

impl Connection<ExecutorProtocol> {
    /// Prepares a connection with the variables that an agent sets, read through `get`.
    ///
    /// # Errors
    /// A variable that is missing or malformed.
    pub fn from_variables(
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<ConnectionBuilder<ExecutorProtocol>, Error> {
        let local = get("MESOS_LOCAL").is_some();
        let read = environment::read(get)?;
        Ok(ConnectionBuilder {
            master: Master::Address(read.agent),
            config: Config {
                connection_delay_max: std::time::Duration::ZERO,
                executor: Some(ExecutorConfig {
                    recovery: read.config.recovery,
                    shutdown_grace: read.config.shutdown_grace,
                }),
                ..Config::default()
            },
            target: read.target,
            kill_when_overdue: !local,
            protocol: std::marker::PhantomData,
        })
    }
}

impl<P: Spoken> ConnectionBuilder<P> {
    /// Speaks JSON instead of protobuf, or the other way round.
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.target.content_type = content_type;
        self
    }

    /// Authenticates with HTTP Basic.
    pub fn credential(mut self, principal: &str, secret: &str) -> Self {
        let pair = format!("{principal}:{secret}");
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        self.target.authorization = Some(format!("Basic {encoded}"));
        self
    }

    /// Opens the connection, and keeps it open until the last clone is dropped.
    ///
    /// # Errors
    /// The system gives no thread, or a local cluster does not start.
    pub fn open(self, peer: impl Peer<P>) -> Result<Connection<P>, Error> {
        let session = Arc::new(Session::new());
        let prepared = Prepared {
            driver: Driver::new(self.config, clock::seed()),
            detector: Detector::start(self.master)?,
            target: self.target,
            kill_when_overdue: self.kill_when_overdue,
        };
        let mut peer = Some(peer);
        let inner = Connection { session: Arc::clone(&session), _owner: None };
        session.open(|commands| {
            threads::begin(
                &session,
                commands,
                &mut peer,
                move |runtime, side| runtime.block_on(machine::run(prepared, side)),
                move |mut peer, told| {
                    let session = Arc::clone(&inner.session);
                    let call = |callback| call(&mut peer, &inner, callback);
                    let error =
                        |text: &str| Callback::Received(P::error_event(text).into_iter().collect());
                    callbacks::serve(&session, told, call, error);
                },
            )
        })?;
        let owner = Some(Arc::new(Owner(Arc::clone(&session))));
        Ok(Connection { session, _owner: owner })
    }
}

fn call<P: Protocol>(
    peer: &mut impl Peer<P>,
    connection: &Connection<P>,
    callback: Callback<P::Event>,
) -> CallbackResult {
    match callback {
        Callback::Connected => peer.connected(connection),
        Callback::Disconnected => peer.disconnected(connection),
        Callback::Received(events) => peer.received(connection, events),
    }
}

impl<P: Spoken> Connection<P> {
    /// Sends a call. One that cannot be sent now is dropped, with a line in the log.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] when the connection has ended.
    pub fn send(&self, call: P::Call) -> Result<(), Error> {
        self.request(Request::Call { call: Box::new(call), answer: None })
    }

    /// Sends a call and waits for its answer; of SUBSCRIBE, only for its being sent.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn call(&self, call: P::Call) -> Result<Answer, Error> {
        let (answer, answered) = answers::sync_channel(1);
        self.request(Request::Call { call: Box::new(call), answer: Some(answer) })?;
        answered.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Drops the connection and opens a new one, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] when the connection has ended.
    pub fn reconnect(&self) -> Result<(), Error> {
        self.request(Request::Reconnect)
    }

    /// Ends the connection and waits for the callback that runs, unless called inside of it.
    /// No callback comes after that.
    pub fn close(&self) {
        self.session.close();
    }

    /// Why a callback failed, if one did.
    pub fn failure(&self) -> Option<String> {
        self.session.failure()
    }

    /// [`Connection::send`] with a serialized `Call`. As most callers have nobody to tell, a call
    /// that cannot be sent leaves a line in the log.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCall`] for bytes that are no `Call`.
    pub fn send_serialized(&self, call: &[u8]) -> Result<(), Error> {
        decode(call)
            .and_then(|call| self.send(call))
            .inspect_err(|error| tracing::warn!("a call was dropped: {}", error.message))
    }

    /// [`Connection::call`] with a serialized `Call`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCall`] for bytes that are no `Call`.
    pub fn call_serialized(&self, call: &[u8]) -> Result<Answer, Error> {
        self.call(decode(call)?)
    }

    fn request(&self, request: Request<P>) -> Result<(), Error> {
        match self.session.method(|| Ok(request)) {
            Status::Running => Ok(()),
            Status::NotStarted | Status::Aborted | Status::Stopped => Err(stopped()),
        }
    }
}

fn decode<M: Described>(bytes: &[u8]) -> Result<M, Error> {
    mesos_proto::decode(bytes)
        .map_err(|error| Error::new(ErrorKind::InvalidCall, error.to_string()))
}

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Stopped, "the connection has ended")
}

impl<P: Protocol> Clone for Connection<P> {
    fn clone(&self) -> Self {
        Connection { session: Arc::clone(&self.session), _owner: self._owner.clone() }
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl<P: Spoken> fmt::Debug for ConnectionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("master", &self.master)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_stays_out_of_the_debug_text() {
        let builder = Connection::<SchedulerProtocol>::builder("127.0.0.1:5050").unwrap();
        let text = format!("{:?}", builder.credential("me", "s3cret"));
        assert!(!text.contains("s3cret") && !text.contains("bWU6czNjcmV0"), "{text}");
    }
}
