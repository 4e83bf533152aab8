// SPDX-License-Identifier: Apache-2.0

//! The two forms that the v1 APIs speak.

use mesos_proto::Described;

/// How calls and events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentType {
    /// `application/x-protobuf`, the compact one.
    #[default]
    Protobuf,
    /// `application/json`, the readable one.
    Json,
}

impl ContentType {
    /// The name in `Content-Type` and `Accept`.
    pub fn media_type(self) -> &'static str {
        match self {
            ContentType::Protobuf => "application/x-protobuf",
            ContentType::Json => "application/json",
        }
    }

    pub(crate) fn encode<M: prost::Message + Described>(self, message: &M) -> Vec<u8> {
        match self {
            ContentType::Protobuf => message.encode_to_vec(),
            ContentType::Json => {
                let mut text = Vec::new();
                mesos_proto::json::write_json(message, &mut text);
                text
            }
        }
    }

    pub(crate) fn decode<M: prost::Message + Described + Default>(
        self,
        record: &[u8],
    ) -> Result<M, String> {
        match self {
            ContentType::Protobuf => mesos_proto::decode(record).map_err(|error| error.to_string()),
            ContentType::Json => {
                mesos_proto::json::from_json(record).map_err(|error| error.to_string())
            }
        }
    }
}
