// SPDX-License-Identifier: Apache-2.0

//! Protobuf messages on their way to Java.
//!
//! The classes are looked up while a native method runs, when the Java machine
//! looks with the class loader of that method's class, wherever that came from.

use jni::{
    JNIEnv,
    objects::{GlobalRef, JClass, JObject, JStaticMethodID, JValue},
    signature::ReturnType,
    sys::jvalue,
};
use mesos_client::v0::Status;

use crate::border::Crossing;

/// A generated class, with its `parseFrom`.
pub(crate) struct MessageClass {
    class: GlobalRef,
    parse_from: JStaticMethodID,
}

impl MessageClass {
    /// A class by its name with slashes.
    pub(crate) fn find(env: &mut JNIEnv<'_>, name: &str) -> Crossing<Self> {
        let class = env.find_class(name)?;
        let parse_from = env.get_static_method_id(&class, "parseFrom", format!("([B)L{name};"))?;
        Ok(MessageClass { class: env.new_global_ref(&class)?, parse_from })
    }

    /// One of the classes of `org.apache.mesos.Protos`.
    pub(crate) fn of_protos(env: &mut JNIEnv<'_>, name: &str) -> Crossing<Self> {
        Self::find(env, &format!("org/apache/mesos/Protos${name}"))
    }

    /// The message that these bytes are.
    pub(crate) fn parse<'local>(
        &self,
        env: &mut JNIEnv<'local>,
        message: &[u8],
    ) -> Crossing<JObject<'local>> {
        let array = env.byte_array_from_slice(message)?;
        let array = env.auto_local(JObject::from(array));
        let arguments = [JValue::Object(&array).as_jni()];
        self.call(env, self.parse_from, &arguments)
    }

    fn call<'local>(
        &self,
        env: &mut JNIEnv<'local>,
        method: JStaticMethodID,
        arguments: &[jvalue],
    ) -> Crossing<JObject<'local>> {
        let class: &JClass<'_> = self.class.as_obj().into();
        // SAFETY: `method` is of `class`, which is held; the arguments are those of its
        // signature, which returns an object.
        let parsed = unsafe {
            env.call_static_method_unchecked(class, method, ReturnType::Object, arguments)
        };
        Ok(parsed?.l()?)
    }
}

/// The messages of a list of Java.
pub(crate) fn list<'local>(
    env: &mut JNIEnv<'local>,
    class: &MessageClass,
    messages: &[Vec<u8>],
) -> Crossing<JObject<'local>> {
    let room = JValue::Int(i32::try_from(messages.len()).unwrap_or(i32::MAX));
    let list = env.new_object("java/util/ArrayList", "(I)V", &[room])?;
    for message in messages {
        let message = class.parse(env, message)?;
        // More messages than a frame has places.
        let message = env.auto_local(message);
        env.call_method(&list, "add", "(Ljava/lang/Object;)Z", &[JValue::Object(&message)])?;
    }
    Ok(list)
}

/// `org.apache.mesos.Protos.Status`.
pub(crate) fn status<'local>(
    env: &mut JNIEnv<'local>,
    status: Status,
) -> Crossing<JObject<'local>> {
    let class = env.find_class("org/apache/mesos/Protos$Status")?;
    let class = env.auto_local(class);
    let signature = "(I)Lorg/apache/mesos/Protos$Status;";
    let number = [JValue::Int(status as i32)];
    Ok(env.call_static_method(&class, "valueOf", signature, &number)?.l()?)
}
