// SPDX-License-Identifier: Apache-2.0

//! The v1 libraries: connections that their user subscribes with.

use std::{
    ffi::{c_char, c_void},
    thread::{self, ThreadId},
};

use mesos_client::{
    ContentType,
    raw::{
        Connection, ExecutorConnection, ExecutorProtocol, Peer, SchedulerConnection,
        SchedulerProtocol, Spoken,
    },
    v0::{CallbackError, CallbackResult},
};
use mesos_proto::v1::Credential;
use prost::Message;

use crate::{
    boundary::{check_size, guard, read, write},
    bytes::{mesos_buffer, mesos_bytes, text},
    error::{Fault, mesos_error},
    executor::variables,
    handles::{self, Handles},
};

static SCHEDULERS: Handles<SchedulerConnection> = Handles::new("scheduler connection");
static EXECUTORS: Handles<ExecutorConnection> = Handles::new("executor connection");

/// How calls and events are written on the way; to the user they are protobuf always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_content_type {
    /// application/x-protobuf.
    Protobuf = 0,
    /// application/json.
    Json = 1,
}

/// A connection; all zero is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_connection {
    /// Its number.
    pub id: u64,
}

/// What the user of a connection is called with. Members may be NULL.
///
/// Each callback returns whether it went well; false ends the connection. They come one after
/// another on one thread, perhaps before the function that opens the connection has returned.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_connection_callbacks {
    /// sizeof(struct mesos_connection_callbacks).
    pub size: usize,
    /// Given to each callback.
    pub context: *mut c_void,
    /// A SUBSCRIBE can be sent.
    pub connected:
        Option<unsafe extern "C" fn(context: *mut c_void, connection: mesos_connection) -> bool>,
    /// Calls are dropped until the next `connected`.
    pub disconnected:
        Option<unsafe extern "C" fn(context: *mut c_void, connection: mesos_connection) -> bool>,
    /// v1 Event, at least one.
    pub received: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            connection: mesos_connection,
            events: *const mesos_bytes,
            events_count: usize,
        ) -> bool,
    >,
    /// No callback will come any more; called once.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

struct Callbacks {
    table: mesos_connection_callbacks,
    connection: mesos_connection,
    /// Who opens the connection; its callbacks come on another thread.
    opener: ThreadId,
}

// SAFETY: who opens a connection says that the context may be used on its threads, and they use it
// one at a time.
unsafe impl Send for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        // Otherwise it could not be opened, and whoever wanted it has its context still.
        if self.opener != thread::current().id()
            && let Some(release) = self.table.release
        {
            // SAFETY: who opened the connection says so.
            unsafe { release(self.table.context) };
        }
    }
}

fn result(went_well: bool, name: &str) -> CallbackResult {
    if went_well { Ok(()) } else { Err(CallbackError(format!("the callback '{name}' failed"))) }
}

impl<P: Spoken> Peer<P> for Callbacks {
    fn connected(&mut self, _: &Connection<P>) -> CallbackResult {
        // SAFETY: who opened the connection says that the function can be called.
        self.table.connected.map_or(Ok(()), |function| unsafe {
            result(function(self.table.context, self.connection), "connected")
        })
    }

    fn disconnected(&mut self, _: &Connection<P>) -> CallbackResult {
        // SAFETY: who opened the connection says that the function can be called.
        self.table.disconnected.map_or(Ok(()), |function| unsafe {
            result(function(self.table.context, self.connection), "disconnected")
        })
    }

    fn received(&mut self, _: &Connection<P>, events: Vec<P::Event>) -> CallbackResult {
        let events: Vec<Vec<u8>> = events.iter().map(Message::encode_to_vec).collect();
        let lent: Vec<mesos_bytes> = events.iter().map(|it| mesos_bytes::of(it)).collect();
        // SAFETY: who opened the connection says that the function can be called; the bytes
        // outlive the call.
        self.table.received.map_or(Ok(()), |function| unsafe {
            let went_well =
                function(self.table.context, self.connection, lent.as_ptr(), lent.len());
            result(went_well, "received")
        })
    }
}

/// What one kind of connection can do, for the functions below.
trait Kind: Spoken + Sized {
    fn alive() -> &'static Handles<Connection<Self>>;
}

impl Kind for SchedulerProtocol {
    fn alive() -> &'static Handles<SchedulerConnection> {
        &SCHEDULERS
    }
}

impl Kind for ExecutorProtocol {
    fn alive() -> &'static Handles<ExecutorConnection> {
        &EXECUTORS
    }
}

fn content_type(content_type: i32) -> Result<ContentType, Fault> {
    match content_type {
        0 => Ok(ContentType::Protobuf),
        1 => Ok(ContentType::Json),
        other => Err(Fault::argument(format!("there is no content type {other}"))),
    }
}

/// Opens a connection with what `open` makes of the callbacks.
///
/// # Safety
/// All pointers are as for the functions that use it.
unsafe fn open<P: Kind>(
    callbacks: *const mesos_connection_callbacks,
    connection: *mut mesos_connection,
    open: impl FnOnce(Callbacks) -> Result<Connection<P>, Fault>,
) -> Result<bool, Fault> {
    mesos_client::log_to_stderr();
    // SAFETY: as the caller says.
    let table = *unsafe { read(callbacks, "callbacks") }?;
    check_size::<mesos_connection_callbacks>(table.size, "callbacks")?;
    let handle = mesos_connection { id: handles::reserve() };
    // SAFETY: as the caller says.
    unsafe { write(connection, handle, "connection") }?;
    let callbacks = Callbacks { table, connection: handle, opener: thread::current().id() };
    // Callbacks may use the handle at once: nobody finds it before it is there.
    let opened = P::alive().insert_with(handle.id, || open(callbacks));
    opened.map(|()| true)
}

