// SPDX-License-Identifier: Apache-2.0

//! Tests of the parts that need no running master.

use std::time::Duration;

use super::{Timers, Values};

#[test]
fn a_timer_without_samples_has_no_metrics() {
    let mut values = Values::new();
    Timers::default().add(&mut values);
    assert!(values.is_empty());
}

#[test]
fn percentiles_lie_between_the_smallest_and_the_largest_sample() {
    let mut timers = Timers::default();
    for millis in (1..=1500).rev() {
        timers.state_store.add(Duration::from_millis(millis));
    }
    let mut values = Values::new();
    timers.add(&mut values);
    let value = |part: &str| values[&format!("registrar/state_store_ms{part}")];
    assert_eq!(value("/count"), 1000.0);
    assert_eq!(value(""), 1.0);
    assert_eq!((value("/min"), value("/max")), (1.0, 1000.0));
    assert!((value("/p50") - 500.5).abs() < 1e-9);
    assert!(value("/p99") < value("/p999") && value("/p9999") <= value("/max"));
}
