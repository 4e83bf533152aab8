// SPDX-License-Identifier: Apache-2.0

//! Tests of the algebra: laws that hold for all resources, and examples in the
//! words of Mesos.

mod amounts;
mod formats;
mod generate;
mod kinds;
mod laws;
mod operations;
mod parsing;
mod printing;
mod refusals;
mod selection;
mod shown;
mod values;

use super::*;

/// The resources that a well-formed text describes.
fn parsed(text: &str) -> Resources {
    Resources::parse(text, "*").expect("the text is well-formed")
}

/// A resource from JSON, whatever is in it.
fn proto(json: &str) -> mesos_proto::v1::Resource {
    mesos_proto::json::from_json(json.as_bytes()).expect("the JSON is well-formed")
}

/// Valid resources from JSON, one after the other.
fn resources(jsons: &[&str]) -> Resources {
    let protos: Vec<_> = jsons.iter().map(|json| proto(json)).collect();
    Resources::validated(&protos).expect("the resources are valid")
}
