// SPDX-License-Identifier: Apache-2.0

//! Rules that no recorded conversation shows, on values written as JSON.

use std::fmt::Debug;

use mesos_proto::{
    Described,
    internal::{RegisterSlaveMessage, ReregisterSlaveMessage},
    json::from_json,
    v1::{
        CommandInfo, ContainerId, ContainerInfo, ExecutorInfo, FrameworkId, FrameworkInfo, OfferId,
        Resource, Secret, TaskGroupInfo, TaskInfo,
    },
};

use super::super::{
    Invalid, agent, command, container, executor, framework, offers,
    offers::OfferFacts,
    resources, task,
    task::{TaskContext, TaskIdUse},
    task_group,
};
use crate::resources::Resources;

fn read<M: Described>(text: &str) -> M {
    from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refusal<T: Debug>(verdict: Result<T, Invalid>) -> String {
    verdict.unwrap_err().to_string()
}

/// One scalar allocated to role `*`, with more fields.
fn scalar(name: &str, value: f64, more: &str) -> String {
    format!(
        r#"{{"name":"{name}","type":"SCALAR","scalar":{{"value":{value}}},
            "allocation_info":{{"role":"*"}}{more}}}"#
    )
}

fn list(resources: &[String]) -> Vec<Resource> {
    resources.iter().map(|text| read(text)).collect()
}

fn all(resources: &[String]) -> Resources {
    Resources::from_proto(&list(resources))
}

