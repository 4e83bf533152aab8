// SPDX-License-Identifier: Apache-2.0

//! Laws of the algebra, on generated resources.

use proptest::prelude::*;

use super::{
    generate::{anything, scalars},
    *,
};

proptest! {
    #[test]
    fn addition_commutes(a in anything(), b in anything()) {
        prop_assert_eq!(&a + &b, &b + &a);
    }

    #[test]
    fn addition_associates(a in anything(), b in anything(), c in anything()) {
        prop_assert_eq!(&(&a + &b) + &c, &a + &(&b + &c));
    }

    #[test]
    fn what_was_added_can_be_subtracted_again(a in scalars(), b in scalars()) {
        prop_assert_eq!(&(&a + &b) - &b, a);
    }

    #[test]
    fn what_is_contained_can_be_taken_and_put_back(a in anything(), b in anything()) {
        let sum = &a + &b;
        prop_assert!(sum.contains(&a));
        prop_assert!(sum.contains(&b));
        prop_assert_eq!(&(&sum - &b) + &b, sum);
    }

    #[test]
    fn containment_is_an_order(a in anything(), b in anything(), c in anything()) {
        prop_assert!(a.contains(&a));
        prop_assert!(a.contains(&Resources::new()));
        prop_assert_eq!(a == b, a.contains(&b) && b.contains(&a));
        let ab = &a + &b;
        prop_assert!((&ab + &c).contains(&ab));
        prop_assert!((&ab + &c).contains(&a));
    }

    #[test]
    fn only_nothing_is_contained_in_nothing(a in anything()) {
        prop_assert_eq!(Resources::new().contains(&a), a.is_empty());
        prop_assert!((&a - &a).is_empty());
    }

    #[test]
    fn nothing_is_left_of_the_greater_part(a in scalars(), b in scalars()) {
        prop_assert!((&a - &(&a + &b)).quantities().is_empty());
    }

    #[test]
    fn quantities_follow_sums_and_differences(a in scalars(), b in scalars()) {
        let sum = &a + &b;
        prop_assert_eq!(sum.quantities(), a.quantities() + &b.quantities());
        prop_assert_eq!((&sum - &a).quantities(), b.quantities());
        prop_assert!(sum.contains_quantities(&a.quantities()));
        prop_assert_eq!(a.quantities(), a.to_stripped_scalars().quantities());
    }

    #[test]
    fn a_filter_and_its_opposite_make_the_whole(a in anything()) {
        prop_assert_eq!(&a.reserved() + &a.unreserved(), a.clone());
        prop_assert_eq!(&a.revocable() + &a.non_revocable(), a.clone());
        prop_assert_eq!(&a.shared() + &a.non_shared(), a.clone());
        let by_role = a.reservations();
        let reserved = by_role.values().fold(Resources::new(), |sum, part| sum + part);
        prop_assert_eq!(reserved, a.reserved());
    }

    #[test]
    fn changing_a_clone_leaves_the_original(a in anything(), b in anything()) {
        let before = a.to_string();
        let mut clone = a.clone();
        clone += &b;
        clone -= &a;
        clone.allocate("other");
        prop_assert_eq!(a.to_string(), before);
    }

    #[test]
    fn allocation_is_undone_by_unallocation(a in anything()) {
        let free = a.unallocated();
        let allocated = free.allocated("web");
        prop_assert!(allocated.iter().all(|r| r.allocation_role() == Some("web")));
        prop_assert_eq!(allocated.quantities(), a.quantities());
        prop_assert_eq!(allocated.unallocated(), free);
    }

    #[test]
    fn a_pushed_reservation_can_be_popped(a in anything()) {
        let free = a.to_unreserved();
        let pushed = free
            .push_reservation(proto(
                r#"{"name":"x","type":"SCALAR","reservations":[{"type":"DYNAMIC","role":"web"}]}"#,
            ).reservations.first().expect("there is one"))
            .expect("anything unreserved can be reserved");
        prop_assert_eq!(pushed.reserved_to("web"), pushed.clone());
        prop_assert_eq!(pushed.pop_reservation(), Ok(free));
    }

    #[test]
    fn collections_hold_nothing_empty_and_no_kind_twice(a in anything(), b in anything()) {
        for result in [&a + &b, &a - &b, a.to_unreserved(), a.allocated("x")] {
            for (index, resource) in result.iter().enumerate() {
                prop_assert!(!resource.is_empty());
                let earlier = &result.as_slice()[..index];
                prop_assert!(!earlier.iter().any(|other| other.is_addable(resource)));
            }
        }
    }

    #[test]
    fn shrinking_gives_no_more_than_wanted(a in scalars(), b in scalars()) {
        let wanted = b.quantities();
        let shrunk = a.shrink_to(&wanted);
        prop_assert!(wanted.contains(&shrunk.quantities()));
        prop_assert!(a.contains(&shrunk));
        prop_assert_eq!(a.shrink_to(&a.quantities()), a);
    }

    #[test]
    fn amounts_that_are_there_are_found(a in scalars(), b in scalars()) {
        let total = &a + &b;
        for wanted in a.filter(|resource| resource.disk().is_none()).iter() {
            let wanted = Resources::from_iter([wanted]);
            let found = total.find(&wanted).expect("there is enough of it");
            prop_assert!(total.contains(&found));
            prop_assert_eq!(found.to_unreserved(), wanted.to_unreserved());
        }
    }

    #[test]
    fn plain_resources_are_parsed_as_they_are_printed(a in anything()) {
        let plain: Resources = a.iter().map(Resource::stripped).collect();
        if !plain.is_empty() {
            prop_assert_eq!(Resources::parse(&plain.to_string(), "*"), Ok(plain));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-z0-9:;()\\[\\]{}, .*-]{0,30}") {
        let _ = Resources::parse(&text, "*");
        let _ = Quantities::parse(&text);
        let _ = crate::attributes::parse(&text);
    }

    #[test]
    fn a_pool_gives_back_what_went_in(all in prop::collection::vec(anything(), 0..20)) {
        let mut pool = Pool::new();
        for resources in all {
            let shared = pool.share(resources.clone());
            prop_assert_eq!(shared.to_proto(), resources.to_proto());
            let again = pool.share(Resources::from_proto(&resources.to_proto()));
            prop_assert!(again.is_identical(&shared));
        }
    }
}

#[test]
fn a_pool_forgets_what_nobody_uses() {
    let mut pool = Pool::new();
    for amount in 1..10_000 {
        pool.share(parsed(&format!("cpus:{amount}")));
    }
    assert!(pool.len() <= 512, "{} shapes", pool.len());
    let kept = pool.share(parsed("mem:1"));
    for amount in 1..10_000 {
        pool.share(parsed(&format!("cpus:{amount}")));
    }
    assert!(pool.share(parsed("mem:1")).is_identical(&kept));
}
