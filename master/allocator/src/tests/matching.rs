// SPDX-License-Identifier: Apache-2.0

//! What may be offered to whom at all.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::resources::{Quantities, Resource, Resources, Scalar};
use mesos_proto::v1;

use super::{Cluster, agent_spec, names, resources, spec};
use crate::{AgentSpec, Capabilities, Config, FrameworkSpec, Recovery};

/// One JSON resource, which the text form cannot say.
fn json(text: &str) -> Resources {
    let resource: v1::Resource = mesos_proto::json::from_json(text.as_bytes()).unwrap();
    Resources::from_proto(&[resource])
}

fn capable(id: &str, capabilities: Capabilities) -> FrameworkSpec {
    FrameworkSpec { capabilities, ..spec(id, &["a"]) }
}

#[test]
fn reserved_resources_go_to_their_role_and_roles_below_it() {
    let mut cluster = Cluster::new();
    cluster.framework("other", &["other"]);
    cluster.framework("org", &["org"]);
    cluster.framework("sub", &["org/sub"]);
    cluster.agent("a1", "cpus(org):1;mem(org):64");
    cluster.agent("a2", "cpus(org/sub):1;mem(org/sub):64");
    let offers = cluster.allocate();
    assert_eq!(offers.len(), 2);
    assert!(offers.iter().all(|offer| offer.framework.0 != 0));
    let of_a2 = offers.iter().find(|offer| offer.agent.0 == 1).unwrap();
    assert_eq!(&*of_a2.role, "org/sub");
}

#[test]
fn one_agent_can_serve_several_roles_with_what_is_reserved_for_each() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["a"]);
    cluster.framework("f2", &["b"]);
    cluster.agent("a1", "cpus(a):1;mem(a):64;cpus(b):2;mem(b):128");
    let offers = cluster.offers();
    assert_eq!(offers.len(), 2, "{offers:?}");
    assert!(
        offers[0].starts_with("f1") && offers[0].contains("cpus(reservations: [(STATIC,a)]):1")
    );
    assert!(
        offers[1].starts_with("f2") && offers[1].contains("cpus(reservations: [(STATIC,b)]):2")
    );
}

#[test]
fn less_than_the_minimum_is_not_offered() {
    // By default a hundredth of a processor or 32 MB will do.
    for (total, offered) in [
        ("cpus:0.009;mem:31", false),
        ("cpus:0.01", true),
        ("mem:32", true),
        ("disk:1000;ports:[1-9]", false),
    ] {
        let mut cluster = Cluster::new();
        cluster.framework("f1", &["*"]);
        cluster.agent("a1", total);
        assert_eq!(cluster.offers().len(), usize::from(offered), "{total}");
    }
}

#[test]
fn without_a_minimum_anything_is_offered() {
    let mut cluster = Cluster::with(Config { min_allocatable: Vec::new(), ..Config::default() });
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "ports:[1-9]");
    assert_eq!(cluster.offers(), ["f1 gets ports:[1-9] of a1"]);
}

#[test]
fn a_framework_can_have_its_own_minimum_for_a_role() {
    let minimum = |text| vec![Quantities::parse(text).unwrap()];
    for (minimums, offered) in [
        (minimum("cpus:4"), false),
        (minimum("cpus:1;disk:1"), false),
        (minimum("cpus:1;ports:9"), true),
        (minimum("ports:10"), false),
        (Vec::new(), true),
    ] {
        let mut cluster = Cluster::new();
        let min_allocatable = BTreeMap::from([("a".to_owned(), minimums.clone())]);
        cluster.framework_with(FrameworkSpec { min_allocatable, ..spec("f1", &["a"]) });
        cluster.agent("a1", "cpus:2;mem:64;ports:[1-9]");
        assert_eq!(cluster.offers().len(), usize::from(offered), "{minimums:?}");
    }
}

#[test]
fn agents_with_gpus_are_for_frameworks_that_know_gpus() {
    for (filter_gpu_resources, gpu, offered) in
        [(true, false, false), (true, true, true), (false, false, true)]
    {
        let mut cluster = Cluster::with(Config { filter_gpu_resources, ..Config::default() });
        cluster.framework_with(capable("f1", Capabilities { gpu, ..Default::default() }));
        cluster.agent("a1", "cpus:2;mem:64;gpus:1");
        assert_eq!(cluster.offers().len(), usize::from(offered));
    }
}

