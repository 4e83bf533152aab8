// SPDX-License-Identifier: Apache-2.0

//! Messages of any type that look as if somebody meant them.
//!
//! They are made along the tables of `mesos-proto`: required fields are there,
//! where a field `type` names a sub-message that one is there, ids are mostly
//! those of things that exist, and amounts are mostly possible. The rest is left
//! to the bytes of the input. The result is the binary form, to be decoded like
//! what comes from outside.

use bytes::Bytes;
use mesos_proto::descriptor::{Field, Kind, Label, Message};
use prost::encoding::encode_varint;

use crate::choice::Choices;

/// Sub-messages deeper than this have their required fields only.
const DEPTH_MAX: u32 = 6;
/// A message that has become larger than this gets no more optional fields.
const SIZE_MAX: usize = 4096;

const ROLES: &[&str] = &["*", "a", "a/b", "b", "a/b/c", "", ".", "a//b"];
const NAMES: &[&str] = &["cpus", "mem", "disk", "ports", "gpus", "bricks", ""];
const TEXTS: &[&str] =
    &["x", "", "..", "a/b", "root", "żółć", "x y\n", "127.0.0.1", "\u{0}", "true", "a=b;c"];
const DOUBLES: &[f64] = &[
    1.0,
    0.1,
    0.001,
    32.0,
    0.0,
    2.0,
    64.0,
    -1.0,
    0.0001,
    1e9,
    1e15,
    1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// What is there to be named.
#[derive(Default)]
pub struct Words {
    /// Ids of agents.
    pub agents: Vec<String>,
    /// Ids of frameworks.
    pub frameworks: Vec<String>,
    /// Ids of offers.
    pub offers: Vec<String>,
    /// Ids of tasks.
    pub tasks: Vec<String>,
    /// Ids of executors.
    pub executors: Vec<String>,
    /// Ids of containers.
    pub containers: Vec<String>,
    /// Uuids of status updates.
    pub uuids: Vec<Bytes>,
    /// Resources as somebody offered them, encoded.
    pub resources: Vec<Vec<u8>>,
}

impl Words {
    /// Notes a word, forgetting the oldest when there are many.
    pub fn note<T: PartialEq>(words: &mut Vec<T>, word: T) {
        const MANY: usize = 16;
        if !words.contains(&word) {
            if words.len() == MANY {
                words.remove(0);
            }
            words.push(word);
        }
    }
}

/// Makes one message of a type.
pub fn message(choices: &mut Choices<'_>, words: &Words, kind: &'static Message) -> Vec<u8> {
    let mut maker = Maker { choices, words, size: 0 };
    maker.message(kind, 0)
}

struct Maker<'m, 'a> {
    choices: &'m mut Choices<'a>,
    words: &'m Words,
    /// Bytes made so far.
    size: usize,
}

impl Maker<'_, '_> {
    fn message(&mut self, message: &'static Message, depth: u32) -> Vec<u8> {
        if message.name == "mesos.v1.Resource"
            && self.choices.chance(8)
            && let Some(known) = self.choices.pick(&self.words.resources)
        {
            return known.clone();
        }
        let mut out = Vec::new();
        let chosen = self.choose_type(message, &mut out);
        for field in message.fields {
            if chosen.is_some() && field.name == "type" {
                continue;
            }
            for _ in 0..self.count(field, chosen.as_deref(), depth) {
                self.field(message, field, depth, &mut out);
            }
        }
        out
    }

    /// Chooses the field `type`; gives the name of the sub-message that belongs to it.
    fn choose_type(&mut self, message: &'static Message, out: &mut Vec<u8>) -> Option<String> {
        let field = message.field_named("type")?;
        let Kind::Enum(values) = field.kind else { return None };
        // The first value is mostly UNKNOWN, so it is chosen last.
        let index = (self.choices.below(values.values.len()) + 1) % values.values.len();
        let (name, number) = values.values[index];
        put_key(out, field.number, 0);
        encode_varint(number as u64, out);
        Some(name.to_ascii_lowercase())
    }

    /// How often a field appears.
    fn count(&mut self, field: &'static Field, chosen: Option<&str>, depth: u32) -> usize {
        let belongs = chosen == Some(field.name);
        let full = depth >= DEPTH_MAX || self.size > SIZE_MAX;
        match field.label {
            Label::Required => 1,
            Label::Optional if belongs => usize::from(!self.choices.chance(1)),
            Label::Optional | Label::Repeated | Label::Map if full => 0,
            Label::Optional => {
                let is_message = matches!(field.kind, Kind::Message(_));
                let sixteenths = match (is_message, chosen) {
                    (true, Some(_)) => 1,
                    (true, None) => 4,
                    (false, _) => 5,
                };
                usize::from(self.choices.chance(sixteenths))
            }
            Label::Repeated | Label::Map => [0, 0, 1, 1, 1, 2, 3][self.choices.below(7)],
        }
    }

    fn field(
        &mut self,
        message: &'static Message,
        field: &'static Field,
        depth: u32,
        out: &mut Vec<u8>,
    ) {
        let before = out.len();
        match field.kind {
            Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => {
                put_key(out, field.number, 0);
                encode_varint(self.integer(field.kind), out);
            }
            Kind::Enum(values) => {
                let known = self.choices.pick(values.values).map_or(0, |(_, number)| *number);
                let number = if self.choices.chance(1) { 99 } else { known };
                put_key(out, field.number, 0);
                encode_varint(number as u64, out);
            }
            Kind::Double => {
                put_key(out, field.number, 1);
                out.extend_from_slice(&self.double().to_le_bytes());
            }
            Kind::String => put(out, field.number, self.text(message, field).as_bytes()),
            Kind::Bytes => {
                let content = self.octets(field);
                put(out, field.number, &content);
            }
            Kind::Message(inner) => {
                let content = self.message(inner, depth + 1);
                put(out, field.number, &content);
            }
        }
        self.size += out.len() - before;
    }

    fn integer(&mut self, kind: Kind) -> u64 {
        let number = match self.choices.below(8) {
            0..4 => u64::from(self.choices.byte() % 5),
            4 => 31_000 + u64::from(self.choices.byte()),
            5 => u64::MAX,
            6 => 1_000_000_000,
            _ => self.choices.number(),
        };
        match kind {
            Kind::Bool => number & 1,
            Kind::Int32 => i64::from(number as i32) as u64,
            Kind::Uint32 => u64::from(number as u32),
            Kind::Int64
            | Kind::Uint64
            | Kind::Double
            | Kind::String
            | Kind::Bytes
            | Kind::Enum(_)
            | Kind::Message(_) => number,
        }
    }

    fn double(&mut self) -> f64 {
        if self.choices.chance(1) {
            return f64::from_bits(self.choices.number());
        }
        self.choices.pick(DOUBLES).copied().unwrap_or_default()
    }

    fn text(&mut self, message: &'static Message, field: &'static Field) -> String {
        let known = match (message.short_name(), field.name) {
            ("AgentID", "value") => Some(&self.words.agents),
            ("FrameworkID", "value") => Some(&self.words.frameworks),
            ("OfferID", "value") => Some(&self.words.offers),
            ("TaskID", "value") => Some(&self.words.tasks),
            ("ExecutorID", "value") => Some(&self.words.executors),
            ("ContainerID", "value") => Some(&self.words.containers),
            _ => None,
        };
        if let Some(known) = known {
            let known = known.clone();
            if !self.choices.chance(1)
                && let Some(word) = self.choices.pick(&known)
            {
                return word.clone();
            }
        }
        let fixed = match (message.short_name(), field.name) {
            (_, "role" | "roles" | "suppressed_roles") => ROLES,
            ("Resource", "name") => NAMES,
            _ => TEXTS,
        };
        match self.choices.byte() {
            255 => "long/".repeat(200),
            254 => {
                let length = self.choices.below(16);
                String::from_utf8_lossy(self.choices.bytes(length)).into_owned()
            }
            byte => fixed[usize::from(byte) % fixed.len()].to_owned(),
        }
    }

    fn octets(&mut self, field: &'static Field) -> Vec<u8> {
        let is_uuid = field.name.ends_with("uuid");
        if is_uuid
            && !self.choices.chance(2)
            && let Some(uuid) = self.choices.pick(&self.words.uuids)
        {
            return uuid.to_vec();
        }
        if is_uuid && !self.choices.chance(2) {
            return vec![self.choices.byte(); 16];
        }
        let length = self.choices.below(24);
        self.choices.bytes(length).to_vec()
    }
}

fn put_key(out: &mut Vec<u8>, number: u32, wire_type: u64) {
    encode_varint(u64::from(number) << 3 | wire_type, out);
}

fn put(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    put_key(out, number, 2);
    encode_varint(content.len() as u64, out);
    out.extend_from_slice(content);
}
