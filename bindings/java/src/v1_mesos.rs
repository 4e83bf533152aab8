// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.v1.scheduler.V1Mesos`: a connection that the scheduler subscribes with.

use std::{convert::Infallible, sync::mpsc};

use jni::{
    JNIEnv,
    objects::{JObject, JString},
};
use mesos_client::{
    raw::{Peer, SchedulerConnection, SchedulerProtocol},
    v0::CallbackResult,
};
use mesos_proto::v1::{Credential, scheduler::Event};
use prost::Message;

use crate::{
    border::{Crossing, Failure, field, guard, message, non_null, string},
    callee::Callee,
    handles::Handles,
    messages::MessageClass,
};

/// The connections whose Java objects have not been finalized.
static CONNECTIONS: Handles<SchedulerConnection> = Handles::new(FIELD);

/// The field of a connection's number.
pub(crate) const FIELD: &str = "__mesos";

/// The scheduler of a `Mesos` object.
pub(crate) struct JavaPeer {
    callee: Callee,
    event: MessageClass,
}

/// The same, whose first callback waits until the object has its handle: it may call `send`.
struct Waiting {
    peer: JavaPeer,
    /// Disconnected when `initialize` has ended.
    ready: mpsc::Receiver<Infallible>,
}

impl Waiting {
    fn peer(&self) -> &JavaPeer {
        // Nothing is ever sent.
        let _ = self.ready.recv();
        &self.peer
    }
}

impl JavaPeer {
    /// The field `scheduler` of `V1Mesos` or `V0Mesos`.
    pub(crate) fn new(env: &mut JNIEnv<'_>, mesos: &JObject<'_>) -> Crossing<Self> {
        const SCHEDULER: &str = "Lorg/apache/mesos/v1/scheduler/Scheduler;";
        let scheduler = field(env, mesos, "scheduler", SCHEDULER)?;
        non_null(&scheduler, "Scheduler")?;
        Ok(JavaPeer {
            callee: Callee::new(env, mesos, "scheduler", SCHEDULER)?,
            event: MessageClass::find(env, "org/apache/mesos/v1/scheduler/Protos$Event")?,
        })
    }

    pub(crate) fn connected(&self) -> CallbackResult {
        self.callee.call("connected", "(Lorg/apache/mesos/v1/scheduler/Mesos;)V", |_| Ok(vec![]))
    }

    pub(crate) fn disconnected(&self) -> CallbackResult {
        self.callee.call("disconnected", "(Lorg/apache/mesos/v1/scheduler/Mesos;)V", |_| Ok(vec![]))
    }

    pub(crate) fn received(&self, event: &Event) -> CallbackResult {
        let signature =
            "(Lorg/apache/mesos/v1/scheduler/Mesos;Lorg/apache/mesos/v1/scheduler/Protos$Event;)V";
        self.callee.call("received", signature, |env| {
            Ok(vec![self.event.parse(env, &event.encode_to_vec())?.into()])
        })
    }
}

impl Peer<SchedulerProtocol> for Waiting {
    fn connected(&mut self, _connection: &SchedulerConnection) -> CallbackResult {
        self.peer().connected()
    }

    fn disconnected(&mut self, _connection: &SchedulerConnection) -> CallbackResult {
        self.peer().disconnected()
    }

    fn received(
        &mut self,
        _connection: &SchedulerConnection,
        events: Vec<Event>,
    ) -> CallbackResult {
        events.iter().try_for_each(|event| self.peer().received(event))
    }
}

/// The field `credential`, if it is set.
pub(crate) fn credential(
    env: &mut JNIEnv<'_>,
    mesos: &JObject<'_>,
) -> Crossing<Option<Credential>> {
    let credential = field(env, mesos, "credential", "Lorg/apache/mesos/v1/Protos$Credential;")?;
    if credential.is_null() {
        return Ok(None);
    }
    let decoded = Credential::decode(message(env, &credential)?.as_slice());
    decoded.map(Some).map_err(|error| Failure::illegal_state(error.to_string()))
}

/// The field `master`.
pub(crate) fn master(env: &mut JNIEnv<'_>, mesos: &JObject<'_>) -> Crossing<String> {
    let master = JString::from(field(env, mesos, "master", "Ljava/lang/String;")?);
    string(env, &master)
}

/// A new object's connection.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V1Mesos_initialize<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    guard(&mut env, (), |env| {
        let peer = JavaPeer::new(env, &this)?;
        let master = master(env, &this)?;
        let refused = |error: mesos_client::Error| {
            Failure::Throw("java/lang/IllegalArgumentException", error.message)
        };
        let mut builder = SchedulerConnection::builder(&master).map_err(refused)?;
        if let Some(credential) = credential(env, &this)? {
            let secret = credential.secret.unwrap_or_default();
            builder = builder.credential(&credential.principal, &secret);
        }
        // Dropped at the end, when the field is set.
        let (_initialized, ready) = mpsc::channel();
        let connection = builder.open(Waiting { peer, ready }).map_err(refused)?;
        CONNECTIONS.give(env, &this, connection)
    });
}

/// Ends the connection.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V1Mesos_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    CONNECTIONS.finalize(env, &this, |connection| connection.close());
}

/// Does something with the connection of an object; what cannot be done is only logged, as calls
/// are best effort.
fn with_connection<'local>(
    mut env: JNIEnv<'local>,
    this: &JObject<'local>,
    run: impl FnOnce(
        &mut JNIEnv<'local>,
        &SchedulerConnection,
    ) -> Crossing<Result<(), mesos_client::Error>>,
) {
    guard(&mut env, (), |env| {
        let connection = CONNECTIONS
            .of(env, this)?
            .ok_or_else(|| Failure::illegal_state("this Mesos has been finalized"))?;
        // It is in the log.
        let _ = run(env, &connection)?;
        Ok(())
    });
}

/// Sends a call.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V1Mesos_send<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
    call: JObject<'local>,
) {
    with_connection(env, &this, |env, connection| {
        Ok(connection.send_serialized(&message(env, &call)?))
    });
}

/// Breaks the connection off; the next `connected` tells of a new one.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V1Mesos_reconnect<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    with_connection(env, &this, |_, connection| Ok(connection.reconnect()));
}
