// SPDX-License-Identifier: Apache-2.0

//! What `fetch`, `store`, `expunge` and `names` return.
//!
//! Jars of 0.22 and later have a class for each; with older libraries they make
//! futures of their own over `__fetch_get` and the like. Both are here.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jni::{
    JNIEnv,
    objects::{JObject, JString, JValue},
    sys::{jboolean, jlong},
};

use super::{
    duration, entry, state, variable,
    worker::{Outcome, Progress, Promise, Request},
};
use crate::{
    border::{Crossing, Failure, guard, string},
    handles::Handles,
};

/// The futures whose Java objects have not been finalized.
static PROMISES: Handles<Arc<Promise>> = Handles::new("future");

/// How often a thread that waits looks whether it has been interrupted.
const LOOK: Duration = Duration::from_millis(50);

fn promise(handle: jlong) -> Crossing<Arc<Promise>> {
    PROMISES.get(handle).ok_or_else(|| Failure::illegal_state("this future has been finalized"))
}

fn cancel(handle: jlong) -> Crossing<jboolean> {
    Ok(jboolean::from(promise(handle)?.cancel()))
}

fn is_cancelled(handle: jlong) -> Crossing<jboolean> {
    Ok(jboolean::from(promise(handle)?.is_cancelled()))
}

fn is_done(handle: jlong) -> Crossing<jboolean> {
    Ok(jboolean::from(promise(handle)?.is_over()))
}

/// Waits for an outcome, for so long at most, and gives it as Java wants it.
fn get<'local>(
    env: &mut JNIEnv<'local>,
    handle: jlong,
    patience: Option<Duration>,
) -> Crossing<JObject<'local>> {
    let promise = promise(handle)?;
    let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
    loop {
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if promise.wait(left.unwrap_or(LOOK).min(LOOK)) {
            break;
        }
        if left.is_some_and(|left| left.is_zero()) {
            let text = "the state has not answered yet".to_owned();
            return Err(Failure::Throw("java/util/concurrent/TimeoutException", text));
        }
        let interrupted = env.call_static_method("java/lang/Thread", "interrupted", "()Z", &[])?;
        if interrupted.z()? {
            let text = "interrupted while waiting for the state".to_owned();
            return Err(Failure::Throw("java/lang/InterruptedException", text));
        }
    }
    let done = match &*promise.lock() {
        Progress::Done(result) => result.clone(),
        Progress::Waiting | Progress::Cancelled => {
            let text = "the request was cancelled".to_owned();
            return Err(Failure::Throw("java/util/concurrent/CancellationException", text));
        }
    };
    match done {
        Ok(outcome) => object(env, outcome),
        Err(text) => Err(Failure::Throw("java/util/concurrent/ExecutionException", text)),
    }
}

fn object<'local>(env: &mut JNIEnv<'local>, outcome: Outcome) -> Crossing<JObject<'local>> {
    match outcome {
        Outcome::Variable(Some(entry)) => variable(env, entry),
        Outcome::Variable(None) => Ok(JObject::null()),
        Outcome::Expunged(done) => {
            let done = [JValue::Bool(jboolean::from(done))];
            let signature = "(Z)Ljava/lang/Boolean;";
            Ok(env.call_static_method("java/lang/Boolean", "valueOf", signature, &done)?.l()?)
        }
        Outcome::Names(names) => {
            let list = env.new_object("java/util/ArrayList", "()V", &[])?;
            for name in names {
                let name = JObject::from(env.new_string(name)?);
                let name = env.auto_local(name);
                let signature = "(Ljava/lang/Object;)Z";
                env.call_method(&list, "add", signature, &[JValue::Object(&name)])?;
            }
            Ok(env.call_method(&list, "iterator", "()Ljava/util/Iterator;", &[])?.l()?)
        }
    }
}

fn ask(env: &mut JNIEnv<'_>, this: &JObject<'_>, request: Request) -> Crossing<jlong> {
    Ok(PROMISES.insert(state(env, this)?.ask(request)))
}

/// Begins a fetch.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_AbstractState__1_1fetch<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    name: JString<'local>,
) -> jlong {
    guard(&mut env, 0, |env| {
        let name = string(env, &name)?;
        ask(env, &this, Request::Fetch(name))
    })
}

/// Begins a store.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_AbstractState__1_1store<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    variable: JObject<'local>,
) -> jlong {
    guard(&mut env, 0, |env| {
        let entry = entry(env, &variable)?;
        ask(env, &this, Request::Store(Clone::clone(&*entry)))
    })
}

/// Begins to expunge.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_AbstractState__1_1expunge<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    variable: JObject<'local>,
) -> jlong {
    guard(&mut env, 0, |env| {
        let entry = entry(env, &variable)?;
        ask(env, &this, Request::Expunge(Clone::clone(&*entry)))
    })
}

/// Begins to list the names.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_state_AbstractState__1_1names<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) -> jlong {
    guard(&mut env, 0, |env| ask(env, &this, Request::Names))
}

