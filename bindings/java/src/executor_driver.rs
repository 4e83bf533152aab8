// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.MesosExecutorDriver`.

use jni::{
    JNIEnv,
    objects::{JByteArray, JObject},
};
use mesos_client::v0::{CallbackResult, ExecutorDriver, SerializedExecutor, Status};

use crate::{
    border::{Crossing, bytes, field, guard, message, non_null},
    callee::Callee,
    driver,
    handles::Handles,
    messages::MessageClass,
};

/// The drivers whose Java objects have not been finalized.
static DRIVERS: Handles<ExecutorDriver> = Handles::new(driver::FIELD);

/// The object that is called back, and the classes of what it is told.
struct JavaExecutor {
    callee: Callee,
    executor: MessageClass,
    framework: MessageClass,
    agent: MessageClass,
    task: MessageClass,
    task_id: MessageClass,
}

impl JavaExecutor {
    fn new(env: &mut JNIEnv<'_>, driver: &JObject<'_>) -> Crossing<Self> {
        Ok(JavaExecutor {
            callee: Callee::new(env, driver, "executor", "Lorg/apache/mesos/Executor;")?,
            executor: MessageClass::of_protos(env, "ExecutorInfo")?,
            framework: MessageClass::of_protos(env, "FrameworkInfo")?,
            agent: MessageClass::of_protos(env, "SlaveInfo")?,
            task: MessageClass::of_protos(env, "TaskInfo")?,
            task_id: MessageClass::of_protos(env, "TaskID")?,
        })
    }
}

/// `(ExecutorDriver` and these arguments`)V`.
macro_rules! signature {
    ($($argument:literal),*) => {
        concat!("(Lorg/apache/mesos/ExecutorDriver;", $($argument,)* ")V")
    };
}

impl SerializedExecutor for JavaExecutor {
    fn registered(
        &mut self,
        _driver: &ExecutorDriver,
        executor: &[u8],
        framework: &[u8],
        agent: &[u8],
    ) -> CallbackResult {
        let signature = signature!(
            "Lorg/apache/mesos/Protos$ExecutorInfo;",
            "Lorg/apache/mesos/Protos$FrameworkInfo;",
            "Lorg/apache/mesos/Protos$SlaveInfo;"
        );
        self.callee.call("registered", signature, |env| {
            let executor = self.executor.parse(env, executor)?;
            let framework = self.framework.parse(env, framework)?;
            let agent = self.agent.parse(env, agent)?;
            Ok(vec![executor.into(), framework.into(), agent.into()])
        })
    }

    fn reregistered(&mut self, _driver: &ExecutorDriver, agent: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$SlaveInfo;");
        self.callee
            .call("reregistered", signature, |env| Ok(vec![self.agent.parse(env, agent)?.into()]))
    }

    fn disconnected(&mut self, _driver: &ExecutorDriver) -> CallbackResult {
        self.callee.call("disconnected", signature!(), |_| Ok(Vec::new()))
    }

    fn launch_task(&mut self, _driver: &ExecutorDriver, task: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$TaskInfo;");
        self.callee
            .call("launchTask", signature, |env| Ok(vec![self.task.parse(env, task)?.into()]))
    }

    fn kill_task(&mut self, _driver: &ExecutorDriver, task_id: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$TaskID;");
        self.callee
            .call("killTask", signature, |env| Ok(vec![self.task_id.parse(env, task_id)?.into()]))
    }

    fn framework_message(&mut self, _driver: &ExecutorDriver, data: &[u8]) -> CallbackResult {
        self.callee.call("frameworkMessage", signature!("[B"), |env| {
            Ok(vec![JObject::from(env.byte_array_from_slice(data)?).into()])
        })
    }

    fn shutdown(&mut self, _driver: &ExecutorDriver) -> CallbackResult {
        self.callee.call("shutdown", signature!(), |_| Ok(Vec::new()))
    }

    fn error(&mut self, _driver: &ExecutorDriver, message: &str) -> CallbackResult {
        self.callee.call("error", signature!("Ljava/lang/String;"), |env| {
            Ok(vec![JObject::from(env.new_string(message)?).into()])
        })
    }
}

/// A new object's driver.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosExecutorDriver_initialize<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    guard(&mut env, (), |env| {
        let executor = field(env, &this, "executor", "Lorg/apache/mesos/Executor;")?;
        non_null(&executor, "Executor")?;
        let executor = JavaExecutor::new(env, &this)?;
        DRIVERS.give(env, &this, ExecutorDriver::builder_serialized(executor).build())
    });
}

/// Ends the driver.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosExecutorDriver_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    DRIVERS.finalize(env, &this, |driver| driver.close());
}

/// A native method without arguments.
macro_rules! method {
    ($symbol:ident $run:expr) => {
        #[doc = "See the Java class."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $symbol<'local>(
            env: JNIEnv<'local>,
            this: JObject<'local>,
        ) -> JObject<'local> {
            let run: fn(&ExecutorDriver) -> Status = $run;
            driver::with(&DRIVERS, env, &this, |_, driver| Ok(run(driver)))
        }
    };
}

method!(Java_org_apache_mesos_MesosExecutorDriver_start | driver | driver.start());
method!(Java_org_apache_mesos_MesosExecutorDriver_stop | driver | driver.stop());
method!(Java_org_apache_mesos_MesosExecutorDriver_abort | driver | driver.abort());
method!(Java_org_apache_mesos_MesosExecutorDriver_join | driver | driver.join());

/// See the Java class.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosExecutorDriver_sendStatusUpdate<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
    update: JObject<'local>,
) -> JObject<'local> {
    driver::with(&DRIVERS, env, &this, |env, driver| {
        Ok(driver.send_status_update_serialized(&message(env, &update)?))
    })
}

/// See the Java class.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosExecutorDriver_sendFrameworkMessage<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
    data: JByteArray<'local>,
) -> JObject<'local> {
    driver::with(&DRIVERS, env, &this, |env, driver| {
        Ok(driver.send_framework_message(bytes(env, &data)?))
    })
}
