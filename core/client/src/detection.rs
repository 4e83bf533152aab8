// SPDX-License-Identifier: Apache-2.0

//! Following the leading master, for those who talk to it themselves.

use std::{convert::Infallible, sync::Arc};

use mesos_driver::Error;
use mesos_proto::v1::MasterInfo;

use crate::{
    calling_back::{
        callbacks::{self, CallbackResult, Told},
        session::{Command, Owner, Session},
        threads::{self, Machine},
    },
    detector::Detector,
    master,
};

/// Says which master leads, whenever that changes. Clones are the same detector; it ends with the
/// last of them.
///
/// ```no_run
/// let detector = mesos_client::MasterDetector::open("zk://10.0.0.1:2181/mesos", |master| {
///     match master {
///         Some(master) => println!("{} leads", master.pid()),
///         None => println!("no master leads"),
///     }
///     Ok(())
/// })?;
/// # drop(detector);
/// # Ok::<(), mesos_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MasterDetector(Arc<Owner<Infallible, Infallible>>);

impl MasterDetector {
    /// Follows the leader of what a driver would be given as its master: `zk://host:port,…/path`,
    /// `host:port` (which is told once), `file:///path`, or `local` (whose cluster lives as long
    /// as the detector).
    ///
    /// `detected` is called on a thread of the detector's own, with `None` while no master leads;
    /// while ZooKeeper does not answer, the leader stays. It is not called for a state that has
    /// passed while it ran. An `Err` or a panic ends the calls.
    ///
    /// # Errors
    /// Text that names no master, or the system gives no thread.
    pub fn open(
        master: &str,
        detected: impl FnMut(Option<MasterInfo>) -> CallbackResult + Send + 'static,
    ) -> Result<Self, Error> {
        let detector = Detector::start(master::parse(master)?)?;
        let session = Arc::new(Session::new());
        let calling = Arc::clone(&session);
        session.open(|commands| {
            threads::begin(
                &session,
                commands,
                &mut Some(detected),
                move |runtime, side| runtime.block_on(follow(detector, side)),
                move |mut detected, told| {
                    callbacks::serve(&calling, told, &mut detected, |_| None);
                },
            )
        })?;
        Ok(MasterDetector(Arc::new(Owner(session))))
    }

    /// Ends the detector and waits for the call that runs, unless called inside of it. No call
    /// comes after that.
    pub fn close(&self) {
        self.0.0.close();
    }

    /// Why a call failed, if one did.
    pub fn failure(&self) -> Option<String> {
        self.0.0.failure()
    }
}

/// Hands over each change, the newest if there is no room for all.
async fn follow(
    mut detector: Detector,
    mut side: Machine<Option<MasterInfo>, Infallible, Infallible>,
) {
    let Some(teller) = side.teller.clone() else { return };
    let mut untold = None;
    loop {
        tokio::select! {
            biased;
            command = side.commands.recv() => match command {
                Some(Command::Method(never) | Command::Handled(never)) => match never {},
                Some(Command::Abort | Command::Stop { .. } | Command::Close) | None => return,
            },
            leader = detector.next_master() => untold = Some(leader),
            room = teller.reserve(), if untold.is_some() => {
                let Ok(room) = room else { return };
                if let Some(leader) = untold.take() {
                    room.send(Told::Callback { callback: Box::new(leader), handled: None });
                }
            }
        }
    }
}
