// SPDX-License-Identifier: Apache-2.0

//! The algebra of resources: what `Resources_*_BENCHMARK_Test` of Mesos does,
//! each operation for itself.

use std::hint::black_box;

use mesos_core::resources::{Quantities, Resources};

use crate::meter::Meter;

/// Operations for each figure.
const OPERATIONS: usize = 1_000;
/// Roles that have reserved something, in the fat case.
const RESERVATIONS: usize = 1_000;

fn parsed(text: &str) -> Resources {
    Resources::parse(text, "*").expect("the text is valid")
}

/// An agent's, a task's, and those of a fat agent with many reservations.
struct Given {
    agent: Resources,
    task: Resources,
    fat: Resources,
    one_role: Resources,
}

fn given() -> Given {
    let reservations: Vec<String> =
        (0..RESERVATIONS).map(|role| format!("cpus(role-{role}):1;mem(role-{role}):128")).collect();
    Given {
        agent: parsed("cpus:64;mem:500000;disk:1000000;gpus:8;ports:[31000-32000]"),
        task: parsed("cpus:0.1;mem:32;ports:[31005-31007]"),
        fat: parsed(&reservations.join(";")),
        one_role: parsed("cpus(role-500):1;mem(role-500):128"),
    }
}

/// Measures all of it.
pub fn run(meter: &mut Meter) {
    let given = given();
    arithmetic(&given, meter);
    search(&given, meter);
    text(meter);
    let every_other: Vec<String> = (0..1_000).map(|it| format!("{0}-{0}", it * 2)).collect();
    let holes = parsed(&format!("ports:[{}]", every_other.join(",")));
    let block = parsed("ports:[0-2000]");
    meter.measure("ranges-minus-1000-holes", 1, || {
        black_box(black_box(&block) - &holes);
    });
    meter.measure("ranges-plus-1000-holes", 1, || {
        black_box(black_box(&block) + &holes);
    });
    meter.measure("ranges-contain-1000-holes", 1, || {
        assert!(black_box(&block).contains(&holes));
    });
}

fn arithmetic(given: &Given, meter: &mut Meter) {
    let mut left = given.agent.clone();
    meter.measure("subtract-task", OPERATIONS, || {
        for _ in 0..OPERATIONS / 2 {
            left -= black_box(&given.task);
            left += black_box(&given.task);
        }
    });
    assert_eq!(left, given.agent);
    let mut fat = given.fat.clone();
    meter.measure("subtract-one-of-1000-reservations", OPERATIONS, || {
        for _ in 0..OPERATIONS / 2 {
            fat -= black_box(&given.one_role);
            fat += black_box(&given.one_role);
        }
    });
    let mut sum = Quantities::new();
    let task = given.task.quantities();
    meter.measure("quantities-add", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            sum += black_box(&task);
        }
    });
    meter.measure("clone", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            black_box(black_box(&given.agent).clone());
        }
    });
}

fn search(given: &Given, meter: &mut Meter) {
    meter.measure("contains-task", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            assert!(black_box(&given.agent).contains(&given.task));
        }
    });
    meter.measure("contains-one-of-1000-reservations", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            assert!(black_box(&given.fat).contains(&given.one_role));
        }
    });
    meter.measure("filter-1000-reservations", 1, || {
        let found = given.fat.filter(|it| it.name().as_str() == "cpus");
        assert_eq!(found.len(), RESERVATIONS);
    });
    meter.measure("allocate-and-unallocate", OPERATIONS, || {
        for _ in 0..OPERATIONS / 2 {
            black_box(black_box(&given.agent).allocated("role").unallocated());
        }
    });
    let proto = given.agent.to_proto();
    meter.measure("from-proto", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            black_box(Resources::from_proto(black_box(&proto)));
        }
    });
    meter.measure("to-proto", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            black_box(black_box(&given.agent).to_proto());
        }
    });
}

fn text(meter: &mut Meter) {
    let text = "cpus:64;mem:500000;disk:1000000;gpus:8;ports:[31000-32000,33000-34000]";
    meter.measure("parse", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            black_box(parsed(black_box(text)));
        }
    });
    let resources = parsed(text);
    meter.measure("print", OPERATIONS, || {
        for _ in 0..OPERATIONS {
            black_box(black_box(&resources).to_string());
        }
    });
}
