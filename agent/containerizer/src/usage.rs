// SPDX-License-Identifier: Apache-2.0

//! What the processes of a container use, from `/proc`.
//!
//! These are the figures of Mesos's `posix/cpu` and `posix/mem` isolators: the
//! sum over the processes that live now, so the times of those that have ended
//! and were waited for by their parents count as their parents'.

use std::fs;

use mesos_launcher::tree;
use mesos_proto::v1::{Resource, ResourceStatistics};
use nix::unistd::{SysconfVar, sysconf};

/// The statistics of the container below `launcher`, at `timestamp` in seconds.
pub(crate) fn statistics(
    launcher: u32,
    resources: &[Resource],
    timestamp: f64,
) -> ResourceStatistics {
    let mut total = Usage::default();
    for pid in tree::descendants(launcher).into_iter().chain([launcher]) {
        total.add(&of_process(pid).unwrap_or_default());
    }
    let megabytes = scalar(resources, "mem").map(|mem| (mem * 1024.0 * 1024.0) as u64);
    let ticks = ticks_per_second();
    ResourceStatistics {
        timestamp,
        cpus_user_time_secs: Some(total.user_ticks as f64 / ticks),
        cpus_system_time_secs: Some(total.system_ticks as f64 / ticks),
        cpus_soft_limit: scalar(resources, "cpus"),
        mem_rss_bytes: Some(total.rss_pages * page_size()),
        mem_limit_bytes: megabytes,
        mem_soft_limit_bytes: megabytes,
        ..ResourceStatistics::default()
    }
}

/// The sum of the scalars of this name; none when there is none.
fn scalar(resources: &[Resource], name: &str) -> Option<f64> {
    let mut values = resources
        .iter()
        .filter(|resource| resource.name == name)
        .filter_map(|resource| resource.scalar.as_ref())
        .map(|scalar| scalar.value)
        .peekable();
    values.peek()?;
    // Sums of 3-decimal numbers stay 3-decimal numbers.
    Some((values.sum::<f64>() * 1000.0).round() / 1000.0)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usage {
    user_ticks: u64,
    system_ticks: u64,
    rss_pages: u64,
}

impl Usage {
    fn add(&mut self, other: &Usage) {
        self.user_ticks += other.user_ticks;
        self.system_ticks += other.system_ticks;
        self.rss_pages += other.rss_pages;
    }
}

/// None for a process that has ended meanwhile.
fn of_process(pid: u32) -> Option<Usage> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `/proc/<pid>/stat`, whose second field may hold blanks and parentheses.
fn parse(stat: &str) -> Option<Usage> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // Counted from 1 in proc(5); the first of these is the third.
    let mut field = |number: usize| fields.nth(number)?.parse().ok();
    let user_ticks = field(14 - 3)?;
    let system_ticks = field(0)?;
    let rss_pages = field(24 - 15 - 1)?;
    Some(Usage { user_ticks, system_ticks, rss_pages })
}

fn ticks_per_second() -> f64 {
    sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64
}

fn page_size() -> u64 {
    sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use mesos_proto::v1::value;

    use super::*;

    #[test]
    fn a_command_name_cannot_shift_the_fields() {
        let stat = "4242 (a) R (b) S 1 4242 4242 0 -1 4194560 135 0 0 0 11 12 0 0 20 0 1 0 99 \
                    2580480 333 18446744073709551615 1 1 0 0 0 0 0 0 0";
        let usage = Usage { user_ticks: 11, system_ticks: 12, rss_pages: 333 };
        assert_eq!(parse(stat), Some(usage));
    }

    #[test]
    fn the_figures_of_this_process_are_plausible() {
        let mem = Resource {
            name: "mem".to_owned(),
            scalar: Some(value::Scalar { value: 32.0 }),
            ..Resource::default()
        };
        let resources = [mem.clone(), mem];
        let statistics = statistics(std::process::id(), &resources, 1.5);
        assert!(statistics.mem_rss_bytes.unwrap() > 100_000);
        assert_eq!(statistics.mem_limit_bytes, Some(64 << 20));
        assert_eq!((statistics.cpus_soft_limit, statistics.timestamp), (None, 1.5));
    }
}
