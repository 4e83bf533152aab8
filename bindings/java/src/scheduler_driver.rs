// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.MesosSchedulerDriver`.
//!
//! Overloaded methods have only the long form of their names: the Java machine looks
//! for the short one first, and would take it for each of the overloads.

use jni::{
    JNIEnv,
    objects::{JByteArray, JObject, JString, JValueOwned},
    sys::jboolean,
};
use mesos_client::v0::{
    CallbackResult, SchedulerDriver, SerializedMethods, SerializedScheduler, Status,
};

use crate::{
    border::{
        Crossing, bytes, collection, field, guard, message, messages, newer_field, non_null,
        slices, string, strings,
    },
    callee::Callee,
    driver,
    handles::Handles,
    messages::{MessageClass, list},
};

/// The drivers whose Java objects have not been finalized.
static DRIVERS: Handles<SchedulerDriver> = Handles::new(driver::FIELD);

/// The object that is called back, and the classes of what it is told.
struct JavaScheduler {
    callee: Callee,
    framework_id: MessageClass,
    master_info: MessageClass,
    offer: MessageClass,
    offer_id: MessageClass,
    status: MessageClass,
    executor_id: MessageClass,
    agent_id: MessageClass,
}

impl JavaScheduler {
    fn new(env: &mut JNIEnv<'_>, driver: &JObject<'_>) -> Crossing<Self> {
        Ok(JavaScheduler {
            callee: Callee::new(env, driver, "scheduler", "Lorg/apache/mesos/Scheduler;")?,
            framework_id: MessageClass::of_protos(env, "FrameworkID")?,
            master_info: MessageClass::of_protos(env, "MasterInfo")?,
            offer: MessageClass::of_protos(env, "Offer")?,
            offer_id: MessageClass::of_protos(env, "OfferID")?,
            status: MessageClass::of_protos(env, "TaskStatus")?,
            executor_id: MessageClass::of_protos(env, "ExecutorID")?,
            agent_id: MessageClass::of_protos(env, "SlaveID")?,
        })
    }
}

/// `(SchedulerDriver` and these arguments`)V`; classes of `Protos` by their names.
macro_rules! signature {
    ($($argument:literal),*) => {
        concat!("(Lorg/apache/mesos/SchedulerDriver;", $($argument,)* ")V")
    };
}

impl SerializedScheduler for JavaScheduler {
    fn registered(
        &mut self,
        _driver: &SchedulerDriver,
        framework_id: &[u8],
        master: &[u8],
    ) -> CallbackResult {
        let signature = signature!(
            "Lorg/apache/mesos/Protos$FrameworkID;",
            "Lorg/apache/mesos/Protos$MasterInfo;"
        );
        self.callee.call("registered", signature, |env| {
            let framework_id = self.framework_id.parse(env, framework_id)?;
            let master = self.master_info.parse(env, master)?;
            Ok(vec![framework_id.into(), master.into()])
        })
    }

    fn reregistered(&mut self, _driver: &SchedulerDriver, master: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$MasterInfo;");
        self.callee.call("reregistered", signature, |env| {
            Ok(vec![self.master_info.parse(env, master)?.into()])
        })
    }

    fn disconnected(&mut self, _driver: &SchedulerDriver) -> CallbackResult {
        self.callee.call("disconnected", signature!(), |_| Ok(Vec::new()))
    }

    fn resource_offers(&mut self, _driver: &SchedulerDriver, offers: &[Vec<u8>]) -> CallbackResult {
        self.callee.call("resourceOffers", signature!("Ljava/util/List;"), |env| {
            Ok(vec![list(env, &self.offer, offers)?.into()])
        })
    }

    fn offer_rescinded(&mut self, _driver: &SchedulerDriver, offer_id: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$OfferID;");
        self.callee.call("offerRescinded", signature, |env| {
            Ok(vec![self.offer_id.parse(env, offer_id)?.into()])
        })
    }

    fn status_update(&mut self, _driver: &SchedulerDriver, status: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$TaskStatus;");
        self.callee
            .call("statusUpdate", signature, |env| Ok(vec![self.status.parse(env, status)?.into()]))
    }

