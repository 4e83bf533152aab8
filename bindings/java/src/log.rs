// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.Log` and `org.apache.mesos.state.LogState`.
//!
//! There is no replicated log yet: what would make one throws an
//! `UnsupportedOperationException`, so nothing else can be reached.

use jni::{
    JNIEnv,
    objects::{JByteArray, JObject, JString},
    sys::{jint, jlong},
};

use crate::border::{Failure, guard};

const TEXT: &str = "mesos-rs has no replicated log yet: use ZooKeeperState, or another store";

/// Native methods that throw.
macro_rules! unsupported {
    ($($symbol:ident($($argument:ident: $kind:ty),*) $(-> $gives:ty)?;)*) => {$(
        #[doc = "See the Java class."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $symbol<'local>(
            mut env: JNIEnv<'local>,
            _this: JObject<'local>,
            $($argument: $kind),*
        ) $(-> $gives)? {
            $(let _ = $argument;)*
            guard(&mut env, unsupported!(@ $($gives)?), |_| Err(Failure::unsupported(TEXT)))
        }
    )*};
    (@) => { () };
    (@ $gives:ty) => { JObject::null() };
}

/// Native methods that clean up after what was never made.
macro_rules! nothing {
    ($($symbol:ident;)*) => {$(
        #[doc = "See the Java class."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $symbol<'local>(_env: JNIEnv<'local>, _this: JObject<'local>) {}
    )*};
}

unsupported! {
    Java_org_apache_mesos_Log_initialize__ILjava_lang_String_2Ljava_util_Set_2(
        quorum: jint, path: JString<'local>, pids: JObject<'local>
    );
    Java_org_apache_mesos_Log_initialize__ILjava_lang_String_2Ljava_lang_String_2JLjava_util_concurrent_TimeUnit_2Ljava_lang_String_2(
        quorum: jint, path: JString<'local>, servers: JString<'local>, timeout: jlong,
        unit: JObject<'local>, znode: JString<'local>
    );
    Java_org_apache_mesos_Log_initialize__ILjava_lang_String_2Ljava_lang_String_2JLjava_util_concurrent_TimeUnit_2Ljava_lang_String_2Ljava_lang_String_2_3B(
        quorum: jint, path: JString<'local>, servers: JString<'local>, timeout: jlong,
        unit: JObject<'local>, znode: JString<'local>, scheme: JString<'local>,
        credentials: JByteArray<'local>
    );
    Java_org_apache_mesos_Log_00024Reader_initialize(log: JObject<'local>);
    Java_org_apache_mesos_Log_00024Reader_read(
        from: JObject<'local>, to: JObject<'local>, timeout: jlong, unit: JObject<'local>
    ) -> JObject<'local>;
    Java_org_apache_mesos_Log_00024Reader_beginning() -> JObject<'local>;
    Java_org_apache_mesos_Log_00024Reader_ending() -> JObject<'local>;
    Java_org_apache_mesos_Log_00024Reader_catchup(timeout: jlong, unit: JObject<'local>) -> JObject<'local>;
    Java_org_apache_mesos_Log_00024Writer_initialize(
        log: JObject<'local>, timeout: jlong, unit: JObject<'local>, retries: jint
    );
    Java_org_apache_mesos_Log_00024Writer_append(
        data: JByteArray<'local>, timeout: jlong, unit: JObject<'local>
    ) -> JObject<'local>;
    Java_org_apache_mesos_Log_00024Writer_truncate(
        to: JObject<'local>, timeout: jlong, unit: JObject<'local>
    ) -> JObject<'local>;
    Java_org_apache_mesos_state_LogState_initialize(
        servers: JString<'local>, timeout: jlong, unit: JObject<'local>, znode: JString<'local>,
        quorum: jlong, path: JString<'local>, diffs: jint
    );
}

nothing! {
    Java_org_apache_mesos_Log_finalize;
    Java_org_apache_mesos_Log_00024Reader_finalize;
    Java_org_apache_mesos_Log_00024Writer_finalize;
    Java_org_apache_mesos_state_LogState_finalize;
}
