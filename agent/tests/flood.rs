// SPDX-License-Identifier: Apache-2.0

//! An executor that means harm: what it says costs the agent a bounded amount of
//! memory, and others nothing.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod executor;
mod master;
mod setup;

use executor::{Executor, MEGABYTE, memory, message, update};
use http::StatusCode;
use master::{Master, framework, get, task};
use mesos_agent::Agent;
use mesos_proto::v1::{FrameworkId, TaskState};
use setup::flags;

/// What floods take the agent at most beyond what it takes anyway: what waits for
/// acknowledgements, what waits for the wire, and copies of it on their way.
const GROWTH_MAX: usize = 250 * MEGABYTE;

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_floods_costs_itself_and_nobody_else() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut flooder = Executor::start(&mut master, &agent, &pid, ("ex", "t")).await;
    let (before, _) = memory();

    let (status, text) = flooder.call(message(17 * MEGABYTE)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text.contains("16777216 are allowed"), "{text}");

    // Nobody acknowledges: the master of this test keeps silent about them.
    let mut taken = 0;
    let text = loop {
        let (status, text) = flooder.call(update("t", taken, MEGABYTE)).await;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            break text;
        }
        assert_eq!(status, StatusCode::ACCEPTED, "{text}");
        taken += 1;
        assert!(taken < 100, "a hundred megabytes were taken");
    };
    assert!(text.contains("waiting to be acknowledged"), "{text}");
    for number in 0..300 {
        let (status, _) = flooder.call(update("t", 1000 + number, MEGABYTE)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }

    // A master that is far behind: what is on its way to it must not break the connection.
    master.stop_reading().await;
    for _ in 0..300 {
        assert_eq!(flooder.call(message(MEGABYTE)).await.0, StatusCode::ACCEPTED);
    }
    let (_, peak) = memory();
    let grown = peak - before;
    assert!(grown < GROWTH_MAX, "the agent has grown by {} MB", grown >> 20);

    let mut other = framework(false);
    other.id = Some(FrameworkId { value: "framework-2".to_owned() });
    let began = std::time::Instant::now();
    master.run_task(&pid, other, task("other", "true"));
    master.go_on_reading();
    let mut states = Vec::new();
    while states.len() < 3 {
        let status = master.status_of("framework-2", &pid).await;
        states.push(status.state());
    }
    let expected = [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished];
    assert_eq!(states, expected);
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let metrics = get(agent.address(), "/metrics/snapshot").await;
    assert_eq!(metrics["slave/registered"], 1.0);
    assert!(!master.has_seen("mesos.internal.ReregisterSlaveMessage"), "the link has broken");
}
