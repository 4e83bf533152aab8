// SPDX-License-Identifier: Apache-2.0

//! `mesos-hostile`: every attack in full size, and a table of what it costs
//! those who live beside it.
//!
//! Arguments are parts of the names of the attacks that are wanted. It succeeds only if
//! each attack got what it deserves.
//! `MESOS_TEST_BINARIES` names the folder of the programs that are attacked.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use std::time::Duration;

use anyhow::{Result, ensure};
use mesos_hostile::{
    Target,
    attacks::{self, Attack},
    neighbour::{Neighbour, percentile},
};

#[tokio::main]
async fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let attacks = attacks::named(&wanted)?;
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
    let mut failed = Vec::new();
    for attack in std::iter::once(&rest).chain(attacks) {
        if !show(&target, attack).await? {
            failed.push(attack.name);
        }
    }
    ensure!(failed.is_empty(), "not as it should be: {}", failed.join(", "));
    Ok(())
}

/// Runs one attack and shows its row of the table; says whether all was as it should be.
async fn show(target: &Target, attack: &Attack) -> Result<bool> {
    let neighbour = Neighbour::start(target).await?;
    let before = target.memory()?;
    target.forget_peak()?;
    let outcome = (attack.run)(target).await;
    let waits = neighbour.stop().await?;
    let after = target.memory()?;
    let is_well = outcome.is_ok();
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
    Ok(is_well)
}

fn shown(waits: &[Duration]) -> String {
    let shown = |percent| format!("{:.1}", percentile(waits, percent).as_secs_f64() * 1e3);
    format!("{} / {} / {}", shown(50), shown(99), shown(100))
}
