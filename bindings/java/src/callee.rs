// SPDX-License-Identifier: Apache-2.0

//! The Java object that a driver or connection calls back.

use jni::{
    JNIEnv,
    objects::{JObject, JValueOwned, WeakRef},
};
use mesos_client::v0::{CallbackError, CallbackResult};

use crate::{
    border::{Crossing, Failure, field},
    loading,
};

/// Local references that a callback may hold at a time, but for those in lists.
const FRAME: i32 = 16;

/// A Java driver (or `Mesos`), held weakly, and which of its fields has the object to be called.
pub(crate) struct Callee {
    owner: WeakRef,
    name: &'static str,
    signature: &'static str,
}

impl Callee {
    pub(crate) fn new(
        env: &JNIEnv<'_>,
        owner: &JObject<'_>,
        name: &'static str,
        signature: &'static str,
    ) -> Crossing<Self> {
        let owner = env.new_weak_ref(owner)?;
        let owner = owner.ok_or_else(|| Failure::illegal_state("there is no driver object"))?;
        Ok(Callee { owner, name, signature })
    }

    /// Calls a method with the owner and what `arguments` makes. An exception is printed, and is
    /// the callback's failure. Nothing is called for an owner that has been collected.
    pub(crate) fn call(
        &self,
        method: &str,
        signature: &str,
        arguments: impl for<'local> FnOnce(&mut JNIEnv<'local>) -> Crossing<Vec<JValueOwned<'local>>>,
    ) -> CallbackResult {
        let mut env = loading::attach().map_err(|_| {
            let text = "the thread cannot be attached to the Java machine";
            tracing::error!("{text}");
            CallbackError(text.to_owned())
        })?;
        let called = env.with_local_frame(FRAME, |env| -> Crossing<()> {
            let Some(owner) = self.owner.upgrade_local(env)? else { return Ok(()) };
            let object = field(env, &owner, self.name, self.signature)?;
            let mut all = vec![JValueOwned::Object(owner)];
            all.extend(arguments(env)?);
            let all: Vec<_> = all.iter().map(JValueOwned::borrow).collect();
            env.call_method(&object, method, signature, &all)?;
            Ok(())
        });
        called.map_err(|failure| {
            if let Failure::Throw(_, text) = &failure {
                // An exception is printed by Java; nobody else would tell of this.
                tracing::error!("the callback '{method}' cannot be called: {text}");
            }
            CallbackError(failure.into_text(&mut env))
        })
    }
}
