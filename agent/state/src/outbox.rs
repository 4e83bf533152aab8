// SPDX-License-Identifier: Apache-2.0

//! What the machine wants done, in order, and the short ways to say it.

use std::{collections::VecDeque, sync::Arc};

use bytes::{BufMut, Bytes, BytesMut};
use mesos_proto::v1::executor;
use prost::Message;

use crate::{
    change::{Change, TaskRecord},
    key::{ConnectionKey, RequestKey, WriteKey},
    output::{Level, Output, Store, ToMaster},
};

/// The queue of outputs, and the counter of checkpoint writes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Output>,
    next_write: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, output: Output) {
        self.queue.push_back(output);
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.push(Output::Change(change));
    }

    pub(crate) fn change_task(&mut self, record: Option<TaskRecord>) {
        if let Some(record) = record {
            self.change(Change::Task(Arc::new(record)));
        }
    }

    pub(crate) fn send(&mut self, to: &str, message: ToMaster) {
        self.push(Output::ToMaster { to: to.to_owned(), message: Box::new(message) });
    }

    pub(crate) fn event(&mut self, connection: ConnectionKey, event: executor::Event) {
        self.push(Output::ExecutorEvent { connection, event: Box::new(event) });
    }

    pub(crate) fn answer(&mut self, request: RequestKey, status: u16, body: &str) {
        self.push(Output::Answer { request, status, body: body.to_owned() });
    }

    pub(crate) fn info(&mut self, text: String) {
        self.push(Output::Log { level: Level::Info, text });
    }

    pub(crate) fn warn(&mut self, text: String) {
        self.push(Output::Log { level: Level::Warn, text });
    }

    pub(crate) fn error(&mut self, text: String) {
        self.push(Output::Log { level: Level::Error, text });
    }

    /// Writes to a checkpoint file.
    pub(crate) fn store(&mut self, path: String, store: Store) -> WriteKey {
        let write = WriteKey(self.next_write);
        self.next_write += 1;
        self.push(Output::Checkpoint { write, path, store });
        write
    }

    /// Writes a checkpoint file that holds one message.
    pub(crate) fn store_message<M: Message>(&mut self, path: String, message: &M) -> WriteKey {
        self.store(path, Store::Replace(record(message)))
    }

    /// Writes a checkpoint file that holds a text.
    pub(crate) fn store_text(&mut self, path: String, text: &str) -> WriteKey {
        self.store(path, Store::Replace(Bytes::copy_from_slice(text.as_bytes())))
    }
}

/// A message as checkpoint files hold it: its length in 4 bytes, little end first, then its bytes.
pub(crate) fn record<M: Message>(message: &M) -> Bytes {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(length + 4);
    bytes.put_u32_le(u32::try_from(length).expect("a message is below 4 GB"));
    message.encode(&mut bytes).expect("the buffer grows");
    bytes.freeze()
}