#[test]
fn agents_of_another_region_are_for_frameworks_that_know_regions() {
    let domain = |region: &str| v1::DomainInfo {
        fault_domain: Some(v1::domain_info::FaultDomain {
            region: v1::domain_info::fault_domain::RegionInfo { name: region.to_owned() },
            zone: v1::domain_info::fault_domain::ZoneInfo { name: "z".to_owned() },
        }),
    };
    for (region, region_aware, offered) in
        [("here", false, true), ("there", false, false), ("there", true, true)]
    {
        let mut cluster =
            Cluster::with(Config { region: Some("here".to_owned()), ..Config::default() });
        cluster.framework_with(capable("f1", Capabilities { region_aware, ..Default::default() }));
        let mut agent = agent_spec("a1");
        Arc::make_mut(&mut agent.info).domain = Some(domain(region));
        cluster.agent_with(agent, resources("cpus:2;mem:64"));
        assert_eq!(cluster.offers().len(), usize::from(offered), "{region} {region_aware}");
    }
}

#[test]
fn old_agents_are_kept_from_frameworks_and_roles_they_do_not_understand() {
    for (multi_role, hierarchical_role, role, offered) in [
        (true, true, "a/b", true),
        (false, true, "a", false),
        (true, false, "a", true),
        (true, false, "a/b", false),
    ] {
        let mut cluster = Cluster::new();
        cluster.framework("f1", &[role]);
        let agent = AgentSpec { multi_role, hierarchical_role, ..agent_spec("a1") };
        cluster.agent_with(agent, resources("cpus:2;mem:64"));
        assert_eq!(cluster.offers().len(), usize::from(offered), "{multi_role} {role}");
    }
}

#[test]
fn revocable_resources_are_for_frameworks_that_know_them() {
    let total = resources("cpus:1;mem:64")
        + &json(r#"{"name":"cpus","type":"SCALAR","scalar":{"value":3},"revocable":{}}"#);
    for (revocable, cpus) in [(false, 1000), (true, 4000)] {
        let mut cluster = Cluster::new();
        cluster.framework_with(capable("f1", Capabilities { revocable, ..Default::default() }));
        cluster.agent_with(agent_spec("a1"), total.clone());
        let offer = cluster.allocate().remove(0);
        assert_eq!(offer.resources.cpus(), Some(Scalar::from_thousandths(cpus)));
    }
}

#[test]
fn refined_reservations_are_for_frameworks_that_know_them() {
    let total = resources("cpus:1;mem:64")
        + &json(
            r#"{"name":"cpus","type":"SCALAR","scalar":{"value":3},"reservations":[
                {"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}"#,
        );
    for (refinement, cpus) in [(false, 1000), (true, 4000)] {
        let mut cluster = Cluster::new();
        let capabilities = Capabilities { refinement, ..Default::default() };
        cluster.framework_with(FrameworkSpec { capabilities, ..spec("f1", &["a/b"]) });
        cluster.agent_with(agent_spec("a1"), total.clone());
        let offer = cluster.allocate().remove(0);
        assert_eq!(offer.resources.cpus(), Some(Scalar::from_thousandths(cpus)));
    }
}

fn shared_volume() -> Resources {
    json(
        r#"{"name":"disk","type":"SCALAR","scalar":{"value":10},"shared":{},
            "reservations":[{"type":"DYNAMIC","role":"a"}],
            "disk":{"persistence":{"id":"v"},"volume":{"container_path":"p","mode":"RW"}}}"#,
    )
}

#[test]
fn shared_resources_are_offered_again_while_in_use_and_counted_once() {
    let mut cluster = Cluster::new();
    let capabilities = Capabilities { shared: true, ..Default::default() };
    let f1 = cluster.framework_with(capable("f1", capabilities));
    let a1 = cluster.agent_with(agent_spec("a1"), resources("cpus:2;mem:64") + &shared_volume());
    let offer = cluster.allocate().remove(0);
    assert!(offer.resources.iter().any(Resource::is_shared));
    // A task uses half of the cpus and the volume; the rest is given back.
    let used = resources("cpus:1;mem:32") + &shared_volume();
    let rest = resources("cpus:1;mem:32");
    cluster.allocator.accept(f1, a1, "a", &used);
    cluster.allocator.recover(cluster.now, f1, a1, "a", &rest, Recovery::Rescinded);
    let again = cluster.allocate().remove(0);
    assert!(again.resources.iter().any(Resource::is_shared));
    assert_eq!(cluster.allocator.statistics().allocated.to_string(), "cpus:2; disk:10; mem:64");
    // Alone it makes no offer.
    cluster.accept(&again);
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.check();
}

#[test]
fn shared_resources_are_for_frameworks_that_know_them() {
    let mut cluster = Cluster::new();
    cluster.framework_with(capable("f1", Capabilities::default()));
    cluster.agent_with(agent_spec("a1"), resources("cpus:2;mem:64") + &shared_volume());
    assert!(!cluster.allocate()[0].resources.iter().any(Resource::is_shared));
}

#[test]
fn only_whitelisted_and_active_agents_are_offered() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    cluster.allocator.set_whitelist(Some(names(&["a1", "a2"])));
    let a1 = cluster.agent("a1", "cpus:1;mem:64");
    cluster.agent("a2", "cpus:2;mem:64");
    cluster.agent("a3", "cpus:3;mem:64");
    cluster.allocator.deactivate_agent(a1);
    assert_eq!(cluster.offers(), ["f1 gets cpus:2; mem:64 of a2"]);
    cluster.allocator.activate_agent(a1);
    assert_eq!(cluster.offers(), ["f1 gets cpus:1; mem:64 of a1"]);
    cluster.allocator.set_whitelist(None);
    assert_eq!(cluster.offers(), ["f1 gets cpus:3; mem:64 of a3"]);
}