/// The handle that an old jar has given, or else that of the object.
fn handle_of(env: &mut JNIEnv<'_>, this: &JObject<'_>, given: Option<jlong>) -> Crossing<jlong> {
    given.map_or_else(|| PROMISES.number(env, this), Ok)
}

/// The methods of one kind of futures. Those of old jars have the handle as their argument, the
/// classes of later ones in a field.
macro_rules! methods {
    (
        ($($interrupt:ident)?) ($($handle:ident)?)
        $cancel:ident $cancelled:ident $done:ident $get:ident $timed:ident $finalize:ident
    ) => {
        #[doc = "See `java.util.concurrent.Future`."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $cancel<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($interrupt: jboolean,)?
            $($handle: jlong,)?
        ) -> jboolean {
            guard(&mut env, 0, |env| cancel(handle_of(env, &this, None$(.or(Some($handle)))?)?))
        }

        #[doc = "See `java.util.concurrent.Future`."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $cancelled<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($handle: jlong,)?
        ) -> jboolean {
            guard(&mut env, 0, |env| {
                is_cancelled(handle_of(env, &this, None$(.or(Some($handle)))?)?)
            })
        }

        #[doc = "See `java.util.concurrent.Future`."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $done<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($handle: jlong,)?
        ) -> jboolean {
            guard(&mut env, 0, |env| is_done(handle_of(env, &this, None$(.or(Some($handle)))?)?))
        }

        #[doc = "See `java.util.concurrent.Future`."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $get<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($handle: jlong,)?
        ) -> JObject<'local> {
            guard(&mut env, JObject::null(), |env| {
                let handle = handle_of(env, &this, None$(.or(Some($handle)))?)?;
                get(env, handle, None)
            })
        }

        #[doc = "See `java.util.concurrent.Future`."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $timed<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($handle: jlong,)?
            amount: jlong,
            unit: JObject<'local>,
        ) -> JObject<'local> {
            guard(&mut env, JObject::null(), |env| {
                let handle = handle_of(env, &this, None$(.or(Some($handle)))?)?;
                let patience = duration(env, amount, &unit)?;
                get(env, handle, Some(patience))
            })
        }

        #[doc = "Forgets the future."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $finalize<'local>(
            mut env: JNIEnv<'local>,
            this: JObject<'local>,
            $($handle: jlong,)?
        ) {
            guard(&mut env, (), |env| {
                let handle = handle_of(env, &this, None$(.or(Some($handle)))?)?;
                drop(PROMISES.remove(handle));
                Ok(())
            });
        }
    };
}

methods!(
    (_interrupt)()
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_cancel
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_isCancelled
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_isDone
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_get__
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_get__JLjava_util_concurrent_TimeUnit_2
    Java_org_apache_mesos_state_AbstractState_00024FetchFuture_finalize
);
methods!(
    (_interrupt)()
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_cancel
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_isCancelled
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_isDone
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_get__
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_get__JLjava_util_concurrent_TimeUnit_2
    Java_org_apache_mesos_state_AbstractState_00024StoreFuture_finalize
);
methods!(
    (_interrupt)()
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_cancel
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_isCancelled
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_isDone
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_get__
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_get__JLjava_util_concurrent_TimeUnit_2
    Java_org_apache_mesos_state_AbstractState_00024ExpungeFuture_finalize
);
methods!(
    (_interrupt)()
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_cancel
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_isCancelled
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_isDone
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_get__
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_get__JLjava_util_concurrent_TimeUnit_2
    Java_org_apache_mesos_state_AbstractState_00024NamesFuture_finalize
);

methods!(
    ()(handle)
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1cancel
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1is_1cancelled
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1is_1done
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1get
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1get_1timeout
    Java_org_apache_mesos_state_AbstractState__1_1fetch_1finalize
);
methods!(
    ()(handle)
    Java_org_apache_mesos_state_AbstractState__1_1store_1cancel
    Java_org_apache_mesos_state_AbstractState__1_1store_1is_1cancelled
    Java_org_apache_mesos_state_AbstractState__1_1store_1is_1done
    Java_org_apache_mesos_state_AbstractState__1_1store_1get
    Java_org_apache_mesos_state_AbstractState__1_1store_1get_1timeout
    Java_org_apache_mesos_state_AbstractState__1_1store_1finalize
);
methods!(
    ()(handle)
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1cancel
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1is_1cancelled
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1is_1done
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1get
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1get_1timeout
    Java_org_apache_mesos_state_AbstractState__1_1expunge_1finalize
);
methods!(
    ()(handle)
    Java_org_apache_mesos_state_AbstractState__1_1names_1cancel
    Java_org_apache_mesos_state_AbstractState__1_1names_1is_1cancelled
    Java_org_apache_mesos_state_AbstractState__1_1names_1is_1done
    Java_org_apache_mesos_state_AbstractState__1_1names_1get
    Java_org_apache_mesos_state_AbstractState__1_1names_1get_1timeout
    Java_org_apache_mesos_state_AbstractState__1_1names_1finalize
);
