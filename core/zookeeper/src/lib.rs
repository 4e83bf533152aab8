// SPDX-License-Identifier: Apache-2.0

//! Finding the leading master through ZooKeeper.
//!
//! Each candidate has an ephemeral node `json.info_<sequence>` with its
//! MasterInfo below the path of the cluster; the one with the smallest
//! sequence leads. Nodes of masters before Mesos 0.24 (`info_<sequence>`, in
//! protobuf, and `<sequence>` with only an address) are read too.
//!
//! While no ZooKeeper server answers, the leader known last stays the leader:
//! a cluster goes on working without ZooKeeper, and a master that loses it
//! ends by itself.
//!
//! Refuses to do: TLS and SASL; electing (nothing is written).
//!
//! Source in Mesos: `src/master/detector/zookeeper.cpp`, `src/zookeeper/detector.cpp`,
//! `include/mesos/zookeeper/url.hpp`.

mod detector;
mod leader;
mod url;

pub use self::{
    detector::Detector,
    leader::{Unreadable, authority, leader_of, read_leader},
    url::{Url, UrlError},
};
