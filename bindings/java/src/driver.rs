// SPDX-License-Identifier: Apache-2.0

//! What scheduler and executor drivers have in common: how their methods find them.

use jni::{JNIEnv, objects::JObject};
use mesos_client::v0::Status;

use crate::{
    border::{Crossing, guard},
    handles::Handles,
    messages::status,
};

/// The field of a driver's number.
pub(crate) const FIELD: &str = "__driver";

/// Does something with the driver of an object; one that is gone has been aborted.
pub(crate) fn with<'local, D: Clone>(
    drivers: &Handles<D>,
    mut env: JNIEnv<'local>,
    this: &JObject<'local>,
    run: impl FnOnce(&mut JNIEnv<'local>, &D) -> Crossing<Status>,
) -> JObject<'local> {
    guard(&mut env, JObject::null(), |env| {
        let result = match drivers.of(env, this)? {
            Some(driver) => run(env, &driver)?,
            None => Status::Aborted,
        };
        status(env, result)
    })
}
