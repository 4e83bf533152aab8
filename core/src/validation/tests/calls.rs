// SPDX-License-Identifier: Apache-2.0

//! Every recorded call is refused, or not, as Apache Mesos did.

use std::collections::BTreeSet;

use mesos_proto::{
    json::from_value,
    v1::{agent, executor, master, scheduler},
};

use super::{
    super::{
        Invalid, agent_call, executor_call,
        framework::{self, Admission},
        master_call, scheduler_call,
    },
    golden::{exchanges, items, member, text},
};

const OPEN: Admission<'static> =
    Admission { role_whitelist: None, root_submissions: true, completed: false };

/// Checks every call of a case and returns how many were refused.
fn replay(
    golden: &'static str,
    prefix: &str,
    check: impl Fn(&mesos_proto::json::Value<'static>) -> Option<Result<(), Invalid>>,
) -> usize {
    let mut refused = 0;
    for exchange in exchanges(golden) {
        if text(member(member(&exchange, "request"), "path")) == "/api/v1" {
            continue;
        }
        let Some(verdict) = check(member(member(&exchange, "request"), "body")) else { continue };
        let answer = text(member(member(&exchange, "response"), "body"));
        let expected = answer.strip_prefix(prefix);
        let verdict = verdict.err().map(|error| error.to_string());
        assert_eq!(verdict.as_deref(), expected, "{exchange:?}");
        refused += usize::from(expected.is_some());
    }
    refused
}

macro_rules! golden {
    ($file:literal) => {
        include_str!(concat!("../../../../tests/conformance/goldens/", $file))
    };
}

#[test]
fn scheduler_calls_are_judged_as_recorded() {
    let refused: usize = [
        golden!("scheduler-api/http-json-to-protobuf-errors.json"),
        golden!("scheduler-api/http-missing-submessage.json"),
        golden!("scheduler-api/http-call-without-framework-id.json"),
        golden!("scheduler-api/update-framework.json"),
        golden!("scheduler-api/operation-status-not-acknowledged.json"),
        golden!("scheduler-api/reconcile.json"),
        golden!("scheduler-api/kill-task.json"),
    ]
    .into_iter()
    .map(|golden| {
        replay(golden, "Failed to validate scheduler::Call: ", |body| {
            let call = from_value::<scheduler::Call>(body).ok()?;
            Some(scheduler_call::validate(&call, None))
        })
    })
    .sum();
    assert_eq!(refused, 32);
}

#[test]
fn executor_calls_are_judged_as_recorded() {
    let refused = replay(
        golden!("executor-api/update-validation.json"),
        "Failed to validate Executor::Call: ",
        |body| {
            let call = from_value::<executor::Call>(body).ok()?;
            Some(executor_call::validate(&call))
        },
    );
    assert_eq!(refused, 9);
}

/// Checks every SUBSCRIBE of a case and returns how many were refused.
fn subscriptions(golden: &'static str) -> usize {
    let mut refused = 0;
    for exchange in exchanges(golden) {
        let body = member(member(&exchange, "request"), "body");
        let Ok(call) = from_value::<scheduler::Call>(body) else { continue };
        let Some(subscribe) = call.subscribe else { continue };
        let error = items(member(&exchange, "events"))
            .iter()
            .map(|event| member(member(event, "record"), "error"))
            .map(|error| text(member(error, "message")))
            .find(|message| !message.is_empty());
        let verdict =
            framework::subscription(&subscribe.framework_info, &subscribe.suppressed_roles, OPEN);
        let verdict = verdict.err().map(|error| error.to_string());
        // Apache prints the items of a hash set, in no order.
        let expected = error.map(|error| error.replace("{ b, a }", "{ a, b }"));
        assert_eq!(verdict, expected, "{subscribe:?}");
        refused += usize::from(expected.is_some());
    }
    refused
}

#[test]
fn subscriptions_are_judged_as_recorded() {
    assert_eq!(subscriptions(golden!("scheduler-api/subscribe-bad-role-names.json")), 14);
    assert_eq!(subscriptions(golden!("scheduler-api/subscribe-role-and-roles.json")), 5);
    assert_eq!(subscriptions(golden!("scheduler-api/subscribe-suppressed-roles.json")), 2);
    assert_eq!(subscriptions(golden!("scheduler-api/subscribe-framework-info-values.json")), 1);
}

#[test]
fn framework_updates_are_judged_as_recorded() {
    let golden = golden!("scheduler-api/update-framework.json");
    let (mut current, mut refused) = (None, 0);
    for exchange in exchanges(golden) {
        let body = member(member(&exchange, "request"), "body");
        let Ok(call) = from_value::<scheduler::Call>(body) else { continue };
        if let Some(subscribe) = &call.subscribe {
            current = Some(subscribe.framework_info.clone());
        }
        let Some(update) = &call.update_framework else { continue };
        let answer = text(member(member(&exchange, "response"), "body"));
        let info = &update.framework_info;
        let current = current.as_mut().unwrap();
        let supplied = framework::subscription(info, &update.suppressed_roles, OPEN);
        let verdict = supplied
            .map_err(|error| format!("Supplied FrameworkInfo is not valid: {error}"))
            .and_then(|()| {
                framework::update(current, info)
                    .map_err(|error| format!("FrameworkInfo update is not valid: {error}"))
            });
        match verdict {
            Err(refusal) => {
                assert_eq!(refusal, answer);
                refused += 1;
            }
            Ok(()) => assert!(!answer.contains("FrameworkInfo"), "{answer}"),
        }
    }
    assert_eq!(refused, 8);
}

#[test]
fn a_master_with_a_role_whitelist_names_the_strangers() {
    let mut info = mesos_proto::v1::FrameworkInfo { user: "u".into(), ..Default::default() };
    info.capabilities.push(Default::default());
    info.capabilities[0].set_type(mesos_proto::v1::framework_info::capability::Type::MultiRole);
    info.roles = ["b", "known", "a", "*"].map(String::from).to_vec();
    let whitelist = BTreeSet::from(["known".to_owned()]);
    let admission = Admission { role_whitelist: Some(&whitelist), ..OPEN };
    let refusal = framework::subscription(&info, &[], admission).unwrap_err();
    assert_eq!(refusal.message(), "Roles { a, b } are not present in the master's --roles");
    info.roles = vec!["known".into(), "*".into()];
    assert_eq!(framework::subscription(&info, &[], admission), Ok(()));
}

#[test]
fn a_completed_framework_and_root_are_kept_out() {
    let info = mesos_proto::v1::FrameworkInfo { user: "root".into(), ..Default::default() };
    let no_root = Admission { root_submissions: false, ..OPEN };
    assert_eq!(
        framework::subscription(&info, &[], no_root).unwrap_err().message(),
        "User 'root' is not allowed to run frameworks without --root_submissions set"
    );
    let completed = Admission { completed: true, ..OPEN };
    assert_eq!(
        framework::subscription(&info, &[], completed).unwrap_err().message(),
        "Framework has been removed"
    );
}

#[test]
fn operator_calls_must_carry_what_their_type_says() {
    let call = |text: &'static str| {
        let value = mesos_proto::json::parse(text.as_bytes()).unwrap();
        master_call::validate(&from_value::<master::Call>(&value).unwrap())
            .map_err(|error| error.to_string())
    };
    assert_eq!(call("{}").unwrap_err(), "Expecting 'type' to be present");
    assert_eq!(call(r#"{"type":"GET_STATE"}"#), Ok(()));
    assert_eq!(call(r#"{"type":"TEARDOWN"}"#).unwrap_err(), "Expecting 'teardown' to be present");
    assert_eq!(
        call(
            r#"{"type":"GROW_VOLUME","grow_volume":{"volume":{"name":"a","type":"SCALAR"},
                "addition":{"name":"a","type":"SCALAR"}}}"#
        )
        .unwrap_err(),
        "Expecting 'agent_id' to be present; only agent default resources are supported right now"
    );
}

#[test]
fn agent_calls_must_carry_what_their_type_says() {
    let call = |text: &'static str| {
        let value = mesos_proto::json::parse(text.as_bytes()).unwrap();
        agent_call::validate(&from_value::<agent::Call>(&value).unwrap())
            .map_err(|error| error.to_string())
    };
    let accepted = [
        r#"{"type":"GET_STATE"}"#,
        r#"{"type":"PRUNE_IMAGES"}"#,
        r#"{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a"}}}"#,
        r#"{"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"a"},
            "resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}"#,
        r#"{"type":"REMOVE_CONTAINER","remove_container":{"container_id":
            {"value":"a","parent":{"value":"b"}}}}"#,
    ];
    for text in accepted {
        assert_eq!(call(text), Ok(()), "{text}");
    }
    for (text, expected) in [
        ("{}", "Expecting 'type' to be present"),
        (r#"{"type":"GET_METRICS"}"#, "Expecting 'get_metrics' to be present"),
        (
            r#"{"type":"LAUNCH_NESTED_CONTAINER"}"#,
            "Expecting 'launch_nested_container' to be present",
        ),
        (
            r#"{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a.b"}}}"#,
            "'wait_container.container_id' is invalid: 'ContainerID.value' 'a.b' contains \
             invalid characters",
        ),
        (
            r#"{"type":"KILL_NESTED_CONTAINER","kill_nested_container":
                {"container_id":{"value":"a"}}}"#,
            "Expecting 'kill_nested_container.container_id.parent' to be present",
        ),
        // Apache Mesos aborts on this one.
        (
            r#"{"type":"REMOVE_CONTAINER","remove_container":{"container_id":{"value":"a"}}}"#,
            "Expecting 'remove_container.container_id.parent' to be present",
        ),
        (
            r#"{"type":"ATTACH_CONTAINER_INPUT","attach_container_input":{}}"#,
            "Expecting 'attach_container_input.type' to be present",
        ),
        (
            r#"{"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"a"},
                "resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"r"}]}}"#,
            "'launch_container.resources' must be unreserved",
        ),
        (
            r#"{"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"a",
                "parent":{"value":"b","parent":{"value":"c"}}},
                "limits":{"cpus":{"value":1}}}}"#,
            "'launch_container' is invalid: containers nested at the second level or greater \
             cannot specify resource limits",
        ),
        (
            r#"{"type":"ADD_RESOURCE_PROVIDER_CONFIG","add_resource_provider_config":
                {"info":{"type":"t","name":"n","id":{"value":"i"}}}}"#,
            "Expecting 'add_resource_provider_config.info.id' to be unset",
        ),
    ] {
        assert_eq!(call(text).unwrap_err(), expected, "{text}");
    }
}
