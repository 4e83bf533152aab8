// SPDX-License-Identifier: Apache-2.0

//! The algebra of resources.
//!
//! A collection crosses as a serialized `Offer.Operation.Unreserve`, a message
//! with nothing but `repeated Resource resources = 1`. Both formats of
//! reservations are read; what comes out is in the post-refinement format, and
//! a shared resource as often as it is there, so that counts survive.
//! Invalid resources and empty ones are left out, as Mesos's `Resources` does.

use std::{ffi::c_char, iter};

use mesos_core::{
    resources::{Resources, declared_one, operation, validate},
    values::{self, ParsedValue},
};
use mesos_proto::v1::{
    Resource, Value,
    offer::{Operation, operation::Unreserve},
    resource::ReservationInfo,
    value,
};
use prost::Message;

use crate::{
    boundary::{guard, write},
    bytes::{mesos_buffer, mesos_bytes, text},
    error::{Fault, mesos_error},
};

/// What can be made of two collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_resources_combination {
    /// Both together.
    Add = 1,
    /// The first without the second.
    Subtract = 2,
    /// The part of the first that gives the quantities of the second; fails if there is none.
    Find = 3,
}

/// How two collections can relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_resources_relation {
    /// The first has all of the second.
    Contains = 1,
    /// Both are the same.
    Equal = 2,
    /// The scalars of the first amount to those of the second or more, whoever they are reserved for.
    ContainsQuantities = 3,
}

/// What can be made of one collection. Those with a role need one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_resources_selection {
    /// All of it, made valid.
    All = 0,
    /// The reserved ones, for any role.
    Reserved = 1,
    /// The ones reserved for a role.
    ReservedToRole = 2,
    /// The ones reserved for nobody.
    Unreserved = 3,
    /// The ones that can be allocated to a role.
    AllocatableToRole = 4,
    /// The persistent volumes.
    PersistentVolumes = 5,
    /// The ones that can be revoked.
    Revocable = 6,
    /// The others.
    NonRevocable = 7,
    /// The shared ones.
    Shared = 8,
    /// The others.
    NonShared = 9,
    /// The scalars.
    Scalars = 10,
    /// All, without their reservations.
    ToUnreserved = 11,
    /// All, without the last reservation of each; fails if one has none.
    PopReservation = 12,
    /// All, allocated to a role.
    AllocatedToRole = 13,
    /// All, not allocated.
    Unallocated = 14,
    /// Only names and amounts of the scalars.
    StrippedScalars = 15,
}

fn read(bytes: mesos_bytes, name: &str) -> Result<Vec<Resource>, Fault> {
    // SAFETY: the callers of this module's functions say that the bytes can be read.
    let bytes = unsafe { bytes.get(name) }?;
    let list: Unreserve = mesos_proto::decode(bytes)
        .map_err(|error| Fault::call(format!("'{name}' is no list of resources: {error}")))?;
    Ok(list.resources)
}

fn collection(bytes: mesos_bytes, name: &str) -> Result<Resources, Fault> {
    Ok(Resources::from_proto(&read(bytes, name)?))
}

/// # Safety
/// `place` is NULL or can be written to.
unsafe fn give(resources: &Resources, place: *mut mesos_buffer) -> Result<bool, Fault> {
    let copies = resources
        .iter()
        .flat_map(|resource| iter::repeat_n(Resource::from(resource), resource.copies() as usize));
    let list = Unreserve { resources: copies.collect() };
    // SAFETY: as the caller says.
    unsafe { write(place, mesos_buffer::new(list.encode_to_vec()), "result") }?;
    Ok(true)
}

/// Reads text such as "cpus:4;mem:1024;ports:[31000-32000];disk(role):100", or JSON.
///
/// # Safety
/// The texts end with NUL; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_parse(
    resources: *const c_char,
    default_role: *const c_char,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let role = text(default_role, "default_role")?;
            let parsed = Resources::parse(text(resources, "resources")?, role)
                .map_err(|error| Fault::call(error.to_string()))?;
            give(&parsed, result)
        })
    }
}

