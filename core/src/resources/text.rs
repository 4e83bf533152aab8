// SPDX-License-Identifier: Apache-2.0

//! Resources as Mesos prints them, in messages that people and programs read.
//!
//! Works on the protobuf, so that resources too broken to be taken in can be
//! named in the refusal.
//!
//! Source in Mesos: the stream operators in `src/common/resources.cpp`.

use std::fmt::{self, Display, Formatter};

use mesos_proto::v1::{
    self, Labels, Volume,
    resource::{DiskInfo, ReservationInfo, disk_info::Source, disk_info::source},
    value, volume,
};

use super::Scalar;

/// Prints a message the way Mesos does.
pub struct Printed<'a, T>(pub &'a T);

impl Display for Printed<'_, v1::Resource> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let resource = self.0;
        f.write_str(&resource.name)?;
        if let Some(allocation) = &resource.allocation_info {
            write!(f, "(allocated: {})", allocation.role())?;
        }
        if !resource.reservations.is_empty() {
            f.write_str("(reservations: [")?;
            for (index, reservation) in resource.reservations.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(f, "{comma}({})", Printed(reservation))?;
            }
            f.write_str("])")?;
        }
        if let Some(disk) = &resource.disk {
            write!(f, "[{}]", Printed(disk))?;
        }
        if resource.revocable.is_some() {
            f.write_str("{REV}")?;
        }
        if resource.shared.is_some() {
            f.write_str("<SHARED>")?;
        }
        f.write_str(":")?;
        fmt_value(resource, f)
    }
}

/// Prints the value as it was sent: ranges may be reversed, words may repeat.
fn fmt_value(resource: &v1::Resource, f: &mut Formatter<'_>) -> fmt::Result {
    match value::Type::try_from(resource.r#type) {
        Ok(value::Type::Scalar) => {
            let scalar = resource.scalar.as_ref().map(Scalar::from);
            scalar.unwrap_or_default().fmt(f)
        }
        Ok(value::Type::Ranges) => {
            let ranges = resource.ranges.iter().flat_map(|ranges| &ranges.range);
            f.write_str("[")?;
            for (index, range) in ranges.enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(f, "{comma}{}-{}", range.begin, range.end)?;
            }
            f.write_str("]")
        }
        Ok(value::Type::Set) => {
            let items = resource.set.iter().flat_map(|set| &set.item);
            f.write_str("{")?;
            for (index, item) in items.enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(f, "{comma}{item}")?;
            }
            f.write_str("}")
        }
        Ok(value::Type::Text) => f.write_str("(TEXT)"),
        Err(_) => write!(f, "(type {})", resource.r#type),
    }
}

impl Display for Printed<'_, ReservationInfo> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reservation = self.0;
        let kind = reservation.r#type().as_str_name();
        write!(f, "{kind},{}", reservation.role())?;
        if let Some(principal) = &reservation.principal {
            write!(f, ",{principal}")?;
        }
        if let Some(labels) = &reservation.labels {
            write!(f, ",{}", Printed(labels))?;
        }
        Ok(())
    }
}

impl Display for Printed<'_, Labels> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, label) in self.0.labels.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", label.key)?;
            if let Some(value) = &label.value {
                write!(f, ": {value}")?;
            }
        }
        f.write_str("}")
    }
}

impl Display for Printed<'_, DiskInfo> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let disk = self.0;
        if let Some(source) = &disk.source {
            write!(f, "{}", Printed(source))?;
        }
        if let Some(persistence) = &disk.persistence {
            let comma = if disk.source.is_some() { "," } else { "" };
            write!(f, "{comma}{}", persistence.id)?;
        }
        if let Some(volume) = &disk.volume {
            write!(f, ":{}", Printed(volume))?;
        }
        Ok(())
    }
}

impl Display for Printed<'_, Source> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = self.0;
        let Ok(source_type) = source::Type::try_from(source.r#type) else {
            return f.write_str("UNKNOWN");
        };
        f.write_str(source_type.as_str_name())?;
        if source_type != source::Type::Unknown && (source.id.is_some() || source.profile.is_some())
        {
            let (vendor, id, profile) = (source.vendor(), source.id(), source.profile());
            return write!(f, "({vendor},{id},{profile})");
        }
        let root = match source_type {
            source::Type::Mount => source.mount.as_ref().and_then(|mount| mount.root.as_ref()),
            source::Type::Path => source.path.as_ref().and_then(|path| path.root.as_ref()),
            source::Type::Block | source::Type::Raw | source::Type::Unknown => None,
        };
        match root {
            Some(root) => write!(f, ":{root}"),
            None => Ok(()),
        }
    }
}

impl Display for Printed<'_, Volume> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let volume = self.0;
        let Some(host_path) = &volume.host_path else {
            return f.write_str(&volume.container_path);
        };
        let mode = match volume.mode() {
            volume::Mode::Rw => "rw",
            volume::Mode::Ro => "ro",
        };
        write!(f, "{host_path}:{}:{mode}", volume.container_path)
    }
}
