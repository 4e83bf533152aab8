// SPDX-License-Identifier: Apache-2.0

//! Parts of a collection, searching and reservations.

use super::*;

#[test]
fn a_role_may_use_what_is_reserved_to_its_ancestors() {
    let total = parsed("cpus:1;mem(eng):2;disk(eng/back):3;gpus(eng/front):4;x(engine):5");
    let names = |resources: Resources| {
        let names: Vec<String> = resources.names().iter().map(Name::to_string).collect();
        names.join(" ")
    };
    assert_eq!(names(total.allocatable_to("eng/back")), "cpus disk mem");
    assert_eq!(names(total.allocatable_to("eng")), "cpus mem");
    assert_eq!(names(total.allocatable_to("*")), "cpus");
    assert_eq!(names(total.reserved_to("eng")), "mem");
    assert_eq!(names(total.reserved_to_subtree("eng")), "disk gpus mem");
    assert_eq!(names(total.reserved()), "disk gpus mem x");
    assert_eq!(names(total.unreserved()), "cpus");
    let roles: Vec<String> = total.reservations().into_keys().collect();
    assert_eq!(roles, ["eng", "eng/back", "eng/front", "engine"]);
}

#[test]
fn allocations_are_grouped_by_role() {
    let mut total = parsed("cpus:1;mem:2").allocated("a");
    total += parsed("cpus:4").allocated("a/b");
    let by_role = total.allocations();
    assert_eq!(by_role["a"].to_string(), "cpus(allocated: a):1; mem(allocated: a):2");
    assert_eq!(by_role["a/b"].to_string(), "cpus(allocated: a/b):4");
    assert_eq!(total.allocated_to_subtree("a"), total);
    assert_eq!(total.allocated_to_subtree("a/b"), by_role["a/b"]);
    assert_eq!(total.unallocated().to_string(), "cpus:5; mem:2");
}

#[test]
fn values_are_summed_over_roles() {
    let total = parsed("cpus:1;cpus(a):2;ports:[1-2];ports(a):[3-4];tags:{x}");
    assert_eq!(total.cpus(), Some(Scalar::from_f64(3.0)));
    assert_eq!(total.mem(), None);
    assert_eq!(total.ports(), Some(Ranges::single(1, 4)));
    assert_eq!(total.set(&Name::new("tags")), Some(Set::new(["x"])));
    assert_eq!(total.set(&Name::Ports), None);
    assert_eq!(total.scalars().to_string(), "cpus:1; cpus(reservations: [(STATIC,a)]):2");
    assert_eq!(total.named(&Name::Ports).len(), 2);
}

#[test]
fn resources_are_found_in_their_own_role_first() -> Result<(), ParseError> {
    let total = parsed("cpus(a):2;cpus:4;cpus(b):8");
    let find = |text| {
        total
            .find(&Resources::parse(text, "*")?)
            .map_or_else(|| Ok("none".to_owned()), |found| Ok::<_, ParseError>(found.to_string()))
    };
    assert_eq!(find("cpus(a):1")?, "cpus(reservations: [(STATIC,a)]):1");
    assert_eq!(find("cpus(a):3")?, "cpus(reservations: [(STATIC,a)]):2; cpus:1");
    assert_eq!(find("cpus:5")?, "cpus:4; cpus(reservations: [(STATIC,a)]):1");
    assert_eq!(
        find("cpus:14")?,
        "cpus:4; cpus(reservations: [(STATIC,a)]):2; cpus(reservations: [(STATIC,b)]):8"
    );
    assert_eq!(find("cpus:15")?, "none");
    assert_eq!(find("mem:1")?, "none");
    Ok(())
}

#[test]
fn only_reserved_resources_can_be_popped() {
    let error = parsed("cpus(a):1;mem:1").pop_reservation().expect_err("mem is not reserved");
    assert_eq!(error.to_string(), "Resource mem:1 is not reserved");
    assert_eq!(parsed("cpus(a):1").pop_reservation(), Ok(parsed("cpus:1")));
    assert_eq!(parsed("cpus(a):1;cpus:1").to_unreserved(), parsed("cpus:2"));
}

#[test]
fn a_reservation_must_refine_the_one_below() {
    let reservation = parsed("cpus(b):1").as_slice()[0].reservations()[0].clone();
    let error = parsed("cpus(a):1").push_reservation(&reservation).expect_err("b is not below a");
    assert_eq!(
        error.to_string(),
        "Invalid resource cpus(reservations: [(STATIC,a),(STATIC,b)]):1: \
         Invalid refined reservation: A refined reservation cannot be STATIC"
    );
}

#[test]
fn shrinking_takes_indivisible_disks_whole_or_not() {
    let mount = r#"{"name":"disk","type":"SCALAR","scalar":{"value":10},
        "disk":{"source":{"type":"MOUNT"}}}"#;
    let total = resources(&[mount]) + &parsed("disk:3;cpus:4;ports:[1-2]");
    let shrink = |text| {
        let target = Quantities::parse(text).expect("well-formed");
        total.shrink_to(&target).to_string()
    };
    assert_eq!(shrink("disk:9;cpus:1"), "disk:3; cpus:1");
    assert_eq!(shrink("disk:12"), "disk[MOUNT]:10; disk:2");
    assert_eq!(shrink("mem:1"), "{}");
}

#[test]
fn what_differed_in_its_allocation_only_becomes_one() {
    let mixed = parsed("cpus:1;mem:2").allocated("a") + &parsed("cpus:3").allocated("b");
    assert_eq!(mixed.len(), 3);
    assert_eq!(mixed.unallocated().to_string(), "cpus:4; mem:2");
    assert_eq!(mixed.allocated("c"), parsed("cpus:4;mem:2").allocated("c"));
}

#[test]
fn the_allocation_of_many_resources_is_changed_without_comparing_them_all() {
    let one = |n| Resource::scalar(format!("r{n}").as_str(), Scalar::from_thousandths(1));
    let many = Resources::from_distinct((0..100_000).map(one).collect());
    // Comparing each with each would take minutes.
    let allocated = many.allocated("web");
    assert_eq!(allocated.len(), 100_000);
    assert!(allocated.unallocated().iter().all(|resource| resource.allocation_role().is_none()));
}
