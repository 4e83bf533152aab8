// SPDX-License-Identifier: Apache-2.0

//! How the Java machine and the library find each other.
//!
//! `MesosNativeLibrary.load` makes its own class loader the thread's context class
//! loader while it loads the library; frameworks load it themselves, too. Threads of
//! the drivers have no Java code below them, so no loader either: they get that one.
//!
//! The loader is held for ever: Java unloads a library when the loader that loaded it
//! is collected, and threads of the library may be running then. So a container that
//! loads and unloads applications should have the jar of Mesos in a loader of its own.

use std::{ffi::c_void, sync::OnceLock};

use jni::{
    JNIEnv, JavaVM,
    objects::{GlobalRef, JClass, JObject, JValue},
    sys::{JNI_ERR, JNI_VERSION_1_6, jint},
};

use crate::border::{Crossing, Failure, guard};

/// Set by `JNI_OnLoad`.
struct Machine {
    vm: JavaVM,
    /// The context class loader of the thread that loaded the library; `None` if it had none.
    loader: Option<GlobalRef>,
}

static MACHINE: OnceLock<Machine> = OnceLock::new();

/// Called by the Java machine when it has loaded the library.
#[unsafe(no_mangle)]
pub extern "system" fn JNI_OnLoad(vm: JavaVM, _reserved: *mut c_void) -> jint {
    let loaded = vm.get_env().map_err(Failure::from).and_then(|mut env| {
        let loader = context_loader(&mut env)?;
        if tell_loaded(&mut env, loader.as_ref()).is_err() {
            // A program that uses the library without Apache's classes.
            env.exception_clear()?;
        }
        Ok(loader)
    });
    match loaded {
        Ok(loader) => {
            mesos_client::log_to_stderr();
            // A second load finds what the first has left.
            let _ = MACHINE.set(Machine { vm, loader });
            JNI_VERSION_1_6
        }
        Err(_) => JNI_ERR,
    }
}

fn context_loader(env: &mut JNIEnv<'_>) -> Crossing<Option<GlobalRef>> {
    let thread = env
        .call_static_method("java/lang/Thread", "currentThread", "()Ljava/lang/Thread;", &[])?
        .l()?;
    let loader =
        env.call_method(&thread, "getContextClassLoader", "()Ljava/lang/ClassLoader;", &[])?.l()?;
    if loader.is_null() {
        return Ok(None);
    }
    Ok(Some(env.new_global_ref(&loader)?))
}

/// A framework that has loaded the library itself shall not load it again.
fn tell_loaded(env: &mut JNIEnv<'_>, loader: Option<&GlobalRef>) -> Crossing<()> {
    let class = match loader {
        Some(loader) => {
            let name = env.new_string("org.apache.mesos.MesosNativeLibrary")?;
            let signature = "(Ljava/lang/String;)Ljava/lang/Class;";
            let name = JObject::from(name);
            let class =
                env.call_method(loader, "loadClass", signature, &[JValue::Object(&name)])?;
            JClass::from(class.l()?)
        }
        None => env.find_class("org/apache/mesos/MesosNativeLibrary")?,
    };
    let field = env.get_static_field_id(&class, "loaded", "Z")?;
    env.set_static_field(&class, field, JValue::Bool(1))?;
    Ok(())
}

/// The calling thread as Java sees it, for as long as the thread lives; it does not keep the
/// Java machine from ending.
pub(crate) fn attach() -> Crossing<JNIEnv<'static>> {
    let machine = MACHINE
        .get()
        .ok_or_else(|| Failure::illegal_state("the library was not loaded by a Java machine"))?;
    if let Ok(env) = machine.vm.get_env() {
        return Ok(env);
    }
    let mut env = machine.vm.attach_current_thread_as_daemon()?;
    if let Some(loader) = &machine.loader {
        let thread = env
            .call_static_method("java/lang/Thread", "currentThread", "()Ljava/lang/Thread;", &[])?
            .l()?;
        let signature = "(Ljava/lang/ClassLoader;)V";
        env.call_method(
            &thread,
            "setContextClassLoader",
            signature,
            &[JValue::Object(loader.as_obj())],
        )?;
        env.delete_local_ref(thread)?;
    }
    Ok(env)
}

/// `MesosNativeLibrary._version`: of the Mesos whose interface this is.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosNativeLibrary__1version<'local>(
    mut env: JNIEnv<'local>,
    _class: JClass<'local>,
) -> JObject<'local> {
    guard(&mut env, JObject::null(), |env| {
        let numbers = [JValue::Long(1), JValue::Long(11), JValue::Long(0)];
        let class = "org/apache/mesos/MesosNativeLibrary$Version";
        Ok(env.new_object(class, "(JJJ)V", &numbers)?)
    })
}
