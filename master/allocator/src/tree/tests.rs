// SPDX-License-Identifier: Apache-2.0

use std::collections::BTreeSet;

use mesos_core::{
    resources::{Name, Quantities, Scalar},
    rng::Rng,
};

use super::{ClientIndex, Tree};
use crate::spec::FrameworkKey;

fn cpus(amount: i64) -> Quantities {
    Quantities::from_iter([(Name::Cpus, Scalar::from_thousandths(amount * 1000))])
}

fn tree(weights: &[(&str, f64)]) -> Tree {
    let weights: Vec<(String, f64)> =
        weights.iter().map(|(role, weight)| ((*role).to_owned(), *weight)).collect();
    let mut tree = Tree::new(&weights, &BTreeSet::new());
    tree.change_total(&Quantities::new(), &cpus(100));
    tree.refresh();
    tree
}

fn add(tree: &mut Tree, role: &str, id: &str) -> ClientIndex {
    let client = tree.add_client(FrameworkKey(0), id.into(), role);
    tree.set_active(client, true);
    client
}

fn order(tree: &Tree) -> Vec<String> {
    let mut order = Vec::new();
    tree.find(|index| {
        let client = tree.client(index);
        order.push(format!("{}:{}", client.path, client.id));
        None::<()>
    });
    order
}

#[test]
fn clients_come_by_share_then_grants_then_name() {
    let mut tree = tree(&[]);
    let clients: Vec<ClientIndex> =
        ["c", "a", "b"].iter().map(|id| add(&mut tree, "r", id)).collect();
    assert_eq!(order(&tree), ["r:a", "r:b", "r:c"]);
    tree.grant(clients[1], &cpus(2));
    assert_eq!(order(&tree), ["r:b", "r:c", "r:a"]);
    tree.release(clients[1], &cpus(2));
    assert_eq!(order(&tree), ["r:b", "r:c", "r:a"], "a has been chosen before");
    tree.grant(clients[0], &cpus(1));
    tree.grant(clients[2], &cpus(3));
    assert_eq!(order(&tree), ["r:a", "r:c", "r:b"]);
    tree.check();
}

#[test]
fn roles_come_by_the_share_of_their_subtree_over_their_weight() {
    let mut tree = tree(&[("a", 3.0)]);
    let own = add(&mut tree, "a", "own");
    let below = add(&mut tree, "a/x", "below");
    let other = add(&mut tree, "b", "other");
    tree.grant(own, &cpus(2));
    tree.grant(below, &cpus(3));
    tree.grant(other, &cpus(2));
    // 5/3 of a hundredth against 2; inside of a, 2 against 3.
    assert_eq!(order(&tree), ["a:own", "a/x:below", "b:other"]);
    tree.grant(own, &cpus(2));
    assert_eq!(order(&tree), ["b:other", "a/x:below", "a:own"]);
    tree.check();
}

#[test]
fn inactive_clients_are_passed_over_but_still_count() {
    let mut tree = tree(&[]);
    let idle = add(&mut tree, "a", "idle");
    add(&mut tree, "a", "busy");
    add(&mut tree, "b", "other");
    tree.grant(idle, &cpus(5));
    tree.set_active(idle, false);
    assert_eq!(order(&tree), ["b:other", "a:busy"]);
    tree.set_active(idle, true);
    assert_eq!(order(&tree), ["b:other", "a:busy", "a:idle"]);
}

#[test]
fn roles_without_clients_vanish_with_their_empty_ancestors() {
    let mut tree = tree(&[]);
    let deep = add(&mut tree, "a/b/c", "f");
    assert_eq!(tree.roles.iter().flatten().count(), 4);
    tree.remove_client(deep);
    assert_eq!(tree.roles.iter().flatten().count(), 1);
    assert!(order(&tree).is_empty());
    add(&mut tree, "a/b", "g");
    assert_eq!(order(&tree), ["a/b:g"]);
    tree.check();
}

#[test]
fn a_role_of_absurd_depth_is_only_slow() {
    let mut tree = tree(&[]);
    let path = vec!["x"; 20_000].join("/");
    let deep = add(&mut tree, &path, "f");
    add(&mut tree, "x", "g");
    tree.grant(deep, &cpus(1));
    assert_eq!(order(&tree).len(), 2);
    tree.release(deep, &cpus(1));
    tree.remove_client(deep);
}

#[test]
fn the_order_kept_is_the_order_of_sorting_anew() {
    let roles = ["a", "a/b", "a/b/c", "a/d", "e", "e/f", "*"];
    let mut rng = Rng::new(5);
    let mut tree = tree(&[("a", 2.0), ("e/f", 0.5)]);
    let clients: Vec<ClientIndex> =
        (0..60).map(|at| add(&mut tree, roles[at % roles.len()], &format!("f{at}"))).collect();
    let mut held = vec![0i64; clients.len()];
    for round in 0..3000 {
        let at = rng.below(clients.len() as u64) as usize;
        match rng.below(10) {
            0 => tree.set_active(clients[at], false),
            1 => tree.set_active(clients[at], true),
            2..=5 if held[at] > 0 => {
                let less = 1 + rng.below(held[at] as u64) as i64;
                held[at] -= less;
                tree.release(clients[at], &cpus(less));
            }
            _ => {
                let more = 1 + rng.below(4) as i64;
                held[at] += more;
                tree.grant(clients[at], &cpus(more));
            }
        }
        if round % 100 == 0 {
            tree.change_total(&Quantities::new(), &cpus(7));
            tree.refresh();
        }
        tree.check();
        let mut pairwise: Vec<ClientIndex> = tree.active().iter().map(ClientIndex).collect();
        pairwise.sort_by(|a, b| tree.compare(*a, *b));
        let mut walked = Vec::new();
        tree.find(|client| {
            walked.push(client);
            None::<()>
        });
        assert_eq!(pairwise, walked);
    }
}

#[test]
fn ids_in_any_order_of_arrival_sort_by_name() {
    // Each arrives between the two that came before it, until there is no gap left.
    let mut tree = tree(&[]);
    let (mut low, mut high) = (0u64, 1 << 60);
    let mut ids = Vec::new();
    for turn in 0..58 {
        let middle = low + (high - low) / 2;
        ids.push(format!("{middle:020}"));
        add(&mut tree, "r", ids.last().unwrap());
        if turn % 2 == 0 {
            low = middle
        } else {
            high = middle
        }
        tree.check();
    }
    ids.sort();
    let expected: Vec<String> = ids.iter().map(|id| format!("r:{id}")).collect();
    assert_eq!(order(&tree), expected);
}
