// SPDX-License-Identifier: Apache-2.0

//! What Java objects have instead of pointers: a number in a field.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jni::{
    JNIEnv,
    objects::{JObject, JValue},
};

use crate::border::{Crossing, guard};

/// Things by number; no number is given out twice, and 0 never.
pub(crate) struct Handles<T> {
    /// Where the objects of a Java class have the number.
    field: &'static str,
    things: Mutex<(i64, BTreeMap<i64, T>)>,
}

impl<T: Clone> Handles<T> {
    pub(crate) const fn new(field: &'static str) -> Self {
        Handles { field, things: Mutex::new((0, BTreeMap::new())) }
    }

    /// Nothing but the map is touched under the lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, (i64, BTreeMap<i64, T>)> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, thing: T) -> i64 {
        let mut things = self.lock();
        things.0 += 1;
        let handle = things.0;
        things.1.insert(handle, thing);
        handle
    }

    pub(crate) fn get(&self, handle: i64) -> Option<T> {
        self.lock().1.get(&handle).cloned()
    }

    /// Takes it out; it is dropped by the caller, not under the lock.
    pub(crate) fn remove(&self, handle: i64) -> Option<T> {
        self.lock().1.remove(&handle)
    }

    /// `object` has `thing` from now on.
    pub(crate) fn give(
        &self,
        env: &mut JNIEnv<'_>,
        object: &JObject<'_>,
        thing: T,
    ) -> Crossing<()> {
        let handle = self.insert(thing);
        env.set_field(object, self.field, "J", JValue::Long(handle)).inspect_err(|_| {
            // An object without the field: nobody would ever ask for it.
            drop(self.remove(handle));
        })?;
        Ok(())
    }

    /// The number that `object` has.
    pub(crate) fn number(&self, env: &mut JNIEnv<'_>, object: &JObject<'_>) -> Crossing<i64> {
        Ok(env.get_field(object, self.field, "J")?.j()?)
    }

    /// What `object` has; `None` after its `finalize`.
    pub(crate) fn of(&self, env: &mut JNIEnv<'_>, object: &JObject<'_>) -> Crossing<Option<T>> {
        Ok(self.get(self.number(env, object)?))
    }

    /// A native `finalize`: what `object` has comes to its `end`. Java calls it when no thread uses
    /// the object any more; nothing keeps others from calling it earlier.
    pub(crate) fn finalize(&self, mut env: JNIEnv<'_>, object: &JObject<'_>, end: impl FnOnce(T)) {
        guard(&mut env, (), |env| {
            let handle = self.number(env, object)?;
            env.set_field(object, self.field, "J", JValue::Long(0))?;
            if let Some(thing) = self.remove(handle) {
                end(thing);
            }
            Ok(())
        });
    }
}