/// Opens a connection of a scheduler to the master at `master`: host:port, zk://…, or
/// file:///path. `credential` is a Credential; `data` NULL for none. When this fails, `release` is
/// not called.
///
/// # Safety
/// The pointers are NULL or as their names say, the callbacks can be called on other threads with
/// their context until `release` is, and `connection` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_connection_open(
    callbacks: *const mesos_connection_callbacks,
    master: *const c_char,
    content: i32,
    credential: mesos_bytes,
    connection: *mut mesos_connection,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let mut builder = SchedulerConnection::builder(text(master, "master")?)?
                .content_type(content_type(content)?);
            if !credential.data.is_null() {
                let credential: Credential = mesos_proto::decode(credential.get("credential")?)
                    .map_err(|error| Fault::call(error.to_string()))?;
                builder = builder.credential(&credential.principal, credential.secret());
            }
            open(callbacks, connection, |peer| Ok(builder.open(peer)?))
        })
    }
}

/// Opens a connection of an executor to its agent. `environment` is an array of "NAME=value" that
/// ends with NULL; NULL for the environment of this process. When this fails, `release` is not
/// called.
///
/// # Safety
/// As for mesos_scheduler_connection_open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_connection_open(
    callbacks: *const mesos_connection_callbacks,
    environment: *const *const c_char,
    content: i32,
    connection: *mut mesos_connection,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let variables = variables(environment)?;
            let builder = ExecutorConnection::from_variables(|name| match &variables {
                Some(variables) => variables.get(name).cloned(),
                None => std::env::var(name).ok(),
            })?
            .content_type(content_type(content)?);
            open(callbacks, connection, |peer| Ok(builder.open(peer)?))
        })
    }
}

/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
unsafe fn send<P: Kind>(
    connection: mesos_connection,
    call: mesos_bytes,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            P::alive().get(connection.id)?.send_serialized(call.get("call")?)?;
            Ok(true)
        })
    }
}

/// # Safety
/// The bytes are readable; `status`, `body` and `error` are NULL or can be written to.
unsafe fn call<P: Kind>(
    connection: mesos_connection,
    call: mesos_bytes,
    status: *mut u16,
    body: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            // Before the call is sent.
            write(status, 0, "status")?;
            let answer = P::alive().get(connection.id)?.call_serialized(call.get("call")?)?;
            write(status, answer.status, "status")?;
            if !body.is_null() {
                write(body, mesos_buffer::new(answer.body.to_vec()), "body")?;
            }
            Ok(true)
        })
    }
}

fn close<P: Kind>(connection: mesos_connection) {
    // SAFETY: the error is not wanted.
    unsafe {
        guard(std::ptr::null_mut(), (), || {
            if let Some(connection) = P::alive().remove(connection.id) {
                connection.close();
            }
            Ok(())
        });
    }
}

/// v1 scheduler Call: sends it. One that cannot be sent now is dropped, with a line in the log.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_connection_send(
    connection: mesos_connection,
    call: mesos_bytes,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe { send::<SchedulerProtocol>(connection, call, error) }
}

/// v1 scheduler Call: sends it and waits for the answer: its HTTP status, and its body: for 200 a
/// Response as the connection's content type says, otherwise a text. `body` may be NULL. When there
/// is no answer, the status is 0. Not for callbacks that others wait for.
///
/// # Safety
/// The bytes are readable; `status` can be written to, `body` and `error` too unless NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_connection_call(
    connection: mesos_connection,
    request: mesos_bytes,
    status: *mut u16,
    body: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe { call::<SchedulerProtocol>(connection, request, status, body, error) }
}

/// Drops the connection and opens a new one, if there is one now.
///
/// # Safety
/// `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_scheduler_connection_reconnect(
    connection: mesos_connection,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            SCHEDULERS.get(connection.id)?.reconnect()?;
            Ok(true)
        })
    }
}

/// Closes the connection, waits for the callback that runs unless called inside of it, and frees
/// it. A dead handle is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_scheduler_connection_free(connection: mesos_connection) {
    close::<SchedulerProtocol>(connection);
}

/// v1 executor Call: sends it. One that cannot be sent now is dropped, with a line in the log.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_connection_send(
    connection: mesos_connection,
    call: mesos_bytes,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe { send::<ExecutorProtocol>(connection, call, error) }
}

/// v1 executor Call: sends it and waits for the answer; see mesos_scheduler_connection_call.
///
/// # Safety
/// The bytes are readable; `status` can be written to, `body` and `error` too unless NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_executor_connection_call(
    connection: mesos_connection,
    request: mesos_bytes,
    status: *mut u16,
    body: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe { call::<ExecutorProtocol>(connection, request, status, body, error) }
}

/// Closes the connection, waits for the callback that runs unless called inside of it, and frees
/// it. A dead handle is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_executor_connection_free(connection: mesos_connection) {
    close::<ExecutorProtocol>(connection);
}
