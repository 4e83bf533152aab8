// SPDX-License-Identifier: Apache-2.0

//! `system/…`: the machine, as `/proc` describes it.

use std::{fs, thread};

use super::Values;

/// Adds load, memory and processors. What cannot be read is left out, as in Mesos.
pub(super) fn add(values: &mut Values) {
    if let Ok(count) = thread::available_parallelism() {
        values.insert("system/cpus_total".to_owned(), count.get() as f64);
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let names = ["system/load_1min", "system/load_5min", "system/load_15min"];
    for (name, text) in names.into_iter().zip(load.split_whitespace()) {
        if let Ok(value) = text.parse() {
            values.insert(name.to_owned(), value);
        }
    }
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    for line in memory.lines() {
        let name = match line.split_once(':') {
            Some(("MemTotal", _)) => "system/mem_total_bytes",
            Some(("MemFree", _)) => "system/mem_free_bytes",
            Some(_) | None => continue,
        };
        let kilobytes = line.split_whitespace().nth(1).and_then(|text| text.parse::<f64>().ok());
        if let Some(kilobytes) = kilobytes {
            values.insert(name.to_owned(), kilobytes * 1024.0);
        }
    }
}