#[test]
fn secrets_have_what_their_type_says() {
    for (text, expected) in [
        (r#"{"type":"VALUE"}"#, "Secret of type VALUE must have the 'value' field set"),
        (
            r#"{"type":"VALUE","value":{"data":""},"reference":{"name":"n"}}"#,
            "Secret of type VALUE must not have the 'reference' field set",
        ),
        (r#"{"type":"REFERENCE"}"#, "Secret of type REFERENCE must have the 'reference' field set"),
        (
            r#"{"type":"REFERENCE","value":{"data":""},"reference":{"name":"n"}}"#,
            "Secret 'n' of type REFERENCE must not have the 'value' field set",
        ),
    ] {
        assert_eq!(refusal(command::secret(&read::<Secret>(text))), expected);
    }
    assert_eq!(command::secret(&read(r#"{"type":"UNKNOWN"}"#)), Ok(()));
}

#[test]
fn no_refusal_of_a_secret_shows_its_value() {
    let text = r#"{"environment":{"variables":[{"name":"A","type":"SECRET",
        "secret":{"type":"VALUE","value":{"data":"aHVudGVyMgA="}}}]}}"#;
    let message = refusal(command::validate(&read::<CommandInfo>(text)));
    assert_eq!(
        message,
        "Environment variable 'A' specifies a secret containing null bytes, which is not \
         allowed in the environment"
    );
    assert!(!message.contains("hunter2") && !message.contains("aHVudGVyMg"));
}

#[test]
fn container_ids_are_checked_up_to_the_outermost() {
    for (text, expected) in [
        (r#"{"value":""}"#, "ID must not be empty"),
        (r#"{"value":"a.b"}"#, "'ContainerID.value' 'a.b' contains invalid characters"),
        (r#"{"value":"a b"}"#, "'ContainerID.value' 'a b' contains invalid characters"),
        (
            r#"{"value":"a","parent":{"value":"b","parent":{"value":"c/d"}}}"#,
            "'ContainerID.parent' is invalid: 'ContainerID.parent' is invalid: \
             'c/d' contains invalid characters",
        ),
    ] {
        assert_eq!(refusal(container::id(&read::<ContainerId>(text))), expected);
    }
    let long = ContainerId { value: "x".repeat(243), parent: None };
    assert!(refusal(container::id(&long)).ends_with("exceeds the maximum length (242)"));
    assert_eq!(container::id(&read(r#"{"value":"a","parent":{"value":"b"}}"#)), Ok(()));
}

#[test]
fn volumes_have_exactly_one_origin() {
    let one = "Only one of them should be set: 'host_path', 'image' and 'source'";
    for (volume, expected) in [
        (r#"{"mode":"RW","container_path":"p"}"#, one),
        (r#"{"mode":"RW","container_path":"p","host_path":"h","source":{"type":"SECRET"}}"#, one),
        (
            r#"{"mode":"RW","container_path":"p","source":{"type":"SECRET"}}"#,
            "'source.secret' is not set for SECRET volume",
        ),
        (
            r#"{"mode":"RW","container_path":"p","source":{"type":"CSI_VOLUME",
                "csi_volume":{"plugin_name":"x"}}}"#,
            "'source.csi_volume.static_provisioning' is not set for CSI volume",
        ),
        (r#"{"mode":"RW","container_path":"p","source":{}}"#, "'source.type' is unknown"),
    ] {
        assert_eq!(refusal(container::volume(&read(volume))), expected, "{volume}");
    }
    let text =
        r#"{"type":"DOCKER","docker":{"image":"i","parameters":[{"key":"name","value":"x"}]}}"#;
    assert_eq!(
        refusal(container::validate(&read::<ContainerInfo>(text))),
        "Parameter in DockerInfo must not be 'name'"
    );
}

#[test]
fn resources_must_fit_together() {
    let rev = r#","revocable":{}"#;
    let mixed = all(&[scalar("cpus", 1.0, ""), scalar("cpus", 1.0, rev)]);
    assert_eq!(
        refusal(resources::not_partly_revocable(&mixed)),
        "Cannot use both revocable and non-revocable 'cpus' at the same time"
    );
    let other = r#"{"name":"mem","type":"SCALAR","scalar":{"value":1},
        "allocation_info":{"role":"b"}}"#;
    let two_roles = all(&[scalar("cpus", 1.0, ""), other.to_owned()]);
    assert_eq!(
        refusal(resources::allocated_to_one_role(&two_roles)),
        "The resources have multiple allocation roles ('b' and '*') but only one allocation \
         role is allowed"
    );
    let unallocated = r#"{"name":"mem","type":"SCALAR","scalar":{"value":1}}"#.to_owned();
    assert_eq!(
        refusal(resources::allocated_to_one_role(&all(&[unallocated]))),
        "The resources are not allocated to a role"
    );
    let provided = r#","provider_id":{"value":"p"}"#;
    assert_eq!(
        refusal(resources::from_one_provider(&list(&[
            scalar("cpus", 1.0, ""),
            scalar("cpus", 1.0, provided),
        ]))),
        "Some resources have a resource provider and some do not"
    );
}

#[test]
fn a_port_in_two_places_is_an_overlap() {
    let ports = |begin: u32, end: u32| {
        all(&[format!(
            r#"{{"name":"ports","type":"RANGES",
                "ranges":{{"range":[{{"begin":{begin},"end":{end}}}]}}}}"#
        )])
    };
    assert!(resources::overlap(&[ports(1, 5), ports(5, 9)]));
    assert!(!resources::overlap(&[ports(1, 4), ports(5, 9)]));
    assert!(!resources::overlap(&[
        all(&[scalar("cpus", 1.0, "")]),
        all(&[scalar("cpus", 1.0, "")])
    ]));
}

fn executor_info(more: &str) -> ExecutorInfo {
    read(&format!(
        r#"{{"executor_id":{{"value":"e"}},"framework_id":{{"value":"f"}},
            "resources":[{},{},{}]{more}}}"#,
        scalar("cpus", 0.1, ""),
        scalar("mem", 32.0, ""),
        scalar("disk", 32.0, "")
    ))
}

#[test]
fn an_executor_may_only_be_used_again_as_it_is() {
    let id = FrameworkId { value: "f".into() };
    let running = executor_info(r#","command":{"value":"x"},"labels":{"labels":[{"key":"a"}]}"#);
    let same = executor_info(r#","command":{"value":"x","shell":true}"#);
    assert_eq!(executor::launch(&same, &id, Some(&running)), Ok(()));
    let other = executor_info(r#","command":{"value":"y"}"#);
    let message = refusal(executor::launch(&other, &id, Some(&running)));
    assert!(
        message.starts_with("ExecutorInfo is not compatible with existing ExecutorInfo"),
        "{message}"
    );
}

#[test]
fn an_executor_below_the_minimum_is_named_with_what_it_has() {
    let executor = executor_info("");
    let small = |resources: &[String]| executor::too_small(&executor, &all(resources));
    assert_eq!(small(&[scalar("cpus", 0.01, ""), scalar("mem", 32.0, "")]), None);
    assert_eq!(
        small(&[scalar("cpus", 1.0, ""), scalar("mem", 31.9, "")]).unwrap(),
        "Executor 'e' uses less memory (31MB) than the minimum required (32MB)"
    );
    assert_eq!(
        small(&[scalar("cpus", 1.0, "")]).unwrap(),
        "Executor 'e' uses less memory (None) than the minimum required (32MB)"
    );
}

/// Judges a group of tasks with these fields, under a DEFAULT executor.
fn judge_group(tasks: &[(&str, &str)], shared_before: Option<bool>) -> Result<(), Invalid> {
    let executor = executor_info(r#","type":"DEFAULT""#);
    let tasks: Vec<TaskInfo> = tasks
        .iter()
        .map(|(id, more)| {
            let mut task: TaskInfo = read(&format!(
                r#"{{"name":"t","task_id":{{"value":"{id}"}},"agent_id":{{"value":"a"}},
                    "command":{{"value":"true"}},"resources":[{}]{more}}}"#,
                scalar("cpus", 1.0, "")
            ));
            task.executor = Some(executor.clone());
            task
        })
        .collect();
    let offered =
        all(&[scalar("cpus", 10.0, ""), scalar("mem", 100.0, ""), scalar("disk", 100.0, "")]);
    let context = TaskContext {
        framework_id: &FrameworkId { value: "f".into() },
        agent_id: &tasks[0].agent_id.clone(),
        agent_limits_resources: true,
        offered: &offered,
        task_id_use: &|id| (id.value == "lost").then_some(TaskIdUse::Unreachable),
        running_executor: &|_| None,
    };
    task_group::validate(&TaskGroupInfo { tasks }, &executor, &context, shared_before)
}

#[test]
fn a_group_is_judged_as_a_whole() {
    assert_eq!(judge_group(&[("a", ""), ("b", "")], None), Ok(()));
    // Apache Mesos aborts on this one.
    assert_eq!(
        refusal(judge_group(&[("a", ""), ("a", "")], None)),
        "Task 'a' is invalid: Task has duplicate ID: a"
    );
    assert_eq!(
        refusal(judge_group(&[("lost", "")], None)),
        "Task 'lost' is invalid: Task reuses the ID of an unreachable task: lost"
    );
}

#[test]
fn tasks_under_one_executor_share_cgroups_all_or_none() {
    let mixed = "If set, the value of 'share_cgroups' must be the same for all tasks in each \
                 task group and under a single executor";
    let own = r#","container":{"type":"MESOS","linux_info":{"share_cgroups":false}}"#;
    assert_eq!(judge_group(&[("a", own), ("b", own)], Some(false)), Ok(()));
    assert_eq!(refusal(judge_group(&[("a", own), ("b", "")], None)), mixed);
    assert_eq!(refusal(judge_group(&[("a", own)], Some(true))), mixed);
    let limited = r#","limits":{"cpus":{"value":"Infinity"}}"#;
    assert_eq!(
        refusal(judge_group(&[("a", limited)], None)),
        "Task 'a' is invalid: Resource limits may only be set for tasks within a task group \
         when the 'share_cgroups' field is set to 'false'."
    );
    assert_eq!(judge_group(&[("a", &format!("{own}{limited}"))], None), Ok(()));
}

#[test]
fn limits_need_an_agent_that_knows_them() {
    let task: TaskInfo = read(&format!(
        r#"{{"name":"t","task_id":{{"value":"t"}},"agent_id":{{"value":"a"}},
            "command":{{"value":"true"}},"resources":[{}],"limits":{{"cpus":{{"value":2}}}}}}"#,
        scalar("cpus", 1.0, "")
    ));
    let offered = all(&[scalar("cpus", 10.0, "")]);
    let context = TaskContext {
        framework_id: &FrameworkId { value: "f".into() },
        agent_id: &task.agent_id.clone(),
        agent_limits_resources: false,
        offered: &offered,
        task_id_use: &|_| None,
        running_executor: &|_| None,
    };
    assert_eq!(
        refusal(task::validate(&task, &context)),
        "Agent is not capable of handling task resource limits"
    );
    let capable = TaskContext { agent_limits_resources: true, ..context };
    assert_eq!(task::validate(&task, &capable), Ok(()));
}

#[test]
fn accepted_offers_belong_together() {
    let facts = |id: &OfferId| match id.value.as_str() {
        "o1" => Some(OfferFacts { framework_id: "f", agent_id: "a1", role: "x" }),
        "o2" => Some(OfferFacts { framework_id: "f", agent_id: "a2", role: "x" }),
        "o3" => Some(OfferFacts { framework_id: "f", agent_id: "a1", role: "y" }),
        "o4" => Some(OfferFacts { framework_id: "g", agent_id: "a1", role: "x" }),
        _ => None,
    };
    let judge = |ids: &[&str]| {
        let ids: Vec<OfferId> = ids.iter().map(|id| OfferId { value: (*id).to_owned() }).collect();
        offers::validate(&ids, "f", facts).map_err(|error| error.to_string())
    };
    assert_eq!(judge(&["o1"]), Ok(()));
    for (ids, expected) in [
        (&[][..], "No offers specified"),
        (&["o1", "o1"], "Duplicate offer o1 in offer list"),
        (&["gone", "gone"], "Duplicate offer gone in offer list"),
        (&["o1", "gone"], "Offer gone is no longer valid"),
        (&["o1", "o4"], "Offer o4 has invalid framework g while framework f is expected"),
        (
            &["o1", "o3"],
            "Aggregated offers must be allocated to the same role. Offer o3 uses role 'y but \
             another is using role 'x",
        ),
        (
            &["o1", "o2"],
            "Aggregated offers must belong to one single agent. Offer o2 uses agent a2 \
             and agent a1",
        ),
    ] {
        assert_eq!(judge(ids).unwrap_err(), expected);
    }
}

#[test]
fn offer_filters_hold_sensible_amounts() {
    let judge = |quantities: &str| {
        let info: FrameworkInfo = read(&format!(
            r#"{{"user":"u","name":"n","offer_filters":{{"*":{{"min_allocatable_resources":
                {{"quantities":[{quantities}]}}}}}}}}"#
        ));
        framework::validate(&info).map_err(|error| error.to_string())
    };
    assert_eq!(judge(r#"{"quantities":{"cpus":{"value":1}}}"#), Ok(()));
    assert_eq!(judge("{}").unwrap_err(), "Resource quantities must contain at least one quantity");
    for (value, expected) in [
        ("-1", "Negative values not supported"),
        ("1e-310", "Subnormal values not supported"),
        ("\"Infinity\"", "Infinite values not supported"),
    ] {
        assert_eq!(
            judge(&format!(r#"{{"quantities":{{"cpus":{{"value":{value}}}}}}}"#)).unwrap_err(),
            format!("Invalid resource quantity for 'cpus': {expected}")
        );
    }
}

#[test]
fn what_an_agent_brings_back_must_belong_together() {
    let judge = |more: &str| {
        let message: ReregisterSlaveMessage =
            read(&format!(r#"{{"agent":{{"hostname":"h","id":{{"value":"a"}}}},{more}}}"#));
        agent::reregister(&message).map_err(|error| error.to_string())
    };
    let framework = r#"{"user":"u","name":"n","id":{"value":"f"}}"#;
    let executor =
        r#"{"executor_id":{"value":"e"},"framework_id":{"value":"f"},"command":{"value":"x"}}"#;
    let task = |agent: &str, framework: &str, executor: &str| {
        format!(
            r#"{{"name":"t","task_id":{{"value":"t"}},"framework_id":{{"value":"{framework}"}},
                "agent_id":{{"value":"{agent}"}},"executor_id":{{"value":"{executor}"}},
                "state":"TASK_RUNNING"}}"#
        )
    };
    let with_tasks = |tasks: &str| {
        judge(&format!(
            r#""frameworks":[{framework}],"executor_infos":[{executor}],"tasks":[{tasks}]"#
        ))
    };
    assert_eq!(with_tasks(&task("a", "f", "e")), Ok(()));
    for (verdict, expected) in [
        (with_tasks(&task("b", "f", "e")), "Task has an invalid SlaveID 'b'"),
        (with_tasks(&task("a", "g", "e")), "Task has an invalid FrameworkID 'g'"),
        (with_tasks(&task("a", "f", "d")), "Task has an invalid ExecutorID 'd'"),
        (
            judge(&format!(r#""frameworks":[{framework},{framework}]"#)),
            "Framework has a duplicate FrameworkID: 'f'",
        ),
        (
            judge(&format!(r#""executor_infos":[{executor}]"#)),
            "Executor has an invalid FrameworkID 'f'",
        ),
        (
            judge(&format!(
                r#""frameworks":[{framework}],"executor_infos":[{executor},{executor}]"#
            )),
            "Framework 'f' has a duplicate ExecutorID 'e'",
        ),
    ] {
        assert_eq!(verdict.unwrap_err(), expected);
    }
    let message: RegisterSlaveMessage = read(
        r#"{"agent":{"hostname":"h","resources":[
            {"name":"cpus","type":"SCALAR","scalar":{"value":-1}}]}}"#,
    );
    assert_eq!(
        refusal(agent::register(&message)),
        "Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0"
    );
}
