// SPDX-License-Identifier: Apache-2.0

//! Drivers leave neither threads nor file descriptors behind. A process of its own, so that no
//! other test's are counted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, net::TcpListener};

use mesos_client::{
    raw::{Connection, Peer, SchedulerConnection, SchedulerProtocol},
    v0::{CallbackResult, Scheduler, SchedulerDriver, Status},
    v1::{FrameworkInfo, scheduler::Event},
};

struct Nobody;

impl Scheduler for Nobody {}

impl Peer<SchedulerProtocol> for Nobody {
    fn connected(&mut self, _: &Connection<SchedulerProtocol>) -> CallbackResult {
        Ok(())
    }

    fn disconnected(&mut self, _: &Connection<SchedulerProtocol>) -> CallbackResult {
        Ok(())
    }

    fn received(&mut self, _: &Connection<SchedulerProtocol>, _: Vec<Event>) -> CallbackResult {
        Ok(())
    }
}

/// How many threads and file descriptors this process has.
fn held() -> (usize, usize) {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// One life of each kind: stopped, aborted, dropped; and a raw connection.
fn live(master: &str) {
    for end in 0..3 {
        let framework = FrameworkInfo { name: "leaks".into(), ..Default::default() };
        let driver = SchedulerDriver::builder(Nobody, framework, master).build();
        assert_eq!(driver.start(), Status::Running);
        match end {
            0 => {
                assert_eq!((driver.stop(false), driver.join()), (Status::Stopped, Status::Stopped))
            }
            1 => assert_eq!((driver.abort(), driver.join()), (Status::Aborted, Status::Aborted)),
            _ => {}
        }
    }
    SchedulerConnection::builder(master).unwrap().open(Nobody).unwrap().close();
}

#[test]
fn drivers_leave_neither_threads_nor_descriptors_behind() {
    // Takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let master = listener.local_addr().unwrap().to_string();
    live(&master);
    let before = held();
    for _ in 0..100 {
        live(&master);
    }
    assert_eq!(held(), before);
}
