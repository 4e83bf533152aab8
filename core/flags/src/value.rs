// SPDX-License-Identifier: Apache-2.0

//! The types a flag can have.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use crate::{ByteSize, duration};

/// A type that a flag's text converts to and from.
pub trait FlagValue: Sized {
    /// Whether the flag may be given as `--name` and `--no-name`.
    const BOOLEAN: bool = false;
    /// Whether `file:///path` stands for that file's content (not so for paths).
    const READS_FILES: bool = true;
    /// Whether the value must not be shown.
    const SECRET: bool = false;

    /// Reads the text; the error says what would be right.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that `/flags` shows; `None` when unset.
    fn print(&self) -> Option<String>;

    /// The value of a flag that is not given and has no default.
    fn unset() -> Option<Self> {
        None
    }
}

impl FlagValue for bool {
    const BOOLEAN: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("expected true or false".to_owned()),
        }
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

macro_rules! whole_numbers {
    ($($kind:ty),*) => {$(
        impl FlagValue for $kind {
            fn parse(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| {
                    format!("expected a whole number from {} to {}", <$kind>::MIN, <$kind>::MAX)
                })
            }

            fn print(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

whole_numbers!(u16, u32, u64, i32, i64, usize);

impl FlagValue for f64 {
    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) | Err(_) => Err("expected a number".to_owned()),
        }
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl FlagValue for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn print(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl FlagValue for PathBuf {
    const READS_FILES: bool = false;

    fn parse(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix("file://").unwrap_or(text);
        if path.is_empty() {
            return Err("expected a path".to_owned());
        }
        Ok(PathBuf::from(path))
    }

    fn print(&self) -> Option<String> {
        Some(self.display().to_string())
    }
}

impl FlagValue for IpAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.trim().parse().map_err(|_| "expected an IP address, such as 127.0.0.1".to_owned())
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl FlagValue for Duration {
    fn parse(text: &str) -> Result<Self, String> {
        duration::parse(text).map_err(|error| error.to_string())
    }

    fn print(&self) -> Option<String> {
        Some(duration::format(*self))
    }
}

impl FlagValue for ByteSize {
    fn parse(text: &str) -> Result<Self, String> {
        ByteSize::parse(text).map_err(|error| error.to_string())
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A share of a whole, written `80%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percentage(pub f64);

impl Percentage {
    /// The share as a factor: 0.8 for `80%`.
    pub fn as_fraction(self) -> f64 {
        self.0 / 100.0
    }
}

impl FlagValue for Percentage {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.trim().strip_suffix('%').map(str::parse::<f64>);
        match number {
            Some(Ok(value)) if (0.0..=100.0).contains(&value) => Ok(Percentage(value)),
            Some(Ok(_) | Err(_)) | None => {
                Err("expected a percentage from 0% to 100%, such as 80%".to_owned())
            }
        }
    }

    fn print(&self) -> Option<String> {
        Some(format!("{}%", self.0))
    }
}

/// A text that is never shown, neither in `/flags` nor in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(****)")
    }
}

impl FlagValue for Secret {
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Secret(text.to_owned()))
    }

    fn print(&self) -> Option<String> {
        Some("****".to_owned())
    }
}

impl<T: FlagValue> FlagValue for Option<T> {
    const BOOLEAN: bool = T::BOOLEAN;
    const READS_FILES: bool = T::READS_FILES;
    const SECRET: bool = T::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn print(&self) -> Option<String> {
        self.as_ref().and_then(T::print)
    }

    fn unset() -> Option<Self> {
        Some(None)
    }
}
