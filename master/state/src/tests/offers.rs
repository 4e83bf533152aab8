// SPDX-License-Identifier: Apache-2.0

//! Offers: used, declined, rescinded, timed out.

use std::time::Duration;

use mesos_proto::v1::{
    FrameworkInfo, OfferId, OperationId, OperationState, Resource, TaskState,
    framework_info::capability::Type as Capability,
    offer::{Operation, operation},
    resource::{ReservationInfo, reservation_info},
    scheduler::event::Type,
    task_status::Reason,
};

use crate::{Input, ToAgent, testing::*};

const PID: &str = "slave(1)@10.0.0.1:5051";

#[test]
fn invalid_offers_lose_the_tasks_and_give_the_offers_back() {
    for (info, state) in [
        (framework_info(), TaskState::TaskLost),
        (capable(&[Capability::PartitionAware]), TaskState::TaskDropped),
    ] {
        let mut lab = Lab::new();
        let agent = lab.register(PID);
        let scheduler = lab.subscribe(info);
        let offer = lab.offers(&scheduler).remove(0);
        let made_up = OfferId { value: "made-up-O1".to_owned() };
        let cases = [
            (vec![made_up], "Offer made-up-O1 is no longer valid".to_owned()),
            (vec![], "No offers specified".to_owned()),
            (
                vec![offer.id.clone(), offer.id.clone()],
                format!("Duplicate offer {} in offer list", offer.id.value),
            ),
        ];
        for (offer_ids, error) in cases {
            lab.take();
            let call = accept(offer_ids, vec![launch(vec![task("a", &agent)])]);
            assert_eq!(lab.call(&scheduler, call), (202, String::new()));
            let updates = lab.updates(&scheduler);
            assert_eq!(updates[0].state(), state);
            assert_eq!(updates[0].reason(), Reason::InvalidOffers);
            assert_eq!(updates[0].message(), format!("Task launched with invalid offers: {error}"));
        }
        assert_eq!(lab.offers(&scheduler).len(), 1, "the duplicate offer is offered anew");
    }
}

#[test]
fn declined_resources_come_back_when_the_filter_ends() {
    let mut lab = Lab::new();
    lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let id = lab.offers(&scheduler).remove(0).id;
    lab.take();
    lab.call(&scheduler, decline(vec![id], None));
    lab.advance(Duration::from_millis(4_900));
    assert_eq!(lab.offers(&scheduler), [], "the default filter is 5 seconds");
    lab.advance(Duration::from_millis(1_200));
    let offers = lab.offers(&scheduler);
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0].id.value, "m-O1");
}

#[test]
fn another_framework_cannot_use_or_decline_an_offer() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let owner = lab.subscribe(framework_info());
    let id = lab.offers(&owner).remove(0).id;
    let thief = lab.subscribe(framework_info());
    lab.take();
    lab.call(&thief, decline(vec![id.clone()], None));
    lab.call(&thief, accept(vec![id.clone()], vec![launch(vec![task("a", &agent)])]));
    let expected = format!(
        "Task launched with invalid offers: Offer {} has invalid framework {} while framework \
         {} is expected",
        id.value, owner.id, thief.id
    );
    assert_eq!(lab.updates(&thief)[0].message(), expected);
    lab.call(&owner, accept(vec![id], vec![launch(vec![task("a", &agent)])]));
    let sent = lab.sent_to(PID);
    assert!(matches!(sent[..], [ToAgent::RunTask(_)]), "the owner still has it: {sent:?}");
}

#[test]
fn an_unused_offer_is_rescinded_after_the_offer_timeout() {
    let mut lab = Lab::with(|config| config.offer_timeout = Some(Duration::from_secs(3)));
    lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    lab.take();
    lab.seconds(4);
    let events = lab.events(&scheduler);
    assert_eq!(types(&events), [Type::Rescind, Type::Offers]);
    assert_eq!(events[0].rescind.as_ref().unwrap().offer_id.value, "m-O0");
}

#[test]
fn a_task_larger_than_its_offer_is_an_error() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    lab.take();
    let mut large = task("large", &agent);
    large.resources[0] = scalar("cpus", 5.0);
    lab.launch(&scheduler, &offer, vec![large, task("fits", &agent)]);
    let updates = lab.updates(&scheduler);
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0].state(), TaskState::TaskError);
    assert_eq!(updates[0].reason(), Reason::TaskInvalid);
    assert_eq!(updates[0].task_id.value, "large");
    assert!(updates[0].message().contains("more than available"), "{}", updates[0].message());
    assert_eq!(lab.sent_to(PID).len(), 1, "the other task is launched");
    assert_eq!(lab.master.metrics().tasks_error, 1);
}

#[test]
fn a_task_with_absurdly_many_resources_is_an_error() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    let mut absurd = task("t", &agent);
    absurd.resources = (0..100_000).map(|number| scalar(&format!("r{number}"), 1.0)).collect();
    lab.take();
    lab.launch(&scheduler, &offer, vec![absurd]);
    let updates = lab.updates(&scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskError);
    let expected = "At most 1000 resources are accepted in one place, but there are 100000";
    assert_eq!(updates[0].message(), expected);
}

