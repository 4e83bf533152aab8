// SPDX-License-Identifier: Apache-2.0

//! One line a second on what is going on.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::{fleet::Fleet, process};

/// Shows progress until dropped.
pub struct Progress(JoinHandle<()>);

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Watches the agents and the meters of the master's process.
pub fn watch(process: u32, fleet: &Fleet) -> Progress {
    let fleet = fleet.clone();
    Progress(tokio::task::spawn_local(async move {
        let Ok(mut last) = process::read(process) else { return };
        let mut ended = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let Ok(now) = process::read(process) else { return };
            let seconds = (now.at - last.at).as_secs_f64();
            let load = (now.cpu - last.cpu).as_secs_f64() / seconds * 100.0;
            let counts = fleet.counts();
            let rate = counts.ended.saturating_sub(ended) as f64 / seconds;
            eprintln!(
                "  {} of {} agents admitted, {} tasks launched, {} ended ({rate:.0}/s), \
                 {} pings; master {load:.0} % of a core, {} MB",
                counts.admitted,
                fleet.size(),
                counts.launched,
                counts.ended,
                counts.pings,
                now.resident >> 20,
            );
            (last, ended) = (now, counts.ended);
        }
    }))
}
