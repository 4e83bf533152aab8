// SPDX-License-Identifier: Apache-2.0

//! The call of a v0 scheduler driver, the one message of v0 whose numbers are
//! not those of v1.

pub use crate::generated::mesos::scheduler::{Call, call};
use crate::v1;

/// A v0 call in the words of v1, and whether SUBSCRIBE says `force`.
///
/// `force` decides whether a driver may take over from another one that is
/// still connected; v1 subscriptions always may.
#[must_use]
pub fn into_v1(call: Call) -> (v1::scheduler::Call, bool) {
    let force = call.subscribe.as_ref().is_some_and(call::Subscribe::force);
    let subscribe = call.subscribe.map(|subscribe| v1::scheduler::call::Subscribe {
        framework_info: subscribe.framework_info,
        suppressed_roles: subscribe.suppressed_roles,
        offer_constraints: subscribe.offer_constraints,
    });
    let call = v1::scheduler::Call {
        framework_id: call.framework_id,
        r#type: call.r#type,
        subscribe,
        accept: call.accept,
        decline: call.decline,
        accept_inverse_offers: call.accept_inverse_offers,
        decline_inverse_offers: call.decline_inverse_offers,
        revive: call.revive,
        kill: call.kill,
        shutdown: call.shutdown,
        acknowledge: call.acknowledge,
        acknowledge_operation_status: call.acknowledge_operation_status,
        reconcile: call.reconcile,
        reconcile_operations: call.reconcile_operations,
        message: call.message,
        request: call.request,
        suppress: call.suppress,
        update_framework: call.update_framework,
    };
    (call, force)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, wire};

    #[test]
    fn a_subscription_of_a_v0_driver_keeps_its_suppressed_roles() {
        let mut info = Vec::new();
        wire::put_bytes_field(&mut info, 1, b"root");
        wire::put_bytes_field(&mut info, 2, b"test");
        let mut subscribe = Vec::new();
        wire::put_bytes_field(&mut subscribe, 1, &info);
        wire::put_varint_field(&mut subscribe, 2, 1);
        wire::put_bytes_field(&mut subscribe, 3, b"quiet");
        let mut bytes = Vec::new();
        wire::put_varint_field(&mut bytes, 2, v1::scheduler::call::Type::Subscribe as u64);
        wire::put_bytes_field(&mut bytes, 3, &subscribe);
        let (call, force) = into_v1(decode(&bytes).unwrap());
        assert!(force);
        assert_eq!(call.subscribe.unwrap().suppressed_roles, ["quiet"]);
        // Read as v1, the bytes would lose it.
        assert!(decode::<v1::scheduler::Call>(&bytes).is_err());
    }
}
