// SPDX-License-Identifier: Apache-2.0

//! Writes the descriptor tables: one static per message and per enum, and
//! one `impl Described` per message, as Rust source.
//!
//! Tables instead of code per type: the JSON form and the check for required
//! fields are three small walkers over these tables (`src/json`,
//! `src/required.rs`), so a new message costs a few lines of data.
//!
//! What Mesos's protobufs do not use (groups, fixed-width and zigzag
//! integers, packed fields, map keys other than strings) is refused here, so
//! that the walkers need not know it.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write,
};

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};

/// Everything that the files declare, by full name (with the leading dot).
#[derive(Default)]
struct Declared<'a> {
    messages: BTreeMap<String, DeclaredMessage<'a>>,
    enums: BTreeMap<String, &'a EnumDescriptorProto>,
}

struct DeclaredMessage<'a> {
    descriptor: &'a DescriptorProto,
    /// The generated type, from the root of the generated modules; `None` for map entries.
    rust_path: Option<String>,
}

/// The source of `tables.rs`.
pub fn source(set: &FileDescriptorSet) -> Result<String, Box<dyn Error>> {
    let mut declared = Declared::default();
    for file in &set.file {
        let package = file.package();
        let module = package.split('.').map(|p| p.to_snake_case()).collect::<Vec<_>>().join("::");
        for message in &file.message_type {
            declare_message(&mut declared, &format!(".{package}"), &module, message);
        }
        for enumeration in &file.enum_type {
            declared.enums.insert(format!(".{package}.{}", enumeration.name()), enumeration);
        }
    }
    let checked = messages_to_check(&declared);
    let mut out = String::new();
    for (name, enumeration) in &declared.enums {
        write_enum(&mut out, name, enumeration)?;
    }
    for (name, message) in &declared.messages {
        write_message(&mut out, name, message, &declared, checked.contains(name))?;
    }
    write_list(&mut out, &declared)?;
    Ok(out)
}

fn declare_message<'a>(
    declared: &mut Declared<'a>,
    scope: &str,
    module: &str,
    message: &'a DescriptorProto,
) {
    let name = format!("{scope}.{}", message.name());
    let map_entry = message.options.as_ref().is_some_and(|o| o.map_entry());
    let rust_path =
        (!map_entry).then(|| format!("{module}::{}", message.name().to_upper_camel_case()));
    let inner = format!("{module}::{}", message.name().to_snake_case());
    for nested in &message.nested_type {
        declare_message(declared, &name, &inner, nested);
    }
    for enumeration in &message.enum_type {
        declared.enums.insert(format!("{name}.{}", enumeration.name()), enumeration);
    }
    declared.messages.insert(name, DeclaredMessage { descriptor: message, rust_path });
}

/// The messages that have a required field, or hold one that does, at any depth.
fn messages_to_check(declared: &Declared<'_>) -> BTreeSet<String> {
    let mut checked = BTreeSet::new();
    loop {
        let before = checked.len();
        for (name, message) in &declared.messages {
            let needs = message.descriptor.field.iter().any(|field| {
                field.label() == Label::Required || checked.contains(field.type_name())
            });
            if needs {
                checked.insert(name.clone());
            }
        }
        if checked.len() == before {
            return checked;
        }
    }
}

/// `.mesos.v1.Offer.Operation` → `MESOS_V1_OFFER_OPERATION`, unique by its prefix and full path.
fn static_name(prefix: &str, full_name: &str) -> String {
    format!("{prefix}{}", full_name.replace('.', "_"))
}

fn write_enum(
    out: &mut String,
    name: &str,
    enumeration: &EnumDescriptorProto,
) -> Result<(), Box<dyn Error>> {
    let values: Vec<_> = enumeration.value.iter().map(|v| (v.name(), v.number())).collect();
    writeln!(
        out,
        "static {}: Enum = Enum {{ name: {:?}, values: &{values:?} }};",
        static_name("E", name),
        &name[1..],
    )?;
    Ok(())
}

fn write_message(
    out: &mut String,
    name: &str,
    message: &DeclaredMessage<'_>,
    declared: &Declared<'_>,
    checked: bool,
) -> Result<(), Box<dyn Error>> {
    let fields = &message.descriptor.field;
    let mut by_name: Vec<usize> = (0..fields.len()).collect();
    by_name.sort_by_key(|&i| fields[i].name());
    let last = fields.iter().map(FieldDescriptorProto::number).max().unwrap_or(0);
    let mut by_number = vec![0_usize; usize::try_from(last)? + 1];
    for (index, field) in fields.iter().enumerate() {
        by_number[usize::try_from(field.number())?] = index + 1;
    }
    let required: Vec<usize> =
        (0..fields.len()).filter(|&i| fields[i].label() == Label::Required).collect();
    if required.len() > 64 || last > 255 {
        return Err(format!("{name}: more than 64 required fields or a number over 255").into());
    }
    let table = static_name("M", name);
    // An entry of a map has a key and a value of its own.
    let size = message.rust_path.as_ref().map_or_else(
        || "64".to_owned(),
        |path| format!("core::mem::size_of::<generated::{path}>()"),
    );
    writeln!(
        out,
        "static {table}: Message = Message {{ name: {:?}, checked: {checked}, size: {size}, \
         by_name: &{by_name:?}, by_number: &{by_number:?}, required: &{required:?}, fields: &[",
        &name[1..],
    )?;
    for field in fields {
        write_field(out, name, field, declared)?;
    }
    writeln!(out, "] }};")?;
    if let Some(path) = &message.rust_path {
        writeln!(
            out,
            "impl Described for generated::{path} {{ \
             fn descriptor() -> &'static Message {{ &{table} }} }}",
        )?;
    }
    Ok(())
}

