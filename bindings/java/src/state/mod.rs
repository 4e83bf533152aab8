// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.state`: variables that survive their program.
//!
//! | class | where |
//! |---|---|
//! | `InMemoryState` | all in Java |
//! | `LevelDBState` | a folder of our own form |
//! | `ZooKeeperState` | ZooKeeper, as Apache Mesos keeps it there |
//! | `LogState` | not there yet |
//!
//! A variable is stored only if nobody has stored it since it was fetched.

mod entry;
mod futures;
mod local;
mod worker;
mod zookeeper;

use std::{path::Path, sync::Arc, time::Duration};

use jni::{
    JNIEnv,
    objects::{JByteArray, JObject, JString, JValue},
    sys::jlong,
};

use self::{
    entry::Entry,
    local::LocalStore,
    worker::{Store, Worker},
    zookeeper::ZooKeeperStore,
};
use crate::{
    border::{Crossing, Failure, bytes, guard, non_null, string},
    handles::Handles,
};

/// The stores whose Java objects have not been finalized.
static STATES: Handles<Arc<Worker>> = Handles::new("__state");
/// The variables whose Java objects have not been finalized.
static VARIABLES: Handles<Arc<Entry>> = Handles::new("__variable");

fn begin(env: &mut JNIEnv<'_>, this: &JObject<'_>, store: Store) -> Crossing<()> {
    let worker = Worker::start(store).map_err(Failure::illegal_state)?;
    STATES.give(env, this, Arc::new(worker))
}

fn state(env: &mut JNIEnv<'_>, this: &JObject<'_>) -> Crossing<Arc<Worker>> {
    let state = STATES.of(env, this)?;
    state.ok_or_else(|| Failure::illegal_state("this state has been finalized"))
}

/// The Java object of an entry.
fn variable<'local>(env: &mut JNIEnv<'local>, entry: Arc<Entry>) -> Crossing<JObject<'local>> {
    let object = env.new_object("org/apache/mesos/state/Variable", "()V", &[])?;
    VARIABLES.give(env, &object, entry)?;
    Ok(object)
}

fn entry(env: &mut JNIEnv<'_>, variable: &JObject<'_>) -> Crossing<Arc<Entry>> {
    non_null(variable, "Variable")?;
    let entry = VARIABLES.of(env, variable)?;
    entry.ok_or_else(|| Failure::illegal_state("this variable has been finalized"))
}

/// So many of a `TimeUnit`; nothing for less than nothing.
fn duration(env: &mut JNIEnv<'_>, amount: jlong, unit: &JObject<'_>) -> Crossing<Duration> {
    non_null(unit, "TimeUnit")?;
    let nanos = env.call_method(unit, "toNanos", "(J)J", &[JValue::Long(amount)])?.j()?;
    Ok(Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)))
}

/// Opens the folder.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_LevelDBState_initialize<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    path: JString<'local>,
) {
    guard(&mut env, (), |env| {
        let path = string(env, &path)?;
        let store = LocalStore::open(Path::new(&path)).map_err(Failure::illegal_state)?;
        begin(env, &this, Store::Local(store))
    });
}

/// Connects when it is first used.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_ZooKeeperState_initialize__Ljava_lang_String_2JLjava_util_concurrent_TimeUnit_2Ljava_lang_String_2<
    'local,
>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    servers: JString<'local>,
    timeout: jlong,
    unit: JObject<'local>,
    znode: JString<'local>,
) {
    guard(&mut env, (), |env| {
        let servers = string(env, &servers)?;
        let timeout = duration(env, timeout, &unit)?;
        let znode = string(env, &znode)?;
        zookeeper(env, &this, servers, timeout, &znode, None)
    });
}

/// The same with credentials.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_ZooKeeperState_initialize__Ljava_lang_String_2JLjava_util_concurrent_TimeUnit_2Ljava_lang_String_2Ljava_lang_String_2_3B<
    'local,
>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    servers: JString<'local>,
    timeout: jlong,
    unit: JObject<'local>,
    znode: JString<'local>,
    scheme: JString<'local>,
    credentials: JByteArray<'local>,
) {
    guard(&mut env, (), |env| {
        let servers = string(env, &servers)?;
        let timeout = duration(env, timeout, &unit)?;
        let znode = string(env, &znode)?;
        let auth = (string(env, &scheme)?, bytes(env, &credentials)?);
        zookeeper(env, &this, servers, timeout, &znode, Some(auth))
    });
}

fn zookeeper(
    env: &mut JNIEnv<'_>,
    this: &JObject<'_>,
    servers: String,
    timeout: Duration,
    znode: &str,
    auth: Option<(String, Vec<u8>)>,
) -> Crossing<()> {
    let store = ZooKeeperStore::new(servers, timeout, znode, auth)
        .map_err(|text| Failure::Throw("java/lang/IllegalArgumentException", text))?;
    begin(env, this, Store::ZooKeeper(Box::new(store)))
}

/// Lets go of the store; what has been asked for is still done.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_AbstractState_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    STATES.finalize(env, &this, drop);
}

/// The value.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_Variable_value<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) -> JObject<'local> {
    guard(&mut env, JObject::null(), |env| {
        let entry = entry(env, &this)?;
        Ok(env.byte_array_from_slice(&entry.value)?.into())
    })
}

/// The same variable with another value; nothing is stored.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_Variable_mutate<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    value: JByteArray<'local>,
) -> JObject<'local> {
    guard(&mut env, JObject::null(), |env| {
        let entry = entry(env, &this)?;
        let value = bytes(env, &value)?;
        variable(env, Arc::new(Entry { value, ..Entry::clone(&entry) }))
    })
}

/// Forgets it.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_Variable_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    VARIABLES.finalize(env, &this, drop);
}
