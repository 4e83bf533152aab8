// SPDX-License-Identifier: Apache-2.0

//! Every attack, while others work: they notice little, and the master forgets
//! it. How little depends on the machine, so the bounds in time are wide; those
//! in memory are not.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mesos_hostile::{
    Target,
    attacks::{Attack, QUICK, SLOW},
    neighbour::{Neighbour, Waits, percentile},
};

/// What a neighbour may have to wait at most, even where tests share two cores.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// What the master may take during any attack.
const PEAK_MAX: usize = 1500 << 20;
/// What it may keep of all of them.
const KEPT_MAX: usize = 200 << 20;

async fn withstands(target: &Target, attack: &Attack) -> Result<()> {
    let neighbour = Neighbour::start(target).await.context("before it")?;
    target.forget_peak()?;
    let outcome = (attack.run)(target).await?;
    let waits = neighbour.stop().await.context("beside it")?;
    let peak = target.memory()?.peak;
    let Waits { health, running } = &waits;
    eprintln!(
        "{}: {outcome}; /health p99 {:?}, accept → running p99 {:?}, peak {} MB",
        attack.name,
        percentile(health, 99),
        percentile(running, 99),
        peak >> 20
    );
    ensure!(peak <= PEAK_MAX, "the master took {} MB", peak >> 20);
    for wait in health.iter().chain(running) {
        ensure!(*wait <= WAIT_MAX, "a neighbour waited {wait:?}");
    }
    Ok(())
}

async fn all(attacks: &[Attack]) -> Result<()> {
    let target = Target::start(false).await?;
    for attack in attacks {
        withstands(&target, attack).await.with_context(|| attack.name)?;
    }
    target.until_memory(KEPT_MAX).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attacks_leave_others_and_the_memory_where_they_were() -> Result<()> {
    all(&QUICK).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_leave_others_and_the_memory_where_they_were() -> Result<()> {
    all(&SLOW).await
}

#[test]
fn an_attack_that_does_not_exist_is_a_failure_and_not_an_empty_table() -> Result<()> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mesos-hostile"));
    let output = command.args(["gzip", "no such attack"]).output()?;
    ensure!(!output.status.success(), "it succeeded");
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(text.contains("no attack is named like 'no such attack'"), "{text}");
    Ok(())
}

#[test]
fn a_neighbour_that_measured_nothing_proves_nothing() {
    let some = vec![Duration::from_millis(1)];
    let full = Waits { health: some.clone(), running: some.clone() };
    assert!(full.measured().is_ok());
    let idle = Waits { health: some.clone(), running: Vec::new() };
    assert!(idle.measured().is_err());
    let deaf = Waits { health: Vec::new(), running: some };
    assert!(deaf.measured().is_err());
}