    fn framework_message(
        &mut self,
        _driver: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> CallbackResult {
        let signature = signature!(
            "Lorg/apache/mesos/Protos$ExecutorID;",
            "Lorg/apache/mesos/Protos$SlaveID;",
            "[B"
        );
        self.callee.call("frameworkMessage", signature, |env| {
            let executor_id = self.executor_id.parse(env, executor_id)?;
            let agent_id = self.agent_id.parse(env, agent_id)?;
            let data = JObject::from(env.byte_array_from_slice(data)?);
            Ok(vec![executor_id.into(), agent_id.into(), data.into()])
        })
    }

    fn agent_lost(&mut self, _driver: &SchedulerDriver, agent_id: &[u8]) -> CallbackResult {
        let signature = signature!("Lorg/apache/mesos/Protos$SlaveID;");
        self.callee.call("slaveLost", signature, |env| {
            Ok(vec![self.agent_id.parse(env, agent_id)?.into()])
        })
    }

    fn executor_lost(
        &mut self,
        _driver: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        status: i32,
    ) -> CallbackResult {
        let signature = signature!(
            "Lorg/apache/mesos/Protos$ExecutorID;",
            "Lorg/apache/mesos/Protos$SlaveID;",
            "I"
        );
        self.callee.call("executorLost", signature, |env| {
            let executor_id = self.executor_id.parse(env, executor_id)?;
            let agent_id = self.agent_id.parse(env, agent_id)?;
            Ok(vec![executor_id.into(), agent_id.into(), JValueOwned::Int(status)])
        })
    }

    fn error(&mut self, _driver: &SchedulerDriver, message: &str) -> CallbackResult {
        self.callee.call("error", signature!("Ljava/lang/String;"), |env| {
            Ok(vec![JObject::from(env.new_string(message)?).into()])
        })
    }
}

/// A new object's driver.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosSchedulerDriver_initialize<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    guard(&mut env, (), |env| {
        let scheduler = field(env, &this, "scheduler", "Lorg/apache/mesos/Scheduler;")?;
        non_null(&scheduler, "Scheduler")?;
        let framework = field(env, &this, "framework", "Lorg/apache/mesos/Protos$FrameworkInfo;")?;
        let framework = message(env, &framework)?;
        let master = JString::from(field(env, &this, "master", "Ljava/lang/String;")?);
        let master = string(env, &master)?;
        let implicit = implicit_acknowledgements(env, &this)?;
        let credential = field(env, &this, "credential", "Lorg/apache/mesos/Protos$Credential;")?;
        // Jars before 1.5 have no such field.
        let suppressed = match newer_field(env, &this, "suppressedRoles", "Ljava/util/Collection;")?
        {
            Some(roles) => strings(env, &roles)?,
            None => Vec::new(),
        };
        let mut builder = SchedulerDriver::builder_serialized(
            JavaScheduler::new(env, &this)?,
            &framework,
            &master,
        )
        .implicit_acknowledgements(implicit)
        .suppressed_roles(suppressed);
        if !credential.is_null() {
            builder = builder.credential_serialized(&message(env, &credential)?);
        }
        DRIVERS.give(env, &this, builder.build())
    });
}

/// Jars before 0.22 have no such field: they leave it to the driver.
fn implicit_acknowledgements(env: &mut JNIEnv<'_>, this: &JObject<'_>) -> Crossing<bool> {
    match env.get_field(this, "implicitAcknowledgements", "Z") {
        Ok(implicit) => Ok(implicit.z()?),
        Err(_) => {
            env.exception_clear()?;
            Ok(true)
        }
    }
}

/// Ends the driver; its framework is left to its failover timeout.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_MesosSchedulerDriver_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    DRIVERS.finalize(env, &this, |driver| driver.close());
}

/// A native method: its Java name as a symbol, its arguments, and what it does with the driver.
macro_rules! method {
    ($symbol:ident ($($argument:ident: $kind:ty),*) $run:expr) => {
        #[doc = "See the Java class."]
        #[unsafe(no_mangle)]
        pub extern "system" fn $symbol<'local>(
            env: JNIEnv<'local>,
            this: JObject<'local>,
            $($argument: $kind),*
        ) -> JObject<'local> {
            let run: fn(&mut JNIEnv<'local>, &SchedulerDriver, $($kind),*) -> Crossing<Status> = $run;
            driver::with(&DRIVERS, env, &this, |env, driver| run(env, driver, $($argument),*))
        }
    };
}

