// SPDX-License-Identifier: Apache-2.0

//! `mesos-hostile`: every attack in full size, and a table of what it costs
//! those who live beside it.
//!
//! Arguments are parts of the names of the attacks that are wanted.
//! `MESOS_TEST_BINARIES` names the folder of the programs that are attacked.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use std::time::Duration;

use anyhow::Result;
use mesos_hostile::{
    Target,
    attacks::{Attack, QUICK, SLOW},
    neighbour::{Neighbour, percentile},
};

#[tokio::main]
async fn main() -> Result<()> {
    println!(
        "| attack | what it gets | `/health` p50 / p99 / max, ms | accept → running p50 / p99 / \
         max, ms | master, MB: before / peak / after |"
    );
    println!("|---|---|---|---|---|");
    let target = Target::start(true).await?;
    let rest = Attack {
        name: "(nobody attacks)",
        run: |_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(5)).await;
                Ok(String::new())
            })
        },
    };
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for attack in std::iter::once(&rest).chain(&QUICK).chain(&SLOW) {
        if !wanted.is_empty() && !wanted.iter().any(|part| attack.name.contains(part)) {
            continue;
        }
        let neighbour = Neighbour::start(&target).await?;
        let before = target.memory()?;
        target.forget_peak()?;
        let outcome = (attack.run)(&target).await;
        let waits = neighbour.stop().await?;
        let after = target.memory()?;
        let outcome = outcome.unwrap_or_else(|error| format!("**failed**: {error:#}"));
        println!(
            "| {} | {outcome} | {} | {} | {} / {} / {} |",
            attack.name,
            shown(&waits.health),
            shown(&waits.running),
            before.resident >> 20,
            after.peak >> 20,
            after.resident >> 20,
        );
    }
    Ok(())
}

fn shown(waits: &[Duration]) -> String {
    let shown = |percent| format!("{:.1}", percentile(waits, percent).as_secs_f64() * 1e3);
    format!("{} / {} / {}", shown(50), shown(99), shown(100))
}
