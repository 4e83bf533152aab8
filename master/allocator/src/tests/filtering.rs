// SPDX-License-Identifier: Apache-2.0

//! Suppressed roles, filters and their life, and when passes happen.

use std::{collections::BTreeSet, time::Duration};

use super::{Cluster, SECOND, names, resources, spec};
use crate::{Config, FrameworkKey, Recovery};

fn one_of_each() -> (Cluster, FrameworkKey) {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:2;mem:1024");
    (cluster, f1)
}

#[test]
fn a_declined_offer_comes_back_when_its_filter_ends_and_not_before() {
    let (mut cluster, _) = one_of_each();
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 5 * SECOND);
    assert_eq!(cluster.offers(), [""; 0]);
    let end = cluster.now + 5 * SECOND;
    let (wake, why) = cluster.allocator.poll_timeout().unwrap();
    assert_eq!(why, "offer filter expiry");
    assert!(wake <= end);
    cluster.now = end - Duration::from_millis(1);
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.now = end;
    assert_eq!(cluster.offers().len(), 1);
}

#[test]
fn a_filter_lives_for_one_allocation_interval_at_least() {
    for refuse in [Duration::ZERO, Duration::from_millis(10)] {
        let (mut cluster, _) = one_of_each();
        let offer = cluster.allocate().remove(0);
        cluster.decline(&offer, refuse);
        cluster.advance(SECOND / 2);
        assert_eq!(cluster.offers(), [""; 0], "{refuse:?}");
        cluster.advance(SECOND / 2);
        assert_eq!(cluster.offers().len(), 1, "{refuse:?}");
    }
}

#[test]
fn what_an_accepted_offer_leaves_comes_back_at_once_without_a_filter() {
    let (mut cluster, f1) = one_of_each();
    let offer = cluster.allocate().remove(0);
    let (used, rest) = (resources("cpus:1;mem:24"), resources("cpus:1;mem:1000"));
    cluster.allocator.accept(f1, offer.agent, "*", &used);
    let refuse = Duration::ZERO;
    let how = Recovery::Unused { refuse };
    cluster.allocator.recover(cluster.now, f1, offer.agent, "*", &rest, how);
    assert_eq!(cluster.offers(), ["f1 gets cpus:1; mem:1000 of a1"]);
}

#[test]
fn what_an_accepted_offer_leaves_is_filtered_like_a_declined_one() {
    let (mut cluster, f1) = one_of_each();
    let offer = cluster.allocate().remove(0);
    let (used, rest) = (resources("cpus:1;mem:24"), resources("cpus:1;mem:1000"));
    cluster.allocator.accept(f1, offer.agent, "*", &used);
    let how = Recovery::Unused { refuse: 5 * SECOND };
    cluster.allocator.recover(cluster.now, f1, offer.agent, "*", &rest, how);
    assert_eq!(cluster.offers(), [""; 0]);
    // More than was refused is another matter.
    cluster.allocator.recover(cluster.now, f1, offer.agent, "*", &used, Recovery::Freed);
    assert_eq!(cluster.offers(), ["f1 gets cpus:2; mem:1024 of a1"]);
}

#[test]
fn a_filter_keeps_away_every_subset_and_nothing_else() {
    let (mut cluster, f1) = one_of_each();
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 60 * SECOND);
    cluster.allocator.update_total(offer.agent, resources("cpus:1;mem:1024"));
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.allocator.update_total(offer.agent, resources("cpus:1;mem:1025"));
    assert_eq!(cluster.offers(), ["f1 gets cpus:1; mem:1025 of a1"]);
    assert_eq!(f1, offer.framework);
}

#[test]
fn a_filter_is_for_one_framework_one_role_and_one_agent() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["a", "b"]);
    cluster.agent("a1", "cpus:2;mem:1024");
    let first = cluster.allocate().remove(0);
    cluster.decline(&first, 60 * SECOND);
    let second = cluster.allocate().remove(0);
    assert_eq!((first.framework, first.agent), (second.framework, second.agent));
    assert_ne!(first.role, second.role);
    cluster.decline(&second, 60 * SECOND);
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.framework("f2", &["a"]);
    let third = cluster.allocate().remove(0);
    cluster.decline(&third, 60 * SECOND);
    cluster.agent("a2", "cpus:2;mem:1024");
    assert_eq!(cluster.offers().len(), 1);
}

#[test]
fn a_declined_offer_goes_to_the_next_framework_at_once() {
    let (mut cluster, _) = one_of_each();
    cluster.framework("f2", &["*"]);
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 5 * SECOND);
    let next = cluster.allocate().remove(0);
    assert_ne!(offer.framework, next.framework);
}

#[test]
fn revive_drops_filters_and_other_roles_keep_theirs() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a", "b"]);
    cluster.agent("a1", "cpus:2;mem:1024");
    for _ in 0..2 {
        let offer = cluster.allocate().remove(0);
        cluster.decline(&offer, 3600 * SECOND);
    }
    cluster.allocator.revive(f1, &names(&["b"]));
    let offers = cluster.allocate();
    assert_eq!(offers.iter().map(|offer| &*offer.role).collect::<Vec<_>>(), ["b"]);
    assert_eq!(
        cluster.allocator.statistics().filters.into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), 1)]
    );
}

