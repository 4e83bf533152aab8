// SPDX-License-Identifier: Apache-2.0

//! Who comes first.

use super::{Cluster, names, resources, spec};
use crate::{Config, Recovery};

#[test]
fn a_lone_framework_gets_every_agent_whole() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:2;mem:1024;ports:[31000-32000]");
    cluster.agent("a2", "cpus:4;mem:512;disk:100");
    assert_eq!(
        cluster.offers(),
        [
            "f1 gets cpus:2; mem:1024; ports:[31000-32000] of a1",
            "f1 gets cpus:4; mem:512; disk:100 of a2",
        ]
    );
    assert_eq!(cluster.allocator.poll_timeout(), None);
}

#[test]
fn the_offer_says_which_role_it_is_for() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["web"]);
    cluster.agent("a1", "cpus:1;mem:64");
    let allocations = cluster.allocate();
    assert_eq!(&*allocations[0].role, "web");
    assert!(allocations[0].resources.iter().all(|r| r.allocation_role() == Some("web")));
}

#[test]
fn equal_frameworks_take_turns() {
    let mut cluster = Cluster::new();
    for framework in ["f1", "f2", "f3"] {
        cluster.framework(framework, &["*"]);
    }
    for agent in 0..9 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let allocations = cluster.allocate();
    for framework in 0..3 {
        let of_it = allocations.iter().filter(|a| a.framework.0 == framework).count();
        assert_eq!(of_it, 3, "framework {framework}");
    }
}

#[test]
fn the_dominant_share_decides_and_not_the_first_resource() {
    // After one agent each, f1 has 1/10 of the cpus but 8/20 of the memory.
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:1;mem:8000");
    cluster.agent("filler", "cpus:7;mem:10000");
    cluster.allocator.deactivate_agent(crate::AgentKey(1));
    cluster.allocate();
    cluster.framework("f2", &["*"]);
    cluster.agent("a2", "cpus:1;mem:1000");
    assert_eq!(cluster.offers(), ["f2 gets cpus:1; mem:1000 of a2"]);
    cluster.agent("a3", "cpus:1;mem:1000");
    assert_eq!(cluster.offers(), ["f2 gets cpus:1; mem:1000 of a3"]);
}

#[test]
fn a_role_of_double_weight_gets_twice_as_much() {
    let weights = vec![("heavy".to_owned(), 2.0)];
    let mut cluster = Cluster::with(Config { weights, ..Config::default() });
    cluster.framework("f1", &["heavy"]);
    cluster.framework("f2", &["light"]);
    for agent in 0..30 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let allocations = cluster.allocate();
    assert_eq!(allocations.iter().filter(|a| &*a.role == "heavy").count(), 20);
}

#[test]
fn weights_can_change_between_passes() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["a"]);
    cluster.framework("f2", &["b"]);
    cluster.allocator.set_weight("b", 4.0);
    for agent in 0..10 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let allocations = cluster.allocate();
    assert_eq!(allocations.iter().filter(|a| &*a.role == "b").count(), 8);
}

#[test]
fn siblings_share_what_their_parent_gets() {
    // `org` competes with `solo` as a whole, then `org/a` with `org/b`.
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["org/a"]);
    cluster.framework("f2", &["org/b"]);
    cluster.framework("f3", &["solo"]);
    for agent in 0..16 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let allocations = cluster.allocate();
    let of = |role: &str| allocations.iter().filter(|a| &*a.role == role).count();
    assert_eq!((of("org/a"), of("org/b"), of("solo")), (4, 4, 8));
}

#[test]
fn a_parent_competes_with_its_children_for_their_common_part() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["org"]);
    cluster.framework("f2", &["org/a"]);
    for agent in 0..8 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let allocations = cluster.allocate();
    assert_eq!(allocations.iter().filter(|a| &*a.role == "org").count(), 4);
}

#[test]
fn excluded_resources_do_not_count_as_share() {
    let fair_sharing_excluded = names(&["gpus"]);
    let config = Config { fair_sharing_excluded, filter_gpu_resources: false, ..Config::default() };
    let mut cluster = Cluster::with(config);
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:1;mem:64;gpus:4");
    cluster.allocate();
    cluster.framework("f2", &["*"]);
    cluster.agent("a2", "cpus:4;mem:256");
    assert_eq!(cluster.offers(), ["f2 gets cpus:4; mem:256 of a2"]);
    // f1 has all gpus but only a fifth of the rest.
    cluster.agent("a3", "cpus:1;mem:64");
    assert_eq!(cluster.offers(), ["f1 gets cpus:1; mem:64 of a3"]);
}

#[test]
fn used_resources_count_like_offered_ones() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:2;mem:128");
    let allocations = cluster.allocate();
    cluster.accept(&allocations[0]);
    cluster.framework("f2", &["*"]);
    cluster.agent("a2", "cpus:1;mem:64");
    assert_eq!(cluster.offers(), ["f2 gets cpus:1; mem:64 of a2"]);
    cluster.give_back(&allocations[0], Recovery::Freed);
    assert_eq!(cluster.offers(), ["f1 gets cpus:2; mem:128 of a1"]);
}

#[test]
fn removing_a_framework_frees_what_it_held() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a", "b"]);
    cluster.agent("a1", "cpus:2;mem:128");
    cluster.agent("a2", "cpus:2;mem:128");
    let allocations = cluster.allocate();
    cluster.accept(&allocations[0]);
    cluster.allocator.remove_framework(f1);
    // What is still in flight for it changes nothing.
    cluster.give_back(&allocations[1], Recovery::Rescinded);
    cluster.framework("f2", &["*"]);
    assert_eq!(cluster.offers().len(), 2);
}

#[test]
fn removing_an_agent_takes_what_was_held_on_it() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    let a1 = cluster.agent("a1", "cpus:2;mem:128");
    let allocations = cluster.allocate();
    cluster.allocator.remove_agent(a1);
    cluster.give_back(&allocations[0], Recovery::Rescinded);
    assert!(cluster.allocator.statistics().allocated.is_empty());
    assert!(cluster.allocator.statistics().total.is_empty());
    assert_eq!(cluster.offers(), [""; 0]);
}

#[test]
fn a_framework_that_left_a_role_keeps_its_tasks_there_but_gets_no_offers() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a"]);
    cluster.agent("a1", "cpus:2;mem:128");
    let allocations = cluster.allocate();
    cluster.accept(&allocations[0]);
    cluster.allocator.update_framework(f1, spec("f1", &["b"]));
    assert_eq!(cluster.allocator.statistics().allocated.to_string(), "cpus:2; mem:128");
    cluster.give_back(&allocations[0], Recovery::Freed);
    let allocations = cluster.allocate();
    assert_eq!(allocations.iter().map(|a| &*a.role).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_an_agent_brings_along_counts_from_the_start() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["*"]);
    let used =
        crate::Usage { framework: f1, role: "*".to_owned(), resources: resources("cpus:1;mem:32") };
    let total = resources("cpus:2;mem:96");
    cluster.allocator.add_agent(crate::AgentKey(7), super::agent_spec("a7"), total, &[used], true);
    let allocations = cluster.allocate();
    assert_eq!(allocations[0].resources.unallocated(), resources("cpus:1;mem:64"));
}
