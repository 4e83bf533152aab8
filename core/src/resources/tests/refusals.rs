// SPDX-License-Identifier: Apache-2.0

//! Refusals, in the words of Mesos.

use super::{validate::all, *};

const CPUS: &str = r#""name":"cpus","type":"SCALAR","scalar":{"value":1}"#;
const DISK: &str = r#""name":"disk","type":"SCALAR","scalar":{"value":1}"#;

/// The resource `{prefix,rest}` is refused with this reason.
fn check(prefix: &str, rest: &str, expected: &str) {
    let resource = proto(&format!("{{{prefix}{rest}}}"));
    let error = validate::resource(&resource).expect_err("it is invalid");
    assert_eq!(error.to_string(), expected, "{rest}");
    assert!(Resources::from_proto(&[resource]).is_empty());
}

fn accept(prefix: &str, rest: &str) {
    let resource = proto(&format!("{{{prefix}{rest}}}"));
    assert_eq!(all([&resource]), Ok(()), "{rest}");
}

#[test]
fn values_must_fit_their_type() {
    let scalar = r#""name":"cpus","type":"SCALAR""#;
    check(scalar, "", "Invalid scalar resource");
    check(CPUS, r#","ranges":{}"#, "Invalid scalar resource");
    check(scalar, r#","scalar":{"value":-1}"#, "Invalid scalar resource: value <= 0");
    check(scalar, r#","scalar":{"value":0.0004}"#, "Invalid scalar resource: value <= 0");
    check(
        scalar,
        r#","scalar":{"value":1e300}"#,
        "Invalid scalar resource: value is not a finite number up to 1e+15",
    );
    accept(scalar, r#","scalar":{"value":0}"#);
    let ranges = r#""name":"ports","type":"RANGES""#;
    check(ranges, "", "Invalid ranges resource");
    check(
        ranges,
        r#","ranges":{"range":[{"begin":5,"end":4}]}"#,
        "Invalid ranges resource: begin > end",
    );
    check(
        ranges,
        r#","ranges":{"range":[{"begin":5,"end":6},{"begin":1,"end":5}]}"#,
        "Invalid ranges resource: overlapping ranges",
    );
    accept(ranges, r#","ranges":{"range":[{"begin":5,"end":6},{"begin":1,"end":4}]}"#);
    let set = r#""name":"tags","type":"SET""#;
    check(set, "", "Invalid set resource");
    check(set, r#","set":{"item":["a","a"]}"#, "Invalid set resource: duplicated elements");
    check(r#""name":"","type":"SCALAR""#, "", "Empty resource name");
    check(r#""name":"x","type":"TEXT""#, "", "Unsupported resource type");
}

#[test]
fn a_refusal_names_the_resource() {
    for (json, expected) in [
        (
            r#"{"name":"cpus","type":"SCALAR"}"#,
            "Resource 'cpus:0' is invalid: Invalid scalar resource",
        ),
        (
            r#"{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":5,"end":4}]}}"#,
            "Resource 'ports:[5-4]' is invalid: Invalid ranges resource: begin > end",
        ),
        (
            r#"{"name":"tags","type":"SET","set":{"item":["a","a"]}}"#,
            "Resource 'tags:{a, a}' is invalid: Invalid set resource: duplicated elements",
        ),
        (
            r#"{"name":"cpus","type":"SCALAR","scalar":{"value":1},"allocation_info":{"role":"web"},
                "reservations":[{"type":"DYNAMIC","role":"*","principal":"ops"}]}"#,
            "Resource 'cpus(allocated: web)(reservations: [(DYNAMIC,*,ops)]):1' is invalid: \
             Invalid reservation: role \"*\" cannot be reserved",
        ),
    ] {
        let error = Resources::validated(&[proto(json)]).expect_err("it is invalid");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn disks_must_be_consistent() {
    check(CPUS, r#","disk":{}"#, "DiskInfo should not be set for cpus resource");
    check(
        DISK,
        r#","disk":{"source":{"type":"RAW","mount":{}}}"#,
        "Mount should not be set for RAW disk source",
    );
    check(
        DISK,
        r#","disk":{"source":{"type":"BLOCK","path":{}}}"#,
        "Path should not be set for BLOCK disk source",
    );
    check(
        DISK,
        r#","disk":{"source":{"type":"UNKNOWN"}}"#,
        "Unsupported 'DiskInfo.Source.Type' in 'UNKNOWN'",
    );
    check(CPUS, r#","shared":{}"#, "Resource cpus cannot be shared");
    check(DISK, r#","shared":{}"#, "Only persistent volumes can be shared");
    accept(DISK, r#","shared":{},"disk":{"persistence":{"id":"v"}}"#);
}

#[test]
fn old_reservations_must_be_consistent() {
    check(CPUS, r#","role":"/a""#, "Role '/a' cannot start with a slash");
    check(
        CPUS,
        r#","role":"a","reservation":{"type":"STATIC"}"#,
        "'Resource.ReservationInfo.type' must not be set for the 'Resource.reservation' field",
    );
    check(
        CPUS,
        r#","role":"a","reservation":{"role":"a"}"#,
        "'Resource.ReservationInfo.role' must not be set for the 'Resource.reservation' field",
    );
    check(
        CPUS,
        r#","reservation":{}"#,
        "Invalid reservation: role \"*\" cannot be dynamically reserved",
    );
    accept(CPUS, r#","role":"a","reservation":{"principal":"p"}"#);
}

#[test]
fn reservations_must_refine_each_other() {
    check(
        CPUS,
        r#","reservations":[{"role":"a"}]"#,
        "Invalid reservation: 'Resource.ReservationInfo.type' field must be set.",
    );
    check(
        CPUS,
        r#","reservations":[{"type":"STATIC"}]"#,
        "Invalid reservation: 'Resource.ReservationInfo.role' field must be set.",
    );
    check(
        CPUS,
        r#","reservations":[{"type":"STATIC","role":"a"},{"type":"STATIC","role":"a/b"}]"#,
        "Invalid refined reservation: A refined reservation cannot be STATIC",
    );
    check(
        CPUS,
        r#","reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"b"}]"#,
        "Invalid refined reservation: role 'b' is not a refinement of 'a'",
    );
    accept(
        CPUS,
        r#","reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]"#,
    );
}

#[test]
fn both_formats_together_must_say_the_same() {
    let one = r#","reservations":[{"type":"DYNAMIC","role":"a","principal":"p"}]"#;
    let cases = [
        (
            r#","role":"b","reservation":{"principal":"p"}"#,
            "Invalid resource format: 'Resource.role' field with 'b' does not match the role 'a' \
             in 'Resource.reservations'",
        ),
        (
            r#","role":"a""#,
            "Invalid resource format: 'Resource.role' and 'Resource.reservation' must either be \
             both set or both not set if the single reservation in 'Resource.reservations' is \
             DYNAMIC",
        ),
        (
            r#","role":"a","reservation":{"principal":"q"}"#,
            "Invalid resource format: 'Resource.reservation.principal' field with 'q' does not \
             match the principal 'p' in 'Resource.reservations'",
        ),
        (
            r#","role":"a","reservation":{"principal":"p","labels":{"labels":[{"key":"k"}]}}"#,
            "Invalid resource format: 'Resource.reservation.labels' field with '{k}' does not \
             match the labels '{}' in 'Resource.reservations'",
        ),
    ];
    for (old, expected) in cases {
        check(CPUS, &format!("{one}{old}"), expected);
    }
    accept(CPUS, &format!(r#"{one},"role":"a","reservation":{{"principal":"p"}}"#));
    check(
        CPUS,
        r#","reservations":[{"type":"STATIC","role":"a"}],"role":"a","reservation":{}"#,
        "Invalid resource format: 'Resource.reservation' must not be set if the single reservation \
         in 'Resource.reservations' is STATIC",
    );
    let two = r#","reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]"#;
    check(
        CPUS,
        &format!(r#"{two},"role":"a/b""#),
        "Invalid resource format: 'Resource.role' must not be set if there is more than one \
         reservation in 'Resource.reservations'",
    );
    check(
        CPUS,
        &format!(r#"{two},"reservation":{{}}"#),
        "Invalid resource format: 'Resource.reservation' must not be set if there is more than one \
         reservation in 'Resource.reservations'",
    );
}
