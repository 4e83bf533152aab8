// SPDX-License-Identifier: Apache-2.0

//! What a master says during a short life, to be read as a story.

use mesos_proto::v1::TaskState;

use crate::{Change, Input, Output, ToAgent, testing::*};

/// One output as one line; changes of usage are left out.
fn line(output: &Output) -> Option<String> {
    Some(match output {
        Output::ToAgent { pid, message } => format!("-> {pid}: {}", message_name(message)),
        Output::Ping { pid, observer, message } => {
            format!("-> {pid}: ping from {observer}, connected: {}", message.connected)
        }
        Output::Link { pid } => format!("link {pid}"),
        Output::Unlink { pid } => format!("unlink {pid}"),
        Output::Answer { status, body, .. } => {
            format!("answer {status} {body}").trim_end().to_owned()
        }
        Output::Explained { explanations, .. } => format!("explained {}", explanations.len()),
        Output::Subscribed { stream, .. } => format!("open stream {}", stream.0),
        Output::RefuseSubscribe { status, body, .. } => format!("refuse {status} {body}"),
        Output::Event { stream, event } => {
            let status = event.update.as_ref().map(|update| &update.status);
            let state = status.map_or("", |status| status.state().as_str_name());
            let text = format!("stream {} {} {state}", stream.0, event.r#type().as_str_name());
            text.trim_end().to_owned()
        }
        Output::CloseStream { stream } => format!("close stream {}", stream.0),
        Output::Store { changes, .. } => {
            let names = changes.iter().map(|change| first_word(&format!("{change:?}")));
            format!("store {}", names.collect::<Vec<_>>().join(", "))
        }
        Output::Change(Change::AgentUsage { .. } | Change::FrameworkUsage { .. }) => return None,
        Output::Change(change) => format!("  view: {}", first_word(&format!("{change:?}"))),
        Output::Log { message, .. } => format!("  log: {message}"),
        Output::Fatal { reason } => format!("fatal: {reason}"),
    })
}

fn first_word(debug: &str) -> String {
    debug.split([' ', '(']).next().unwrap_or_default().to_owned()
}

fn message_name(message: &ToAgent) -> String {
    first_word(&format!("{message:?}"))
}

struct Story {
    lab: Lab,
    text: String,
}

impl Story {
    fn chapter(&mut self, title: &str) {
        let lines: Vec<_> = self.lab.take().iter().filter_map(line).collect();
        self.text += &format!("# {title}\n{}\n\n", lines.join("\n"));
    }
}

#[test]
fn the_short_life_of_a_task_and_its_agent() {
    let mut story = Story { lab: Lab::new(), text: String::new() };
    let pid = "slave(1)@10.0.0.1:5051";
    let agent = story.lab.register(pid);
    story.chapter("an agent registers");
    let scheduler = story.lab.subscribe(framework_info());
    let offer = story.lab.offers(&scheduler).remove(0);
    story.chapter("a scheduler subscribes");
    story.lab.launch(&scheduler, &offer, vec![task("t", &agent)]);
    story.chapter("it launches a task");
    let ids = (scheduler.id.as_str(), agent.as_str(), "t");
    let uuid = story.lab.report(pid, ids, TaskState::TaskRunning);
    story.chapter("the task runs");
    story.lab.acknowledge(&scheduler, &agent, "t", uuid);
    story.chapter("the scheduler acknowledges");
    story.lab.input(Input::AgentLinkBroken { pid: pid.to_owned() });
    story.chapter("the connection to the agent breaks");
    story.lab.seconds(76);
    story.chapter("the agent does not answer five pings");
    let mut message = reregistration(&agent);
    message.tasks = vec![reported_task(&scheduler.id, &agent, TaskState::TaskRunning)];
    let id = Some(mesos_proto::v1::FrameworkId { value: scheduler.id.clone() });
    message.frameworks = vec![mesos_proto::v1::FrameworkInfo { id, ..framework_info() }];
    story.lab.reregister(pid, message);
    story.chapter("the agent is back, and its task runs");
    story.lab.call(&scheduler, kill("t", None));
    let uuid = story.lab.report(pid, ids, TaskState::TaskKilled);
    story.lab.acknowledge(&scheduler, &agent, "t", uuid);
    story.chapter("the task is killed");
    story.lab.input(Input::StreamClosed { stream: scheduler.stream });
    story.lab.pongs = true;
    story.lab.seconds(61);
    story.chapter("the scheduler leaves and does not come back");
    insta::assert_snapshot!(story.text);
}
