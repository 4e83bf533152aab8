// SPDX-License-Identifier: Apache-2.0

//! Frameworks subscribe, disappear, change and end.

use mesos_proto::v1::{
    FrameworkId, FrameworkInfo, OfferId, TaskState,
    framework_info::capability::Type as Capability,
    scheduler::{Call, call, event::Type},
};

use crate::{Change, Input, OperatorCall, Output, RequestKey, StreamKey, ToAgent, testing::*};

const PID: &str = "slave(1)@10.0.0.1:5051";

fn with_id(id: &str) -> FrameworkInfo {
    FrameworkInfo { id: Some(FrameworkId { value: id.to_owned() }), ..framework_info() }
}

fn multi_role(roles: &[&str]) -> FrameworkInfo {
    FrameworkInfo {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ..capable(&[Capability::MultiRole])
    }
}

fn update(info: FrameworkInfo, suppressed: &[&str]) -> Call {
    let update = call::UpdateFramework {
        framework_info: info,
        suppressed_roles: suppressed.iter().map(|role| (*role).to_owned()).collect(),
        offer_constraints: None,
    };
    Call { update_framework: Some(update), ..of_type(call::Type::UpdateFramework) }
}

#[test]
fn a_second_stream_ends_the_first() {
    let mut lab = Lab::new();
    lab.register(PID);
    let first = lab.subscribe(framework_info());
    lab.take();
    let second = lab.subscribe(with_id(&first.id));
    let events = lab.events(&first);
    assert_eq!(types(&events), [Type::Error]);
    assert_eq!(events[0].error.as_ref().unwrap().message, "Framework failed over");
    let closed =
        |it: &Output| matches!(it, Output::CloseStream { stream } if *stream == first.stream);
    let outputs = lab.take();
    assert!(outputs.iter().any(closed));
    assert!(outputs.iter().all(|it| !matches!(it, Output::Event { event, .. }
        if event.r#type() == Type::Rescind)));

    let (status, body) = lab.call(&first, of_type(call::Type::Revive));
    let expected = format!(
        "The stream ID '{}' included in this request didn't match the stream ID currently \
         associated with framework ID {}",
        first.stream_id, first.id
    );
    assert_eq!((status, body), (400, expected));
    assert_eq!(lab.call(&second, of_type(call::Type::Revive)), (202, String::new()));
    lab.input(Input::StreamClosed { stream: first.stream });
    assert_eq!(lab.master.gauges().frameworks_connected, 1, "the old stream means nothing now");
}

#[test]
fn a_stream_begins_with_subscribed_even_when_roles_are_left() {
    let mut lab = Lab::new();
    lab.register(PID);
    let first = lab.subscribe(multi_role(&["a"]));
    assert_eq!(lab.offers(&first).len(), 1);
    lab.take();
    let id = Some(FrameworkId { value: first.id.clone() });
    let second = lab.subscribe(FrameworkInfo { id, ..multi_role(&["b"]) });
    let events = types(&lab.events(&second));
    assert_eq!(events[..2], [Type::Subscribed, Type::Heartbeat], "{events:?}");
}

#[test]
fn an_id_never_given_out_is_accepted_as_it_is() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(with_id("made-up-framework-id"));
    assert_eq!(scheduler.id, "made-up-framework-id");
    assert_eq!(types(&lab.events(&scheduler)), [Type::Subscribed, Type::Heartbeat]);
}

#[test]
fn a_framework_without_failover_timeout_ends_with_its_stream() {
    let mut lab = Lab::new();
    let info = FrameworkInfo { failover_timeout: None, ..framework_info() };
    let scheduler = lab.subscribe(info);
    lab.input(Input::StreamClosed { stream: scheduler.stream });
    let answer = lab.call(&scheduler, of_type(call::Type::Revive));
    assert_eq!(answer, (400, "Framework cannot be found".to_owned()));
    let again = lab.subscribe(with_id(&scheduler.id));
    let events = lab.events(&again);
    assert_eq!(types(&events), [Type::Error]);
    assert_eq!(events[0].error.as_ref().unwrap().message, "Framework has been removed");
}

#[test]
fn a_framework_has_its_failover_timeout_to_come_back() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.input(Input::StreamClosed { stream: running.scheduler.stream });
    let answer = lab.call(&running.scheduler, of_type(call::Type::Revive));
    assert_eq!(answer, (403, "Framework is not subscribed".to_owned()));
    lab.seconds(59);
    let again = lab.subscribe(with_id(&running.scheduler.id));
    assert_eq!(again.id, running.scheduler.id);
    lab.pongs = true;
    lab.input(Input::StreamClosed { stream: again.stream });
    lab.take();
    lab.seconds(61);
    let sent = lab.sent_to(PID);
    assert!(sent.iter().any(|it| matches!(it, ToAgent::ShutdownFramework(_))));
    let completed = lab.changes().into_iter().find_map(|change| match change {
        Change::TaskCompleted(task) => Some(task),
        _ => None,
    });
    let task = completed.unwrap();
    assert_eq!(task.state, TaskState::TaskKilled);
    let last = task.statuses().last().unwrap();
    assert_eq!(last.message(), format!("Framework {} removed", running.scheduler.id));
}

#[test]
fn teardown_closes_the_stream_without_an_event() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let answer = lab.call(&running.scheduler, of_type(call::Type::Teardown));
    assert_eq!(answer, (202, String::new()));
    assert_eq!(lab.events(&running.scheduler), []);
    let outputs = lab.take();
    assert!(outputs.iter().any(|it| matches!(it, Output::CloseStream { .. })));
    let framework_id = FrameworkId { value: running.scheduler.id };
    let (status, body) = lab.operator(OperatorCall::Teardown { framework_id });
    assert_eq!((status, body.as_str()), (400, "No framework found with specified ID"));
}

