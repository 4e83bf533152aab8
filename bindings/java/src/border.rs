// SPDX-License-Identifier: Apache-2.0

//! Where Java calls Rust: what can go wrong becomes an exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jni::{
    JNIEnv,
    errors::Error,
    objects::{JByteArray, JObject, JObjectArray, JString, JThrowable},
};

/// Why a native method gives nothing.
pub(crate) enum Failure {
    /// Java has thrown; the exception is still pending.
    Pending,
    /// To be thrown: the class and the text.
    Throw(&'static str, String),
}

/// What most functions give.
pub(crate) type Crossing<T> = Result<T, Failure>;

const ILLEGAL_STATE: &str = "java/lang/IllegalStateException";
const NULL_POINTER: &str = "java/lang/NullPointerException";
const UNSUPPORTED: &str = "java/lang/UnsupportedOperationException";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if matches!(error, Error::JavaException) {
            return Failure::Pending;
        }
        if matches!(error, Error::NullPtr(_) | Error::NullDeref(_)) {
            return Failure::Throw(NULL_POINTER, error.to_string());
        }
        Failure::Throw(ILLEGAL_STATE, error.to_string())
    }
}

impl Failure {
    pub(crate) fn illegal_state(text: impl Into<String>) -> Self {
        Failure::Throw(ILLEGAL_STATE, text.into())
    }

    pub(crate) fn unsupported(text: impl Into<String>) -> Self {
        Failure::Throw(UNSUPPORTED, text.into())
    }

    /// The failure as text; a pending exception is printed and cleared.
    pub(crate) fn into_text(self, env: &mut JNIEnv<'_>) -> String {
        match self {
            Failure::Throw(_, text) => text,
            Failure::Pending => {
                // Taken first: printing it, where Java prints those that nobody catches, clears it.
                let thrown = env.exception_occurred();
                let _ = env.exception_describe();
                let _ = env.exception_clear();
                let text = thrown.map_err(Failure::from).and_then(|it| describe(env, &it));
                // A `toString` that throws in its turn.
                let _ = env.exception_clear();
                text.unwrap_or_else(|_| "an exception".to_owned())
            }
        }
    }
}

fn describe(env: &mut JNIEnv<'_>, thrown: &JThrowable<'_>) -> Crossing<String> {
    let text = env.call_method(thrown, "toString", "()Ljava/lang/String;", &[])?.l()?;
    string(env, &text.into())
}

/// Runs a native method; a failure or a panic becomes a Java exception, and `otherwise` is
/// returned, which Java does not look at then.
pub(crate) fn guard<'local, T>(
    env: &mut JNIEnv<'local>,
    otherwise: T,
    run: impl FnOnce(&mut JNIEnv<'local>) -> Crossing<T>,
) -> T {
    // What a panic leaves half-done is only the call's own.
    let failure = match catch_unwind(AssertUnwindSafe(|| run(env))) {
        Ok(Ok(value)) => return value,
        Ok(Err(failure)) => failure,
        Err(_) => Failure::illegal_state("libmesos has a defect; see what it printed"),
    };
    if let Failure::Throw(class, text) = failure {
        // If even that fails, an exception about it is pending.
        let _ = env.throw_new(class, text);
    }
    otherwise
}

/// A text of Java.
pub(crate) fn string(env: &mut JNIEnv<'_>, text: &JString<'_>) -> Crossing<String> {
    non_null(text, "text")?;
    Ok(env.get_string(text)?.into())
}

/// The bytes of an array.
pub(crate) fn bytes(env: &JNIEnv<'_>, array: &JByteArray<'_>) -> Crossing<Vec<u8>> {
    non_null(array, "byte[]")?;
    Ok(env.convert_byte_array(array)?)
}

/// The bytes of a protobuf message.
pub(crate) fn message(env: &mut JNIEnv<'_>, message: &JObject<'_>) -> Crossing<Vec<u8>> {
    non_null(message, "message")?;
    let array = env.call_method(message, "toByteArray", "()[B", &[])?.l()?;
    let array = env.auto_local(JByteArray::from(array));
    bytes(env, &array)
}

/// What `read` makes of each element of a `java.util.Collection`.
pub(crate) fn collection<T>(
    env: &mut JNIEnv<'_>,
    collection: &JObject<'_>,
    mut read: impl FnMut(&mut JNIEnv<'_>, &JObject<'_>) -> Crossing<T>,
) -> Crossing<Vec<T>> {
    non_null(collection, "Collection")?;
    let array = env.call_method(collection, "toArray", "()[Ljava/lang/Object;", &[])?.l()?;
    let array = env.auto_local(JObjectArray::from(array));
    let length = env.get_array_length(&*array)?;
    let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    for index in 0..length {
        let element = env.get_object_array_element(&array, index)?;
        // A long collection has more elements than a frame has places.
        let element = env.auto_local(element);
        all.push(read(env, &element)?);
    }
    Ok(all)
}

/// The messages of a collection.
pub(crate) fn messages(env: &mut JNIEnv<'_>, all: &JObject<'_>) -> Crossing<Vec<Vec<u8>>> {
    collection(env, all, message)
}

/// The texts of a collection.
pub(crate) fn strings(env: &mut JNIEnv<'_>, all: &JObject<'_>) -> Crossing<Vec<String>> {
    collection(env, all, |env, element| {
        // Java's generics do not keep out what is no text.
        if !element.is_null() && !env.is_instance_of(element, "java/lang/String")? {
            let text = "a collection of texts has something else in it".to_owned();
            return Err(Failure::Throw("java/lang/ClassCastException", text));
        }
        let text = env.new_local_ref(element)?;
        let text = env.auto_local(JString::from(text));
        string(env, &text)
    })
}

pub(crate) fn non_null(object: &JObject<'_>, what: &str) -> Crossing<()> {
    if object.is_null() {
        return Err(Failure::Throw(NULL_POINTER, format!("a {what} is null")));
    }
    Ok(())
}

/// The field of an object.
pub(crate) fn field<'local>(
    env: &mut JNIEnv<'local>,
    object: &JObject<'_>,
    name: &str,
    signature: &str,
) -> Crossing<JObject<'local>> {
    Ok(env.get_field(object, name, signature)?.l()?)
}

/// The same of a field that jars of other versions do not have; unset, if it is `null`.
pub(crate) fn newer_field<'local>(
    env: &mut JNIEnv<'local>,
    object: &JObject<'_>,
    name: &str,
    signature: &str,
) -> Crossing<Option<JObject<'local>>> {
    match field(env, object, name, signature) {
        Ok(value) => Ok((!value.is_null()).then_some(value)),
        Err(_) => {
            env.exception_clear()?;
            Ok(None)
        }
    }
}

/// `slices(&messages)`: as the drivers want them.
pub(crate) fn slices(messages: &[Vec<u8>]) -> Vec<&[u8]> {
    messages.iter().map(Vec::as_slice).collect()
}
