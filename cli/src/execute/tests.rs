// SPDX-License-Identifier: Apache-2.0

//! What the command line is made of, and what is printed.

use mesos_client::v1::{
    CheckStatusInfo, TaskId, TaskState, TaskStatus, check_info, check_status_info, task_status,
};

use super::*;

fn plan_of(arguments: &[&str]) -> Result<Plan, ExecuteError> {
    let mut all = vec!["--master=127.0.0.1:5050".to_owned()];
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let source = Source {
        program: "mesos-execute",
        arguments: &all,
        environment: &[],
        prefix: "MESOS_",
        read_file: &|path| std::fs::read_to_string(path),
    };
    match mesos_flags::load::<Flags>(&source).expect("the flags are known") {
        Loaded::Flags(flags, _) => plan(&flags),
        Loaded::Help(_) | Loaded::Version => panic!("no flag asks for help"),
    }
}

fn task_of(arguments: &[&str]) -> mesos_client::v1::TaskInfo {
    match plan_of(arguments).unwrap().work {
        Work::Task(task) => *task,
        group @ Work::Group { .. } => panic!("{group:?}"),
    }
}

#[test]
fn a_command_becomes_a_task_of_its_name() {
    let task = task_of(&["--name=t", "--command=echo hi", r#"--env={"B": "2", "A": "1"}"#]);
    assert_eq!((task.name.as_str(), task.task_id.value.as_str()), ("t", "t"));
    let command = task.command.unwrap();
    assert_eq!(command.value.as_deref(), Some("echo hi"));
    assert!(command.shell());
    let variables: Vec<_> = command
        .environment
        .unwrap()
        .variables
        .into_iter()
        .map(|variable| format!("{}={}", variable.name, variable.value.unwrap()))
        .collect();
    assert_eq!(variables, ["A=1", "B=2"]);
    assert_eq!(task.resources.len(), 2);
    assert_eq!(task.container, None);
}

#[test]
fn without_a_shell_the_command_is_an_executable_with_arguments() {
    let command = task_of(&["--name=t", "--no-shell", "--command=/bin/echo a b"]).command.unwrap();
    assert!(!command.shell());
    assert_eq!(command.value.as_deref(), Some("/bin/echo"));
    assert_eq!(command.arguments, ["/bin/echo", "a", "b"]);
}

#[test]
fn images_and_limits_make_a_container() {
    let container = task_of(&[
        "--name=t",
        "--command=x",
        "--docker_image=alpine",
        r#"--rlimits={"rlimits": [{"type": "RLMT_CPU", "soft": "1", "hard": "1"}]}"#,
        "--networks=a,b",
        "--tty",
    ])
    .container
    .unwrap();
    assert_eq!(container.mesos.unwrap().image.unwrap().docker.unwrap().name, "alpine");
    assert_eq!(container.rlimit_info.unwrap().rlimits[0].soft, Some(1));
    assert_eq!(container.network_infos.len(), 2);
    assert!(container.tty_info.is_some());
}

#[test]
fn a_whole_task_or_group_may_come_as_json() {
    let text = r#"{"name": "n", "task_id": {"value": "t"}, "agent_id": {"value": ""},
        "resources": [], "command": {"value": "true"}}"#;
    assert_eq!(task_of(&[&format!("--task={text}")]).task_id.value, "t");
    let group = format!(r#"--task_group={{"tasks": [{text}, {text}]}}"#);
    assert_eq!(plan_of(&[&group]).unwrap().work.tasks().len(), 2);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for (arguments, part) in [
        (vec![], "Missing required option --name"),
        (vec!["--name=t"], "Missing required option --command"),
        (vec!["--task={}", "--task_group={}"], "not both"),
        (vec!["--task={}", "--name=t"], "can only be set when"),
        (vec!["--task={}", "--networks=a"], "'--networks'"),
        (vec!["--task={}"], "Failed to parse '--task'"),
        (vec!["--task=/does/not/exist"], "Error reading file '/does/not/exist'"),
        (vec!["--task_group={\"tasks\": []}"], "names no task"),
        (vec!["--name=t", "--command=x", "--package=p"], "'--package' is not supported"),
        (vec!["--name=t", "--command=x", "--content_type=xml"], "Invalid content type 'xml'"),
        (vec!["--name=t", "--command=x", "--resources=cpus"], "Failed to parse resources 'cpus'"),
        (vec!["--name=t", "--command=x", "--env=[]"], "Failed to parse '--env'"),
        (vec!["--name=t", "--command=x", "--containerizer=rkt"], "Unsupported containerizer: rkt"),
        (vec!["--name=t", "--command=x", "--containerizer=docker"], "requires docker image name"),
        (
            vec!["--name=t", "--command=x", "--framework_capabilities=FLYING"],
            "an unknown capability 'FLYING'",
        ),
        (
            vec!["--name=t", "--command=x", "--framework_capabilities=MULTI_ROLE"],
            "an unsupported capability 'MULTI_ROLE'",
        ),
    ] {
        let error = plan_of(&arguments).unwrap_err().to_string();
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
}

#[test]
fn status_updates_are_printed_as_mesos_prints_them() {
    let status = TaskStatus {
        task_id: TaskId { value: "t".into() },
        state: TaskState::TaskFailed.into(),
        message: Some("Command exited with status 1".into()),
        source: Some(task_status::Source::Executor.into()),
        reason: Some(task_status::Reason::CommandExecutorFailed.into()),
        healthy: Some(false),
        check_status: Some(CheckStatusInfo {
            r#type: Some(check_info::Type::Command.into()),
            command: Some(check_status_info::Command { exit_code: Some(2) }),
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(
        print::status_update(&status),
        "Received status update TASK_FAILED for task 't'\n  \
         message: 'Command exited with status 1'\n  \
         source: SOURCE_EXECUTOR\n  \
         reason: REASON_COMMAND_EXECUTOR_FAILED\n  \
         healthy?: 0\n  \
         check status: COMMAND exit code 2"
    );
}