#[test]
fn malformed_calls_get_a_400() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(framework_info());
    let framework_id = Some(FrameworkId { value: scheduler.id.clone() });
    let revive = Call { framework_id, ..of_type(call::Type::Revive) };
    let (status, body) = lab.raw_call(None, revive);
    let expected = "All non-subscribe calls should include the 'Mesos-Stream-Id' header";
    assert_eq!((status, body.as_str()), (400, expected));
    let (status, body) = lab.raw_call(None, of_type(call::Type::Revive));
    let expected = "Failed to validate scheduler::Call: Expecting 'framework_id' to be present";
    assert_eq!((status, body.as_str()), (400, expected));
    let stream = StreamKey(999);
    lab.input(Input::Subscribe {
        stream,
        call: Box::new(subscribe_call(framework_info())),
        stream_id: Some("x".to_owned()),
        principal: None,
    });
    let refused = lab.take().into_iter().find_map(|output| match output {
        Output::RefuseSubscribe { status, body, .. } => Some((status, body)),
        _ => None,
    });
    let expected = "Subscribe calls should not include the 'Mesos-Stream-Id' header";
    assert_eq!(refused, Some((400, expected.to_owned())));
}

#[test]
fn a_call_of_unknown_type_does_not_hurt() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(framework_info());
    let (status, _) = lab.call(&scheduler, of_type(call::Type::Unknown));
    assert_eq!(status, 501);
}

#[test]
fn a_refused_subscription_is_a_stream_with_one_error() {
    let mut lab = Lab::with(|config| config.root_submissions = false);
    let scheduler = lab.subscribe(framework_info());
    let events = lab.events(&scheduler);
    assert_eq!(types(&events), [Type::Error]);
    assert_eq!(
        events[0].error.as_ref().unwrap().message,
        "User 'root' is not allowed to run frameworks without --root_submissions set"
    );
    assert_eq!(lab.master.gauges().frameworks_connected, 0);
}

#[test]
fn user_and_checkpoint_stay_when_a_framework_subscribes_again() {
    let mut lab = Lab::new();
    let first = lab.subscribe(framework_info());
    let info = FrameworkInfo {
        user: "other".to_owned(),
        checkpoint: Some(false),
        name: "renamed".to_owned(),
        ..with_id(&first.id)
    };
    lab.take();
    let second = lab.subscribe(info);
    assert_eq!(types(&lab.events(&second))[0], Type::Subscribed);
    let entry = &lab.registry.frameworks[&first.id].info;
    assert_eq!((entry.user.as_str(), entry.checkpoint), ("root", Some(true)));
    assert_eq!(entry.name, "renamed");
}

#[test]
fn leaving_a_role_rescinds_its_offers() {
    let mut lab = Lab::new();
    lab.register(PID);
    let scheduler = lab.subscribe(multi_role(&["a"]));
    let offer = lab.offers(&scheduler).remove(0);
    assert_eq!(offer.allocation_info.unwrap().role.as_deref(), Some("a"));
    lab.take();
    let info = FrameworkInfo { id: with_id(&scheduler.id).id, ..multi_role(&["b"]) };
    assert_eq!(lab.call(&scheduler, update(info, &[])), (200, String::new()));
    assert_eq!(types(&lab.events(&scheduler)), [Type::Rescind, Type::Offers]);
    let offer = lab.offers(&scheduler).remove(0);
    assert_eq!(offer.allocation_info.unwrap().role.as_deref(), Some("b"));
    let sent = lab.sent_to(PID);
    assert!(matches!(sent[..], [ToAgent::UpdateFramework(_)]), "{sent:?}");
}

