// SPDX-License-Identifier: Apache-2.0

//! Where the leading master is, as it changes.

use mesos_driver::Error;

use crate::master::{self, Master};

/// Follows the leader.
#[derive(Debug)]
pub(crate) enum Detector {
    /// A fixed master, until it has been told.
    Fixed(Option<String>),
    /// Whichever leads.
    #[cfg(feature = "zookeeper")]
    ZooKeeper(Box<mesos_zookeeper::Detector>),
}

impl Detector {
    /// A detector for what a user gives as a master.
    ///
    /// # Errors
    /// Text that names no master.
    pub(crate) fn new(master: &str) -> Result<Self, Error> {
        match master::parse(master)? {
            Master::Address(address) => Ok(Detector::Fixed(Some(address))),
            #[cfg(feature = "zookeeper")]
            Master::ZooKeeper(url) => {
                Ok(Detector::ZooKeeper(Box::new(mesos_zookeeper::Detector::new(url))))
            }
        }
    }

    /// Waits for the next change; may be dropped while waiting.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match self {
            Detector::Fixed(address) => match address.take() {
                Some(address) => Some(address),
                None => std::future::pending().await,
            },
            #[cfg(feature = "zookeeper")]
            Detector::ZooKeeper(detector) => {
                detector.next().await.as_ref().and_then(mesos_zookeeper::authority)
            }
        }
    }
}