fn write_field(
    out: &mut String,
    message: &str,
    field: &FieldDescriptorProto,
    declared: &Declared<'_>,
) -> Result<(), Box<dyn Error>> {
    let refuse = |what: &str| format!("{message}.{}: {what}", field.name());
    let options = field.options.as_ref();
    if options.is_some_and(|o| o.packed()) {
        return Err(refuse("packed fields are not supported").into());
    }
    let entry = declared
        .messages
        .get(field.type_name())
        .filter(|m| m.rust_path.is_none())
        .map(|m| &m.descriptor.field);
    let label = match (entry, field.label()) {
        (Some(entry), _) if entry[0].r#type() != Type::String => {
            return Err(refuse("map keys must be strings").into());
        }
        (Some(_), _) => "Map",
        (None, Label::Optional) => "Optional",
        (None, Label::Required) => "Required",
        (None, Label::Repeated) => "Repeated",
    };
    let kind = match field.r#type() {
        Type::Bool => "Bool".to_owned(),
        Type::Int32 => "Int32".to_owned(),
        Type::Int64 => "Int64".to_owned(),
        Type::Uint32 => "Uint32".to_owned(),
        Type::Uint64 => "Uint64".to_owned(),
        Type::Double => "Double".to_owned(),
        Type::String => "String".to_owned(),
        Type::Bytes => "Bytes".to_owned(),
        Type::Enum => format!("Enum(&{})", static_name("E", field.type_name())),
        Type::Message => format!("Message(&{})", static_name("M", field.type_name())),
        other @ (Type::Float
        | Type::Fixed64
        | Type::Fixed32
        | Type::Sfixed32
        | Type::Sfixed64
        | Type::Sint32
        | Type::Sint64
        | Type::Group) => return Err(refuse(&format!("{other:?} is not supported")).into()),
    };
    let default = match (&field.default_value, field.r#type()) {
        (None, _) => "None".to_owned(),
        (Some(text), Type::Bool) => format!("Some(Default::Bool({text}))"),
        (Some(text), Type::Double) => format!("Some(Default::Double({:?}))", text.parse::<f64>()?),
        (Some(text), Type::String) => format!("Some(Default::String({text:?}))"),
        (Some(text), Type::Enum) => format!("Some(Default::Enum({text:?}))"),
        (Some(text), Type::Bytes | Type::Message | Type::Group) => {
            return Err(refuse(&format!("a default ({text}) is not supported")).into());
        }
        (Some(text), _) => format!("Some(Default::Integer({}))", text.parse::<i64>()?),
    };
    writeln!(
        out,
        "Field {{ name: {:?}, number: {}, label: Label::{label}, kind: Kind::{kind}, \
         default: {default}, deprecated: {} }},",
        field.name(),
        field.number(),
        options.is_some_and(|o| o.deprecated()),
    )?;
    Ok(())
}

/// The list of all messages, and a macro that names every generated type (for tests).
fn write_list(out: &mut String, declared: &Declared<'_>) -> Result<(), Box<dyn Error>> {
    writeln!(
        out,
        "/// Every message, sorted by its full name.\npub static MESSAGES: &[&Message] = &["
    )?;
    for (name, message) in &declared.messages {
        if message.rust_path.is_some() {
            writeln!(out, "&{},", static_name("M", name))?;
        }
    }
    writeln!(out, "];")?;
    writeln!(out, "/// Every enum, sorted by its full name.\npub static ENUMS: &[&Enum] = &[")?;
    for name in declared.enums.keys() {
        writeln!(out, "&{},", static_name("E", name))?;
    }
    writeln!(out, "];")?;
    writeln!(
        out,
        "#[cfg(test)] macro_rules! for_every_message {{ ($callback:ident) => {{ $callback! {{"
    )?;
    for path in declared.messages.values().filter_map(|m| m.rust_path.as_ref()) {
        writeln!(out, "crate::generated::{path},")?;
    }
    writeln!(out, "}} }} }}\n#[cfg(test)] pub(crate) use for_every_message;")?;
    Ok(())
}