#[test]
fn update_framework_refuses_what_cannot_change() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(multi_role(&["a", "b"]));
    let id = with_id(&scheduler.id).id;
    let base = FrameworkInfo { id, ..multi_role(&["a", "b"]) };
    let cases = [
        (
            FrameworkInfo { user: "other".to_owned(), ..base.clone() },
            vec![],
            "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; \
             attempted to update from 'root' to 'other'",
        ),
        (
            FrameworkInfo { failover_timeout: Some(1e30), ..base.clone() },
            vec![],
            "Supplied FrameworkInfo is not valid: The framework failover_timeout (1e+30) is \
             invalid",
        ),
        (
            base,
            vec!["zz"],
            "Supplied FrameworkInfo is not valid: Suppressed role 'zz' is not contained in the \
             list of roles",
        ),
    ];
    for (info, suppressed, expected) in cases {
        let answer = lab.call(&scheduler, update(info, &suppressed));
        assert_eq!(answer, (400, expected.to_owned()));
    }
}

#[test]
fn suppress_and_revive_of_a_foreign_role_do_nothing() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(multi_role(&["a"]));
    lab.register(PID);
    let offer_ids: Vec<OfferId> = lab.offers(&scheduler).into_iter().map(|it| it.id).collect();
    let suppress = |roles: &[&str]| Call {
        suppress: Some(call::Suppress { roles: roles.iter().map(|it| it.to_string()).collect() }),
        ..of_type(call::Type::Suppress)
    };
    assert_eq!(lab.call(&scheduler, suppress(&["a", "b"])).0, 202);
    lab.call(&scheduler, decline(offer_ids, Some(1.0)));
    lab.take();
    lab.seconds(2);
    let offers = lab.offers(&scheduler);
    assert_eq!(offers.len(), 1, "not suppressed");
    assert_eq!(lab.call(&scheduler, suppress(&[])).0, 202);
    let ids = offers.into_iter().map(|it| it.id).collect();
    lab.call(&scheduler, decline(ids, Some(1.0)));
    lab.take();
    lab.seconds(5);
    assert_eq!(lab.offers(&scheduler), []);
    lab.call(&scheduler, of_type(call::Type::Revive));
    assert_eq!(lab.offers(&scheduler).len(), 1);
}

#[test]
fn a_role_outside_the_whitelist_is_refused() {
    let mut lab = Lab::with(|config| {
        config.role_whitelist = Some(["good".to_owned()].into_iter().collect());
    });
    let scheduler = lab.subscribe(multi_role(&["bad"]));
    let events = lab.events(&scheduler);
    let message = &events[0].error.as_ref().unwrap().message;
    assert_eq!(message, "Roles { bad } are not present in the master's --roles");
}

#[test]
fn a_teardown_is_answered_when_it_is_stored() {
    let mut lab = Lab::new();
    let scheduler = lab.subscribe(framework_info());
    lab.stores = false;
    let teardown = Call {
        framework_id: Some(FrameworkId { value: scheduler.id.clone() }),
        ..of_type(call::Type::Teardown)
    };
    let request = RequestKey(1000);
    lab.input(Input::SchedulerCall {
        request,
        stream_id: Some(scheduler.stream_id.clone()),
        call: Box::new(teardown),
        principal: None,
    });
    let answers = |outputs: Vec<Output>| {
        outputs
            .into_iter()
            .filter(|output| matches!(output, Output::Answer { request: of, .. } if *of == request))
            .count()
    };
    assert_eq!(answers(lab.take()), 0);
    lab.release();
    assert_eq!(answers(lab.take()), 1);
}

#[test]
fn an_agent_that_has_nothing_of_a_framework_is_not_told_of_its_end() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let other = "slave(1)@10.0.0.2:5051";
    lab.register(other);
    lab.take();
    let framework_id = FrameworkId { value: running.scheduler.id };
    assert_eq!(lab.operator(OperatorCall::Teardown { framework_id }).0, 200);
    let told = |pid| {
        lab.sent_to(pid).iter().filter(|it| matches!(it, ToAgent::ShutdownFramework(_))).count()
    };
    assert_eq!((told(PID), told(other)), (1, 0));
}
