// SPDX-License-Identifier: Apache-2.0

//! What the allocator says about itself.

use std::collections::BTreeSet;

use super::{Cluster, SECOND, names, spec};
use crate::{Capabilities, Config, FrameworkSpec};

#[test]
fn a_framework_without_agents_is_told_so() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["*"]);
    let explanation = cluster.allocator.explain(cluster.now, f1, "*");
    assert_eq!(explanation.summary, "There are no agents.");
}

#[test]
fn suppressed_inactive_and_foreign_roles_are_named_first() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a"]);
    cluster.agent("a1", "cpus:1;mem:64");
    let summary =
        |cluster: &mut Cluster, role| cluster.allocator.explain(cluster.now, f1, role).summary;
    assert_eq!(summary(&mut cluster, "b"), "The framework is not subscribed to role 'b'.");
    cluster.allocator.suppress(f1, &BTreeSet::new());
    assert_eq!(
        summary(&mut cluster, "a"),
        "The framework suppressed offers for role 'a'; REVIVE undoes that."
    );
    cluster.allocator.deactivate_framework(f1);
    assert_eq!(
        summary(&mut cluster, "a"),
        "The framework is not connected, or not active: it gets no offers."
    );
}

#[test]
fn every_agent_is_counted_by_what_is_in_the_way() {
    let mut cluster = Cluster::with(Config { region: Some("here".into()), ..Config::default() });
    let f1 = cluster.framework("f1", &["*"]);
    cluster.agent("declined", "cpus:1;mem:64");
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 30 * SECOND);
    cluster.agent("small", "cpus:0.001;mem:1");
    cluster.agent("gpus", "cpus:1;mem:64;gpus:2");
    cluster.agent("foreign", "cpus(other):1;mem(other):64");
    let inactive = cluster.agent("inactive", "cpus:1;mem:64");
    cluster.allocator.deactivate_agent(inactive);
    cluster.advance(10 * SECOND);
    assert_eq!(cluster.offers(), [""; 0]);
    let explanation = cluster.allocator.explain(cluster.now, f1, "*");
    assert_eq!(
        explanation.summary,
        "No agent has anything for it: 1 of 5 because of 'agent_has_gpus'; the first filter \
         ends in 20.0 s."
    );
    insta::assert_debug_snapshot!(explanation.obstacles, @r#"
    {
        "agent_has_gpus": 1,
        "agent_inactive": 1,
        "below_minimum": 1,
        "nothing_available": 1,
        "refused": 1,
    }
    "#);
    assert_eq!(explanation.next_filter_expires_in_seconds, Some(20.0));
    assert_eq!(explanation.last_filter_expires_in_seconds, Some(20.0));
}

#[test]
fn those_with_a_better_claim_are_named() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a"]);
    cluster.agent("a1", "cpus:1;mem:64");
    cluster.allocate();
    cluster.framework("f2", &["b"]);
    cluster.framework_with(FrameworkSpec {
        capabilities: Capabilities::default(),
        ..spec("f3", &["b"])
    });
    cluster.allocator.set_whitelist(Some(names(&[])));
    cluster.agent("a2", "cpus:3;mem:192");
    cluster.offers();
    cluster.allocator.set_whitelist(None);
    let explanation = cluster.allocator.explain(cluster.now, f1, "a");
    assert_eq!(
        explanation.summary,
        "Resources of 1 of 2 agents wait to be offered; 2 others are asked first."
    );
    assert_eq!(explanation.fair_share.dominant_share, 0.25);
    let ahead: Vec<&str> =
        explanation.fair_share.ahead.iter().map(|other| &*other.framework_id).collect();
    assert_eq!(ahead, ["f2", "f3"]);
}