#[test]
fn an_agent_that_shrinks_below_what_is_used_gives_nothing_until_that_is_over() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    let a1 = cluster.agent("a1", "cpus:4;mem:400");
    let offer = cluster.allocate().remove(0);
    cluster.accept(&offer);
    cluster.allocator.update_total(a1, resources("cpus:1;mem:100"));
    let give = |cluster: &mut Cluster, text| {
        let resources = resources(text);
        let (now, how) = (cluster.now, Recovery::Freed);
        cluster.allocator.recover(now, offer.framework, a1, "*", &resources, how);
    };
    give(&mut cluster, "cpus:2;mem:200");
    assert_eq!(cluster.offers(), [""; 0]);
    give(&mut cluster, "cpus:2;mem:200");
    assert_eq!(cluster.offers(), ["f1 gets cpus:1; mem:100 of a1"]);
}

/// What a confused agent may report; Mesos's own master aborts on the like.
#[test]
fn ports_that_two_tasks_use_at_once_are_given_back_by_both() {
    for same_framework in [true, false] {
        let mut cluster = Cluster::new();
        let f1 = cluster.framework("f1", &["*"]);
        let f2 = if same_framework { f1 } else { cluster.framework("f2", &["*"]) };
        let a1 = cluster.agent("a1", "cpus:2;mem:64;ports:[1-9]");
        cluster.allocator.deactivate_agent(a1);
        let role = "*";
        for (framework, used) in [(f1, "ports:[1-2]"), (f2, "cpus:1;ports:[2-3]")] {
            cluster.allocator.use_resources(framework, a1, role, &resources(used));
        }
        cluster.check();
        let free = |cluster: &mut Cluster, framework, used| {
            let (now, used) = (cluster.now, resources(used));
            cluster.allocator.recover(now, framework, a1, role, &used, Recovery::Freed);
            cluster.check();
        };
        free(&mut cluster, f2, "cpus:1;ports:[2-3]");
        free(&mut cluster, f1, "ports:[1-2]");
        let (total, available) = cluster.allocator.agent_resources(a1).unwrap();
        assert_eq!(total, available);
    }
}

#[test]
fn a_port_in_use_twice_is_not_free_before_both_are_done() {
    let mut cluster = Cluster::new();
    let (f1, f2) = (cluster.framework("f1", &["*"]), cluster.framework("f2", &["*"]));
    let a1 = cluster.agent("a1", "cpus:2;mem:64;ports:[1-9]");
    for framework in [f1, f2] {
        cluster.allocator.use_resources(framework, a1, "*", &resources("ports:[2-2]"));
    }
    let (now, port) = (cluster.now, resources("ports:[2-2]"));
    cluster.allocator.recover(now, f1, a1, "*", &port, Recovery::Freed);
    cluster.check();
    let (_, available) = cluster.allocator.agent_resources(a1).unwrap();
    assert_eq!(available.to_string(), "cpus:2; mem:64; ports:[1-1, 3-9]");
}

#[test]
fn an_operation_turns_offered_resources_into_others_for_good() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a"]);
    let a1 = cluster.agent("a1", "cpus:4;mem:400");
    let offer = cluster.allocate().remove(0);
    let (from, to) = (resources("cpus:1"), resources("cpus(a):1"));
    cluster.allocator.convert(f1, a1, "a", &from, &to);
    let rest = resources("cpus:3;mem:400;cpus(a):1");
    cluster.allocator.recover(cluster.now, f1, a1, "a", &rest, Recovery::Rescinded);
    assert_eq!(offer.agent, a1);
    assert_eq!(cluster.allocator.agent_resources(a1).unwrap().0, &rest);
    cluster.allocator.deactivate_framework(f1);
    cluster.framework("f2", &["b"]);
    assert_eq!(cluster.offers(), ["f2 gets cpus:3; mem:400 of a1"]);
}
