// SPDX-License-Identifier: Apache-2.0

//! Replays recorded conversations with Apache Mesos 1.11.0 against our daemons.
//!
//! Each file under `goldens/` is one conversation: the flags of the daemons,
//! the requests in order, the answers and the events of every stream. A replay
//! starts our daemons with those flags on free ports, sends the same requests
//! and compares what comes back. Ids, ports and paths that differ from run to
//! run are mapped from the recorded to the new ones as they appear; timestamps
//! and process ids are only compared by type. Everything else must be equal,
//! error texts to the letter, since clients match on them.
//!
//! What is not equal must be listed, with its reason, in
//! `docs/differences-from-mesos.md`; a listed case that passes is an error too.

pub mod case;
pub mod cluster;
pub mod compare;
pub mod http1;
pub mod known;
pub mod names;
pub mod offers;
pub mod replay;
pub mod streams;
pub mod tap;
pub mod wire;
