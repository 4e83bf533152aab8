// SPDX-License-Identifier: Apache-2.0

//! The files compile, and declare what the published jar of Apache Mesos 1.11.0 declares.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

use mesos_protos::File;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

const JAR: &str = include_str!("../../../core/proto/tests/data/mesos-1.11.0-jar-descriptors.txt");

/// Heading (`message …`, `enum …`) → sorted lines.
type Listing = BTreeMap<String, Vec<String>>;

fn jar() -> Listing {
    let mut listing = Listing::new();
    let mut heading = "";
    for line in JAR.lines() {
        match line.strip_prefix("  ") {
            Some(member) => listing.get_mut(heading).unwrap().push(member.to_owned()),
            None => {
                heading = line;
                listing.insert(line.to_owned(), Vec::new());
            }
        }
    }
    listing.values_mut().for_each(|members| members.sort());
    listing
}

fn compiled(name: &str, files: &[File]) -> FileDescriptorSet {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for file in files {
        let path = folder.join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    protox::compile(files.iter().map(|file| file.path), [folder]).unwrap()
}

fn listing(set: &FileDescriptorSet) -> Listing {
    let mut listing = Listing::new();
    for file in set.file.iter().filter(|file| file.package().starts_with("mesos")) {
        for message in &file.message_type {
            list_message(file.package(), message, &mut listing);
        }
        for enumeration in &file.enum_type {
            list_enum(file.package(), enumeration, &mut listing);
        }
    }
    listing
}

fn list_message(scope: &str, message: &DescriptorProto, listing: &mut Listing) {
    let name = format!("{scope}.{}", message.name());
    let mut fields: Vec<String> =
        message.field.iter().map(|field| describe(field, message)).collect();
    fields.sort();
    listing.insert(format!("message {name}"), fields);
    let nested = message.nested_type.iter();
    for inner in nested.filter(|inner| !is_entry(inner)) {
        list_message(&name, inner, listing);
    }
    for enumeration in &message.enum_type {
        list_enum(&name, enumeration, listing);
    }
}

fn list_enum(scope: &str, enumeration: &EnumDescriptorProto, listing: &mut Listing) {
    let values = enumeration.value.iter();
    let mut values: Vec<String> =
        values.map(|value| format!("{} {}", value.name(), value.number())).collect();
    values.sort();
    listing.insert(format!("enum {scope}.{}", enumeration.name()), values);
}

fn is_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry())
}

fn describe(field: &FieldDescriptorProto, of: &DescriptorProto) -> String {
    let kind = kind_name(field);
    let last = kind.rsplit('.').next().unwrap();
    let entry = of.nested_type.iter().find(|it| is_entry(it) && it.name() == last);
    let (label, kind) = match (entry, field.label()) {
        (Some(entry), _) => ("map", kind_name(&entry.field[1])),
        (None, Label::Optional) => ("optional", kind),
        (None, Label::Required) => ("required", kind),
        (None, Label::Repeated) => ("repeated", kind),
    };
    let mut line = format!("{} {label} {kind} {}", field.number(), field.name());
    if let Some(default) = &field.default_value {
        line += &format!(" = {default}");
    }
    if field.options.as_ref().is_some_and(|options| options.deprecated()) {
        line += " deprecated";
    }
    line
}

fn kind_name(field: &FieldDescriptorProto) -> String {
    let kind = field.r#type();
    if kind == Type::Message || kind == Type::Enum {
        return field.type_name().trim_start_matches('.').to_owned();
    }
    kind.as_str_name().trim_start_matches("TYPE_").to_lowercase()
}

fn compare(ours: &Listing, wanted: impl Fn(&str) -> bool) {
    let mut different = Vec::new();
    let jar: Listing = jar().into_iter().filter(|(heading, _)| wanted(heading)).collect();
    for (heading, members) in &jar {
        match ours.get(heading) {
            Some(of_ours) if of_ours == members => {}
            Some(of_ours) => different.push(format!("{heading}: {of_ours:?}, not {members:?}")),
            None => different.push(format!("{heading}: missing")),
        }
    }
    let unknown = ours.keys().filter(|heading| !jar.contains_key(*heading));
    different.extend(unknown.map(|heading| format!("{heading}: not in the jar")));
    assert!(different.is_empty() && !jar.is_empty(), "{}", different.join("\n"));
}

#[test]
fn v1_is_that_of_the_jar() {
    let set = compiled("v1", &mesos_protos::v1());
    compare(&listing(&set), |heading| heading.contains(" mesos.v1."));
}

#[test]
fn v0_is_that_of_the_jar() {
    let set = compiled("v0", &mesos_protos::v0());
    // What native drivers have to do with.
    let drivers = |heading: &str| {
        let name = heading.split_once(" mesos.").unwrap().1;
        let first = name.split('.').next().unwrap();
        first.starts_with(char::is_uppercase) || ["scheduler", "executor"].contains(&first)
    };
    compare(&listing(&set), drivers);
}
