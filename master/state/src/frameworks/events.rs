// SPDX-License-Identifier: Apache-2.0

//! What a scheduler's stream carries.

use mesos_allocator::FrameworkKey;
use mesos_proto::v1::{
    FrameworkId, TaskStatus,
    scheduler::{Event, event},
};

use crate::{input::StreamKey, master::Master, output::Output, timers::Timer};

impl Master {
    /// Sends an event to a framework; dropped when it is not connected.
    pub(crate) fn send_event(&mut self, framework: FrameworkKey, event: Event) {
        let Some(stream) = &self.frameworks.registered[framework].stream else { return };
        let (stream, event) = (stream.key, Box::new(event));
        self.outputs.push_back(Output::Event { stream, event });
    }

    /// Sends UPDATE.
    pub(crate) fn send_status(&mut self, framework: FrameworkKey, status: TaskStatus) {
        let Some(stream) = &self.frameworks.registered[framework].stream else { return };
        // Made where it stays: an event has room for the largest of its kinds.
        let mut event = Box::<Event>::default();
        event.r#type = Some(event::Type::Update.into());
        event.update = Some(event::Update { status });
        self.outputs.push_back(Output::Event { stream: stream.key, event });
    }

    /// Sends SUBSCRIBED and the first HEARTBEAT.
    pub(super) fn send_subscribed(&mut self, framework: FrameworkKey) {
        let record = &self.frameworks.registered[framework].record;
        let subscribed = event::Subscribed {
            framework_id: FrameworkId { value: record.id.to_string() },
            heartbeat_interval_seconds: Some(self.config.heartbeat_interval.as_secs_f64()),
            master_info: Some(self.config.master_info.clone()),
        };
        self.send_event(
            framework,
            Event {
                r#type: Some(event::Type::Subscribed.into()),
                subscribed: Some(subscribed),
                ..Default::default()
            },
        );
        self.heartbeat_timer(framework);
    }

    /// Timer: sends HEARTBEAT.
    pub(crate) fn heartbeat_timer(&mut self, framework: FrameworkKey) {
        let interval = self.config.heartbeat_interval;
        let timer = self.timers.set(self.now, interval, Timer::Heartbeat(framework));
        self.frameworks.registered[framework].heartbeat = Some(timer);
        self.send_event(
            framework,
            Event { r#type: Some(event::Type::Heartbeat.into()), ..Default::default() },
        );
    }

    /// Ends a stream with an ERROR.
    pub(super) fn end_stream(&mut self, stream: StreamKey, message: &str) {
        let event = Box::new(Event {
            r#type: Some(event::Type::Error.into()),
            error: Some(event::Error { message: message.to_owned() }),
            ..Default::default()
        });
        self.outputs.push_back(Output::Event { stream, event });
        self.outputs.push_back(Output::CloseStream { stream });
    }
}