/// Reads the same as a list of what it says, in that order: nothing is validated, merged, or left
/// out because it is empty. `json` is whether it may be JSON.
///
/// # Safety
/// The texts end with NUL; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_declared(
    resources: *const c_char,
    default_role: *const c_char,
    json: bool,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let resources = text(resources, "resources")?;
            let role = text(default_role, "default_role")?;
            let declared = if json {
                Resources::declared(resources, role)
            } else {
                Resources::declared_as_text(resources, role)
            };
            let resources = declared.map_err(|error| Fault::call(error.to_string()))?;
            let list = Unreserve { resources };
            write(result, mesos_buffer::new(list.encode_to_vec()), "result")?;
            Ok(true)
        })
    }
}

/// Makes a Resource of its name, the text of its value, and the role it is reserved to ("*" for
/// none). It is not validated, and may be empty.
///
/// # Safety
/// The texts end with NUL; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resource_parse(
    name: *const c_char,
    value: *const c_char,
    role: *const c_char,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let (name, value) = (text(name, "name")?, text(value, "value")?);
            let resource = declared_one(name, value, text(role, "role")?)
                .map_err(|error| Fault::call(error.to_string()))?;
            write(result, mesos_buffer::new(resource.encode_to_vec()), "result")?;
            Ok(true)
        })
    }
}

/// Makes a Value of its text: a number, "[1-5, 7-8]", "{a, b}", or any other text.
///
/// # Safety
/// The text ends with NUL; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_value_parse(
    value: *const c_char,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let parsed = values::parse(text(value, "value")?)
                .map_err(|error| Fault::call(error.to_string()))?;
            write(result, mesos_buffer::new(message(parsed).encode_to_vec()), "result")?;
            Ok(true)
        })
    }
}

fn message(parsed: ParsedValue) -> Value {
    let mut message = Value::default();
    match parsed {
        ParsedValue::Scalar(value) => {
            message.set_type(value::Type::Scalar);
            message.scalar = Some(value::Scalar { value });
        }
        ParsedValue::Ranges(ranges) => {
            message.set_type(value::Type::Ranges);
            message.ranges = Some((&ranges).into());
        }
        ParsedValue::Set(item) => {
            message.set_type(value::Type::Set);
            message.set = Some(value::Set { item });
        }
        ParsedValue::Text(value) => {
            message.set_type(value::Type::Text);
            message.text = Some(value::Text { value });
        }
    }
    message
}

/// Whether every resource of the list is valid; if not, `error` says what is wrong.
///
/// # Safety
/// The bytes are readable; `error` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_validate(
    resources: mesos_bytes,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            validate::all(&read(resources, "resources")?)
                .map_err(|error| Fault::call(error.to_string()))?;
            Ok(true)
        })
    }
}

/// Makes one collection of two. `combination` is a mesos_resources_combination.
///
/// # Safety
/// The bytes are readable; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_combine(
    combination: i32,
    first: mesos_bytes,
    second: mesos_bytes,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    use mesos_resources_combination as combine;
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let (first, second) = (collection(first, "first")?, collection(second, "second")?);
            let combined = match combination {
                it if it == combine::Add as i32 => &first + &second,
                it if it == combine::Subtract as i32 => &first - &second,
                it if it == combine::Find as i32 => first.find(&second).ok_or_else(|| {
                    Fault::call(format!("'{second}' cannot be found in '{first}'"))
                })?,
                other => return Err(Fault::argument(format!("there is no combination {other}"))),
            };
            give(&combined, result)
        })
    }
}

