// SPDX-License-Identifier: Apache-2.0

//! What can be added and subtracted, and what cannot.

use super::*;

/// A disk of `amount` with this `disk` and these further fields.
fn disk(amount: u32, disk: &str, rest: &str) -> String {
    format!(
        r#"{{"name":"disk","type":"SCALAR","scalar":{{"value":{amount}}},"disk":{disk}{rest}}}"#
    )
}

fn sum(left: &str, right: &str) -> Resources {
    resources(&[left, right])
}

#[test]
fn disks_of_their_own_are_not_merged_or_divided() {
    for source in [
        r#"{"source":{"type":"MOUNT","mount":{"root":"/m"}}}"#,
        r#"{"source":{"type":"BLOCK","id":"b"}}"#,
        r#"{"source":{"type":"RAW","id":"r"}}"#,
        r#"{"persistence":{"id":"v"}}"#,
    ] {
        let (large, small) = (disk(10, source, ""), disk(4, source, ""));
        assert_eq!(sum(&large, &small).len(), 2, "{source}");
        assert!(!resources(&[&large]).contains(&resources(&[&small])), "{source}");
        assert_eq!(resources(&[&large]) - &resources(&[&small]), resources(&[&large]), "{source}");
        assert!((resources(&[&large]) - &resources(&[&large])).is_empty());
        let twice = sum(&large, &large);
        assert!(!resources(&[&large]).contains(&twice), "{source}");
        assert!(twice.contains(&resources(&[&large])), "{source}");
    }
}

#[test]
fn parts_of_a_path_or_of_nameless_raw_space_are_merged() {
    for source in [
        r#"{"source":{"type":"PATH","path":{"root":"/a"}}}"#,
        r#"{"source":{"type":"RAW","profile":"fast"}}"#,
    ] {
        let merged = sum(&disk(10, source, ""), &disk(4, source, ""));
        assert_eq!(merged.len(), 1, "{source}");
        assert_eq!(merged, resources(&[&disk(14, source, "")]));
    }
    let (a, b) = (
        disk(1, r#"{"source":{"type":"PATH","path":{"root":"/a"}}}"#, ""),
        disk(1, r#"{"source":{"type":"PATH","path":{"root":"/b"}}}"#, ""),
    );
    assert_eq!(sum(&a, &b).len(), 2);
}

#[test]
fn the_use_of_a_volume_does_not_distinguish_it() {
    let plain = resources(&[&disk(1, r#"{"persistence":{"id":"v"}}"#, "")]);
    let used = resources(&[&disk(
        1,
        r#"{"persistence":{"id":"v","principal":"p"},"volume":{"mode":"RW","container_path":"d"}}"#,
        "",
    )]);
    assert_eq!(plain, used);
}

#[test]
fn copies_of_a_shared_volume_are_counted() {
    let json = disk(8, r#"{"persistence":{"id":"v"}}"#, r#","shared":{}"#);
    let one = resources(&[&json]);
    let mut many = &one + &one;
    many += &one;
    assert_eq!(many.len(), 1);
    assert_eq!(many.count(&one.as_slice()[0]), 3);
    assert_eq!(many.to_string(), "disk[v]<SHARED>:8<3>");
    assert!(many.contains(&(&one + &one)));
    assert!(!one.contains(&many));
    assert_ne!(one, many);
    assert_eq!(many.quantities().to_string(), "disk:8");
    assert_eq!(many.to_proto().len(), 1);
    many -= &(&one + &one);
    assert_eq!(many, one);
    many -= &one;
    assert!(many.is_empty());
    many -= &one;
    assert!(many.is_empty());
}

#[test]
fn shared_and_exclusive_volumes_are_different() {
    let shared = resources(&[&disk(8, r#"{"persistence":{"id":"v"}}"#, r#","shared":{}"#)]);
    let exclusive = resources(&[&disk(8, r#"{"persistence":{"id":"v"}}"#, "")]);
    assert!(!shared.contains(&exclusive));
    assert!(!exclusive.contains(&shared));
    assert_eq!((&shared + &exclusive).len(), 2);
    assert_eq!(&shared - &exclusive, shared);
}

#[test]
fn labels_are_compared_in_any_order_and_principals_exactly() {
    let cpus = |reservation: &str| {
        resources(&[&format!(
            r#"{{"name":"cpus","type":"SCALAR","scalar":{{"value":1}},
                "reservations":[{{"type":"DYNAMIC","role":"a"{reservation}}}]}}"#
        )])
    };
    let ab = cpus(r#","labels":{"labels":[{"key":"a"},{"key":"b"}]}"#);
    let ba = cpus(r#","labels":{"labels":[{"key":"b"},{"key":"a"}]}"#);
    assert_eq!(ab, ba);
    assert_eq!((&ab + &ba).len(), 1);
    assert_ne!(ab, cpus(r#","labels":{"labels":[{"key":"a"},{"key":"a"}]}"#));
    assert_ne!(ab, cpus(""));
    assert_ne!(cpus(""), cpus(r#","principal":"p""#));
}

#[test]
fn providers_allocations_and_revocability_are_kept_apart() {
    let cpus =
        |rest: &str| format!(r#"{{"name":"cpus","type":"SCALAR","scalar":{{"value":1}}{rest}}}"#);
    let kinds = [
        cpus(""),
        cpus(r#","provider_id":{"value":"p"}"#),
        cpus(r#","provider_id":{"value":"q"}"#),
        cpus(r#","allocation_info":{"role":"a"}"#),
        cpus(r#","allocation_info":{"role":"b"}"#),
        cpus(r#","revocable":{}"#),
        cpus(r#","role":"a""#),
    ];
    let jsons: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let all = resources(&jsons);
    assert_eq!(all.len(), kinds.len());
    for (index, left) in jsons.iter().enumerate() {
        for (other, right) in jsons.iter().enumerate() {
            let contained = resources(&[left]).contains(&resources(&[right]));
            assert_eq!(contained, index == other, "{left} {right}");
        }
    }
    assert_eq!(all.cpus(), Some(Scalar::from_f64(7.0)));
    assert_eq!(all.of_provider(Some("p")).len(), 1);
    assert_eq!(all.of_provider(None).len(), 5);
}

#[test]
fn subtracting_more_than_there_is_leaves_nothing() {
    assert!((parsed("cpus:1") - &parsed("cpus:2")).is_empty());
    assert_eq!(parsed("cpus:1") - &parsed("mem:2"), parsed("cpus:1"));
    assert_eq!(parsed("ports:[1-10]") - &parsed("ports:[5-20]"), parsed("ports:[1-4]"));
    assert_eq!(parsed("tags:{a,b}") - &parsed("tags:{b,c}"), parsed("tags:{a}"));
}

#[test]
fn removing_a_resource_keeps_the_order_of_the_others() {
    let rest = parsed("a:1;b:1;c:1;d:1") - &parsed("b:1");
    assert_eq!(rest.to_string(), "a:1; c:1; d:1");
}

#[test]
fn clones_share_their_memory_until_one_changes() {
    let original = parsed("cpus:1;mem:2");
    let mut clone = original.clone();
    assert!(clone.is_identical(&original));
    assert!(clone.filter(|_| true).is_identical(&original));
    clone.add_one(&Resource::scalar("cpus", Scalar::from_f64(1.0)));
    assert!(!clone.is_identical(&original));
    assert_eq!(original, parsed("cpus:1;mem:2"));
    assert_eq!(clone, parsed("cpus:2;mem:2"));
}