#[test]
fn two_tasks_with_one_id_are_one_task() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    lab.take();
    lab.launch(&scheduler, &offer, vec![task("t", &agent), task("t", &agent)]);
    assert_eq!(lab.sent_to(PID).len(), 1);
    let updates = lab.updates(&scheduler);
    assert_eq!(updates[0].message(), "Task has duplicate ID: t");
}

#[test]
fn an_accept_without_operations_is_a_decline() {
    let mut lab = Lab::new();
    lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let id = lab.offers(&scheduler).remove(0).id;
    lab.take();
    lab.call(&scheduler, accept(vec![id], vec![launch(vec![])]));
    lab.seconds(4);
    assert_eq!(lab.offers(&scheduler), []);
    lab.seconds(2);
    assert_eq!(lab.offers(&scheduler).len(), 1);
    assert_eq!(lab.master.metrics().messages_decline_offers, 1);
}

#[test]
fn an_accept_of_more_tasks_than_others_can_wait_for_is_refused_and_leaves_the_offer() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    lab.take();
    let operations = |count: usize| {
        let operation = launch(vec![task("t", &agent); count / 2]);
        vec![operation.clone(), operation]
    };
    let call = accept(vec![offer.id.clone()], operations(5002));
    let text = "Failed to validate scheduler::Call: An ACCEPT may launch at most 5000 tasks, but \
                there are 5002; launch some, and the others on the next offer";
    assert_eq!(lab.call(&scheduler, call), (400, text.to_owned()));
    assert_eq!(lab.sent_to(PID).len(), 0);
    assert_eq!(lab.updates(&scheduler), []);
    let call = accept(vec![offer.id], operations(5000));
    assert_eq!(lab.call(&scheduler, call), (202, String::new()));
    assert_eq!(lab.sent_to(PID).len(), 1);
    assert_eq!(lab.updates(&scheduler).len(), 4999);
}

fn reserve(resources: Vec<Resource>) -> Operation {
    Operation {
        r#type: Some(operation::Type::Reserve.into()),
        id: Some(OperationId { value: "op".to_owned() }),
        reserve: Some(operation::Reserve { resources, ..Default::default() }),
        ..Default::default()
    }
}

#[test]
fn an_operation_that_makes_sense_is_not_supported_and_one_that_does_not_is_explained() {
    let mut reserved = scalar("cpus", 1.0);
    reserved.reservations.push(ReservationInfo {
        r#type: Some(reservation_info::Type::Dynamic.into()),
        role: Some("a".to_owned()),
        ..Default::default()
    });
    let cases = [
        (reserve(vec![reserved]), "RESERVE is not supported yet"),
        (
            reserve(vec![]),
            "Invalid resources: The resources have multiple resource providers: ; on agent m-S0 at \
             slave(1)@10.0.0.1:5051 (host)",
        ),
        (
            reserve(vec![scalar("cpus", -1.0)]),
            "Operation attempted with invalid resources: Resource 'cpus:-1' is invalid: Invalid \
             scalar resource: value <= 0",
        ),
    ];
    for (operation, expected) in cases {
        let mut lab = Lab::new();
        lab.register(PID);
        let roles = vec!["a".to_owned()];
        let info = FrameworkInfo { roles, ..capable(&[Capability::MultiRole]) };
        let scheduler = lab.subscribe(info);
        let id = lab.offers(&scheduler).remove(0).id;
        lab.take();
        lab.call(&scheduler, accept(vec![id], vec![operation]));
        let status = lab.events(&scheduler).remove(0).update_operation_status.unwrap().status;
        assert_eq!(status.state(), OperationState::OperationError);
        assert_eq!(status.message(), expected);
        assert_eq!(status.operation_id.unwrap().value, "op");
    }
}

#[test]
fn only_agents_on_the_whitelist_are_offered() {
    let mut lab = Lab::new();
    lab.input(Input::WhitelistChanged { hostnames: Some(vec!["other".to_owned()]) });
    lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    assert_eq!(lab.offers(&scheduler), []);
    lab.input(Input::WhitelistChanged { hostnames: None });
    assert_eq!(lab.offers(&scheduler).len(), 1);
}

#[test]
fn offers_show_stacks_of_reservations_only_to_those_who_know_them() {
    let mut lab = Lab::new();
    lab.register(PID);
    let scheduler = lab.subscribe(FrameworkInfo {
        roles: vec!["a".to_owned()],
        ..capable(&[Capability::MultiRole, Capability::ReservationRefinement])
    });
    let offer = lab.offers(&scheduler).remove(0);
    let role = offer.resources[0].allocation_info.as_ref().and_then(|it| it.role.as_deref());
    assert_eq!(role, Some("a"));
}