/// Says how two collections relate. `relation` is a mesos_resources_relation.
///
/// # Safety
/// The bytes are readable; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_compare(
    relation: i32,
    first: mesos_bytes,
    second: mesos_bytes,
    result: *mut bool,
    error: *mut *mut mesos_error,
) -> bool {
    use mesos_resources_relation as relate;
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let (first, second) = (collection(first, "first")?, collection(second, "second")?);
            let holds = match relation {
                it if it == relate::Contains as i32 => first.contains(&second),
                it if it == relate::Equal as i32 => first == second,
                it if it == relate::ContainsQuantities as i32 => {
                    first.to_stripped_scalars().contains(&second.to_stripped_scalars())
                }
                other => return Err(Fault::argument(format!("there is no relation {other}"))),
            };
            write(result, holds, "result")?;
            Ok(true)
        })
    }
}

/// Makes one collection of another. `selection` is a mesos_resources_selection; `role` is NULL
/// where it needs none.
///
/// # Safety
/// The bytes are readable, the role ends with NUL; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_select(
    selection: i32,
    resources: mesos_bytes,
    role: *const c_char,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    use mesos_resources_selection as select;
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let from = collection(resources, "resources")?;
            let role = || text(role, "role");
            let selected = match selection {
                it if it == select::All as i32 => from,
                it if it == select::Reserved as i32 => from.reserved(),
                it if it == select::ReservedToRole as i32 => from.reserved_to(role()?),
                it if it == select::Unreserved as i32 => from.unreserved(),
                it if it == select::AllocatableToRole as i32 => from.allocatable_to(role()?),
                it if it == select::PersistentVolumes as i32 => from.persistent_volumes(),
                it if it == select::Revocable as i32 => from.revocable(),
                it if it == select::NonRevocable as i32 => from.non_revocable(),
                it if it == select::Shared as i32 => from.shared(),
                it if it == select::NonShared as i32 => from.non_shared(),
                it if it == select::Scalars as i32 => from.scalars(),
                it if it == select::ToUnreserved as i32 => from.to_unreserved(),
                it if it == select::PopReservation as i32 => {
                    from.pop_reservation().map_err(|error| Fault::call(error.to_string()))?
                }
                it if it == select::AllocatedToRole as i32 => from.allocated(role()?),
                it if it == select::Unallocated as i32 => from.unallocated(),
                it if it == select::StrippedScalars as i32 => from.to_stripped_scalars(),
                other => return Err(Fault::argument(format!("there is no selection {other}"))),
            };
            give(&selected, result)
        })
    }
}

/// Refines every reservation by `reservation`, a serialized Resource.ReservationInfo.
///
/// # Safety
/// The bytes are readable; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_push_reservation(
    resources: mesos_bytes,
    reservation: mesos_bytes,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let from = collection(resources, "resources")?;
            let reservation: ReservationInfo = mesos_proto::decode(reservation.get("reservation")?)
                .map_err(|error| Fault::call(error.to_string()))?;
            let pushed = from
                .push_reservation(&reservation)
                .map_err(|error| Fault::call(error.to_string()))?;
            give(&pushed, result)
        })
    }
}

/// What is there after `operation`, a serialized Offer.Operation (RESERVE, CREATE, …).
///
/// # Safety
/// The bytes are readable; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_apply(
    resources: mesos_bytes,
    operation: mesos_bytes,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let from = collection(resources, "resources")?;
            let mut read: Operation = mesos_proto::decode(operation.get("operation")?)
                .map_err(|error| Fault::call(error.to_string()))?;
            operation::upgrade(&mut read);
            let applied =
                from.apply_operation(&read).map_err(|error| Fault::call(error.to_string()))?;
            give(&applied, result)
        })
    }
}

/// The text that Mesos prints for the resources, in UTF-8 without NUL.
///
/// # Safety
/// The bytes are readable; `result` and `error` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_resources_text(
    resources: mesos_bytes,
    result: *mut mesos_buffer,
    error: *mut *mut mesos_error,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        guard(error, false, || {
            let text = collection(resources, "resources")?.to_string();
            write(result, mesos_buffer::new(text.into_bytes()), "result")?;
            Ok(true)
        })
    }
}
