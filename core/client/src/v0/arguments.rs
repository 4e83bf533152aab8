// SPDX-License-Identifier: Apache-2.0

//! Serialized protobuf as it crosses the boundary to other languages.

use mesos_proto::Described;

/// Reads one message, with all its required fields.
pub(super) fn decode<M: Described>(bytes: &[u8]) -> Result<M, String> {
    mesos_proto::decode(bytes).map_err(|error| error.to_string())
}
