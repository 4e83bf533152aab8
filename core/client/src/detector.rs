// SPDX-License-Identifier: Apache-2.0

//! Where the leading master is, as it changes.

use mesos_driver::{Error, v0::scheduler::master_at};
use mesos_proto::v1::MasterInfo;

use crate::{local::LocalCluster, master::Master};

/// Follows the leader.
#[derive(Debug)]
pub(crate) enum Detector {
    /// A fixed master, until it has been told.
    Fixed(Option<String>),
    /// The master of a cluster that lives as long as this.
    Local {
        /// The cluster.
        cluster: LocalCluster,
        /// Whether its master has been told.
        told: bool,
    },
    /// Whichever leads.
    #[cfg(feature = "zookeeper")]
    ZooKeeper(Box<mesos_zookeeper::Detector>),
}

impl Detector {
    /// A detector for what a user means by a master. Waits for a cluster that has to be started.
    ///
    /// # Errors
    /// That does not start.
    pub(crate) fn start(master: Master) -> Result<Self, Error> {
        match master {
            Master::Address(address) => Ok(Detector::Fixed(Some(address))),
            Master::Local { quiet } => {
                Ok(Detector::Local { cluster: LocalCluster::start(quiet)?, told: false })
            }
            #[cfg(feature = "zookeeper")]
            Master::ZooKeeper(url) => {
                Ok(Detector::ZooKeeper(Box::new(mesos_zookeeper::Detector::new(url))))
            }
        }
    }

    /// Waits for the next change and says where the leader is; may be dropped while waiting.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match self {
            Detector::Fixed(address) => match address.take() {
                Some(address) => Some(address),
                None => std::future::pending().await,
            },
            Detector::Local { told: true, .. } => std::future::pending().await,
            Detector::Local { cluster, told } => {
                *told = true;
                Some(cluster.address().to_owned())
            }
            #[cfg(feature = "zookeeper")]
            Detector::ZooKeeper(detector) => {
                detector.next().await.as_ref().and_then(mesos_zookeeper::authority)
            }
        }
    }

    /// As [`Detector::next`], and says all that is known of the leader.
    pub(crate) async fn next_master(&mut self) -> Option<MasterInfo> {
        match self {
            Detector::Fixed(_) | Detector::Local { .. } => {
                self.next().await.as_deref().map(master_at)
            }
            #[cfg(feature = "zookeeper")]
            Detector::ZooKeeper(detector) => detector.next().await,
        }
    }
}