method!(Java_org_apache_mesos_MesosSchedulerDriver_start() | _, driver | Ok(driver.start()));
method!(Java_org_apache_mesos_MesosSchedulerDriver_stop(failover: jboolean) |_, driver, failover| {
    Ok(driver.stop(failover != 0))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_abort() | _, driver | Ok(driver.abort()));
method!(Java_org_apache_mesos_MesosSchedulerDriver_join() | _, driver | Ok(driver.join()));
method!(Java_org_apache_mesos_MesosSchedulerDriver_requestResources(requests: JObject<'local>)
|env, driver, requests| {
    let requests = messages(env, &requests)?;
    Ok(driver.serialized().request_resources(&slices(&requests)))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_launchTasks__Lorg_apache_mesos_Protos_00024OfferID_2Ljava_util_Collection_2Lorg_apache_mesos_Protos_00024Filters_2(
    offer: JObject<'local>, tasks: JObject<'local>, filters: JObject<'local>
) |env, driver, offer, tasks, filters| {
    let offer = message(env, &offer)?;
    launch_tasks(env, driver, &[offer], &tasks, &filters)
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_launchTasks__Ljava_util_Collection_2Ljava_util_Collection_2Lorg_apache_mesos_Protos_00024Filters_2(
    offers: JObject<'local>, tasks: JObject<'local>, filters: JObject<'local>
) |env, driver, offers, tasks, filters| {
    let offers = messages(env, &offers)?;
    launch_tasks(env, driver, &offers, &tasks, &filters)
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_acceptOffers(
    offers: JObject<'local>, operations: JObject<'local>, filters: JObject<'local>
) |env, driver, offers, operations, filters| {
    let offers = messages(env, &offers)?;
    let operations = messages(env, &operations)?;
    let filters = message(env, &filters)?;
    let methods = driver.serialized();
    Ok(methods.accept_offers(&slices(&offers), &slices(&operations), &filters))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_declineOffer(
    offer: JObject<'local>, filters: JObject<'local>
) |env, driver, offer, filters| {
    let offer = message(env, &offer)?;
    let filters = message(env, &filters)?;
    Ok(driver.serialized().decline_offer(&offer, &filters))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_killTask(task: JObject<'local>)
|env, driver, task| Ok(driver.serialized().kill_task(&message(env, &task)?)));
method!(
    Java_org_apache_mesos_MesosSchedulerDriver_reviveOffers__() | _,
    driver | Ok(driver.serialized().revive_offers(None))
);
method!(Java_org_apache_mesos_MesosSchedulerDriver_reviveOffers__Ljava_util_Collection_2(
    roles: JObject<'local>
) |env, driver, roles| Ok(driver.serialized().revive_offers(Some(strings(env, &roles)?))));
method!(
    Java_org_apache_mesos_MesosSchedulerDriver_suppressOffers__() | _,
    driver | Ok(driver.serialized().suppress_offers(None))
);
method!(Java_org_apache_mesos_MesosSchedulerDriver_suppressOffers__Ljava_util_Collection_2(
    roles: JObject<'local>
) |env, driver, roles| Ok(driver.serialized().suppress_offers(Some(strings(env, &roles)?))));
method!(Java_org_apache_mesos_MesosSchedulerDriver_acknowledgeStatusUpdate(status: JObject<'local>)
|env, driver, status| {
    Ok(driver.serialized().acknowledge_status_update(&message(env, &status)?))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_sendFrameworkMessage(
    executor: JObject<'local>, agent: JObject<'local>, data: JByteArray<'local>
) |env, driver, executor, agent, data| {
    let executor = message(env, &executor)?;
    let agent = message(env, &agent)?;
    let data = bytes(env, &data)?;
    Ok(driver.serialized().send_framework_message(&executor, &agent, &data))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_reconcileTasks(statuses: JObject<'local>)
|env, driver, statuses| {
    let statuses = collection(env, &statuses, message)?;
    Ok(driver.serialized().reconcile_tasks(&slices(&statuses)))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_updateFramework(
    framework: JObject<'local>, suppressed: JObject<'local>
) |env, driver, framework, suppressed| {
    let framework = message(env, &framework)?;
    let suppressed = strings(env, &suppressed)?;
    Ok(driver.serialized().update_framework(&framework, suppressed, None))
});
method!(Java_org_apache_mesos_MesosSchedulerDriver_updateFrameworkWithConstraints(
    framework: JObject<'local>, suppressed: JObject<'local>, constraints: JObject<'local>
) |env, driver, framework, suppressed, constraints| {
    let framework = message(env, &framework)?;
    let suppressed = strings(env, &suppressed)?;
    let constraints = message(env, &constraints)?;
    Ok(driver.serialized().update_framework(&framework, suppressed, Some(&constraints)))
});

fn launch_tasks(
    env: &mut JNIEnv<'_>,
    driver: &SchedulerDriver,
    offers: &[Vec<u8>],
    tasks: &JObject<'_>,
    filters: &JObject<'_>,
) -> Crossing<Status> {
    let tasks = messages(env, tasks)?;
    let filters = message(env, filters)?;
    let methods: SerializedMethods<'_> = driver.serialized();
    Ok(methods.launch_tasks(&slices(offers), &slices(&tasks), &filters))
}
