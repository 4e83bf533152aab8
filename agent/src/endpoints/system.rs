// SPDX-License-Identifier: Apache-2.0

//! The machine's numbers, `system/…`.

use std::fs;

use crate::machine;

/// Names and values; what cannot be found out is left out.
pub(super) fn metrics() -> Vec<(&'static str, f64)> {
    let loads = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut loads = loads.split_ascii_whitespace().map(|load| load.parse::<f64>().ok());
    let mut load = || loads.next().flatten();
    let (one, five, fifteen) = (load(), load(), load());
    let cpus = std::thread::available_parallelism().ok().map(|count| count.get() as f64);
    [
        ("system/cpus_total", cpus),
        ("system/load_15min", fifteen),
        ("system/load_1min", one),
        ("system/load_5min", five),
        ("system/mem_free_bytes", machine::free_memory().map(|bytes| bytes as f64)),
        ("system/mem_total_bytes", machine::memory().map(|bytes| bytes as f64)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
