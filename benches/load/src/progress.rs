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
        let own = std::process::id();
        let (Ok(mut last), Ok(mut last_own)) = (process::read(process), process::read(own)) else {
            return;
        };
        let mut ended = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (Ok(now), Ok(now_own)) = (process::read(process), process::read(own)) else {
                return;
            };
            let seconds = (now.at - last.at).as_secs_f64();
            // After a failover it is another process, which starts at zero.
            let load = now.cpu.saturating_sub(last.cpu).as_secs_f64() / seconds * 100.0;
            let own_load = (now_own.cpu - last_own.cpu).as_secs_f64() / seconds * 100.0;
            let counts = fleet.counts();
            let rate = counts.ended.saturating_sub(ended) as f64 / seconds;
            eprintln!(
                "  {} of {} agents admitted, {} tasks launched, {} ended ({rate:.0}/s), \
                 {} pings; master {load:.0} % of a core, {} MB; load {own_load:.0} %",
                counts.admitted,
                fleet.size(),
                counts.launched,
                counts.ended,
                counts.pings,
                now.resident >> 20,
            );
            (last, last_own, ended) = (now, now_own, counts.ended);
        }
    }))
}