#[test]
fn suppressed_roles_get_nothing_until_revived() {
    let mut cluster = Cluster::new();
    let f1 = cluster.framework("f1", &["a", "b"]);
    cluster.allocator.suppress(f1, &BTreeSet::new());
    cluster.agent("a1", "cpus:2;mem:1024");
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.allocator.revive(f1, &names(&["b"]));
    assert_eq!(&*cluster.allocate()[0].role, "b");
}

#[test]
fn what_was_to_be_considered_is_not_when_it_is_suppressed_or_inactive_by_then() {
    let (mut cluster, f1) = one_of_each();
    cluster.allocator.suppress(f1, &BTreeSet::new());
    assert_eq!(cluster.offers(), [""; 0]);
    // Other wishes of a suppressed framework change nothing either.
    let suppressed = names(&["*"]);
    let spec = crate::FrameworkSpec { suppressed, ..spec("f1", &["*"]) };
    cluster.allocator.update_framework(f1, spec);
    assert_eq!(cluster.offers(), [""; 0]);
    let f2 = cluster.framework("f2", &["*"]);
    cluster.allocator.deactivate_framework(f2);
    assert_eq!(cluster.offers(), [""; 0]);
}

#[test]
fn roles_suppressed_on_subscription_get_nothing() {
    let mut cluster = Cluster::new();
    let suppressed = names(&["a"]);
    let f1 = cluster.framework_with(crate::FrameworkSpec { suppressed, ..spec("f1", &["a"]) });
    cluster.agent("a1", "cpus:2;mem:1024");
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.allocator.update_framework(f1, spec("f1", &["a"]));
    assert_eq!(cluster.offers().len(), 1);
}

#[test]
fn a_deactivated_framework_gets_nothing_and_forgets_its_filters() {
    let (mut cluster, f1) = one_of_each();
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 3600 * SECOND);
    cluster.allocator.deactivate_framework(f1);
    cluster.agent("a2", "cpus:1;mem:64");
    assert_eq!(cluster.offers(), [""; 0]);
    cluster.allocator.activate_framework(f1);
    assert_eq!(cluster.offers().len(), 2);
}

#[test]
fn new_attributes_end_what_was_refused_of_an_agent() {
    let (mut cluster, _) = one_of_each();
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, 3600 * SECOND);
    let mut spec = super::agent_spec("a1");
    cluster.allocator.update_agent(offer.agent, spec.clone());
    assert_eq!(cluster.offers(), [""; 0]);
    let info = std::sync::Arc::make_mut(&mut spec.info);
    info.attributes.push(mesos_proto::v1::Attribute { name: "rack".into(), ..Default::default() });
    cluster.allocator.update_agent(offer.agent, spec);
    assert_eq!(cluster.offers().len(), 1);
}

#[test]
fn freed_resources_are_offered_at_once() {
    let (mut cluster, _) = one_of_each();
    let offer = cluster.allocate().remove(0);
    cluster.accept(&offer);
    cluster.advance(SECOND);
    cluster.give_back(&offer, Recovery::Freed);
    let now = cluster.now;
    let (wake, _) = cluster.allocator.poll_timeout().unwrap();
    assert!(wake <= now, "an idle allocator does not wait");
    assert_eq!(cluster.allocator.allocate(now).len(), 1);
}

#[test]
fn a_heavy_pass_is_followed_by_a_pause_and_a_light_one_is_not() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    for agent in 0..5000 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let offers = cluster.allocate();
    let pause_of = |cluster: &mut Cluster| {
        let (wake, _) = cluster.allocator.poll_timeout().unwrap();
        wake.since(cluster.now)
    };
    cluster.give_back(&offers[0], Recovery::Rescinded);
    let heavy = pause_of(&mut cluster);
    assert!(heavy >= Duration::from_millis(5) && heavy <= SECOND, "{heavy:?}");
    assert_eq!(cluster.allocator.allocate(cluster.now), []);
    assert_eq!(cluster.allocate().len(), 1);
    cluster.give_back(&offers[1], Recovery::Rescinded);
    let light = pause_of(&mut cluster);
    assert!(light < Duration::from_millis(1), "{light:?}");
}

#[test]
fn a_filter_that_ends_during_a_pause_is_waited_for_until_the_pause_is_over() {
    let mut cluster = Cluster::new();
    cluster.framework("f1", &["*"]);
    cluster.agent("first", "cpus:1;mem:64");
    let offer = cluster.allocate().remove(0);
    cluster.decline(&offer, SECOND);
    let end = cluster.now + SECOND;
    cluster.now = end - Duration::from_millis(1);
    for agent in 0..5000 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    assert_eq!(cluster.allocate().len(), 5000);
    let (wake, why) = cluster.allocator.poll_timeout().unwrap();
    assert_eq!(why, "offer filter expiry");
    assert!(wake > end);
    cluster.now = end;
    assert_eq!(cluster.allocate(), []);
    cluster.now = wake;
    assert_eq!(cluster.allocate().len(), 1);
}

#[test]
fn nothing_happens_while_paused_and_nothing_is_lost() {
    let mut cluster = Cluster::with(Config::default());
    cluster.allocator.pause();
    cluster.framework("f1", &["*"]);
    cluster.agent("a1", "cpus:2;mem:1024");
    assert_eq!(cluster.offers(), [""; 0]);
    assert_eq!(cluster.allocator.poll_timeout(), None);
    cluster.allocator.resume();
    assert_eq!(cluster.offers().len(), 1);
}
