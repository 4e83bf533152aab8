// SPDX-License-Identifier: Apache-2.0

//! One task from registration to the end.

use mesos_proto::v1::{TaskState, scheduler::event::Type};

use crate::{Output, RegistryChange, ToAgent, testing::*};

#[test]
fn a_task_runs_from_offer_to_acknowledgement() {
    let mut lab = Lab::new();
    let pid = "slave(1)@10.0.0.1:5051";
    let agent = lab.register(pid);
    assert_eq!(agent, "m-S0");
    lab.take();

    let scheduler = lab.subscribe(framework_info());
    assert_eq!(scheduler.id, "m-0000");
    assert_eq!(types(&lab.events(&scheduler)), [Type::Subscribed, Type::Heartbeat, Type::Offers]);
    let offer = lab.offers(&scheduler).remove(0);
    assert_eq!(offer.id.value, "m-O0");
    assert_eq!(offer.allocation_info, None, "not a MULTI_ROLE framework");
    assert_eq!(offer.resources[0].allocation_info, None);
    assert_eq!(offer.url.as_ref().and_then(|url| url.path.as_deref()), Some("/slave(1)"));
    lab.take();

    lab.launch(&scheduler, &offer, vec![task("t", &agent)]);
    let sent = lab.sent_to(pid);
    let [ToAgent::RunTask(run)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(run.pid.as_deref(), Some("@0.0.0.0:0"));
    assert_eq!(run.launch_executor, Some(true));
    let allocation = run.task.resources[0].allocation_info.as_ref();
    assert_eq!(allocation.and_then(|it| it.role.as_deref()), Some("*"));
    assert_eq!(lab.master.gauges().tasks_staging, 1);
    lab.take();

    for state in [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished] {
        lab.take();
        let uuid = lab.report(pid, (&scheduler.id, &agent, "t"), state);
        let updates = lab.updates(&scheduler);
        assert_eq!(updates.len(), 1);
        assert_eq!(updates[0].state(), state);
        assert_eq!(updates[0].uuid.as_ref(), Some(&uuid));
        assert_eq!(updates[0].agent_id.as_ref().map(|id| &id.value), Some(&agent));
        lab.acknowledge(&scheduler, &agent, "t", uuid);
        let acknowledged = lab
            .sent_to(pid)
            .into_iter()
            .any(|message| matches!(message, ToAgent::StatusUpdateAcknowledgement(_)));
        assert!(acknowledged);
    }
    assert_eq!(lab.master.metrics().tasks_finished, 1);
    assert_eq!(lab.master.gauges().tasks_running, 0);
    let offers = lab.offers(&scheduler);
    let cpus = offers[0].resources.iter().find(|it| it.name == "cpus").unwrap();
    assert_eq!(cpus.scalar.unwrap().value, 4.0, "what the task used is offered at once");

    lab.take();
    lab.call(&scheduler, reconcile(&[]));
    assert_eq!(lab.updates(&scheduler), [], "an acknowledged terminal task is gone");
}

#[test]
fn an_agent_is_answered_only_when_the_registry_has_it() {
    let mut lab = Lab::new();
    lab.stores = false;
    let pid = "slave(1)@10.0.0.1:5051";
    let register = crate::FromAgent::Register(Box::new(registration(agent_info())));
    lab.agent_says(pid, register.clone());
    lab.agent_says(pid, register);
    let stores = lab.take().into_iter().filter_map(|output| match output {
        Output::Store { changes, .. } => Some(changes),
        Output::ToAgent { .. } | Output::Ping { .. } => panic!("answered too early"),
        _ => None,
    });
    let stores: Vec<_> = stores.collect();
    assert_eq!(stores.len(), 1, "a repeated registration is not stored again");
    assert!(matches!(&stores[0][..], [RegistryChange::AdmitAgent { .. }]));
    lab.release();
    let outputs = lab.take();
    let answer = outputs.iter().position(|output| {
        matches!(output, Output::ToAgent { message: ToAgent::Registered(_), .. })
    });
    let ping = outputs.iter().position(|output| matches!(output, Output::Ping { .. }));
    assert!(answer.unwrap() < ping.unwrap());
}

#[test]
fn heartbeats_come_at_once_and_then_every_15_seconds() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(framework_info());
    assert_eq!(types(&lab.events(&scheduler)), [Type::Subscribed, Type::Heartbeat]);
    lab.take();
    lab.seconds(14);
    assert_eq!(lab.events(&scheduler), []);
    lab.seconds(31);
    assert_eq!(types(&lab.events(&scheduler)), [Type::Heartbeat; 3]);
}
