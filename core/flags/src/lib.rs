// SPDX-License-Identifier: Apache-2.0

//! Command-line flags the way Mesos spells them.
//!
//! A program declares its flags once, with [`flags!`], as a struct whose fields
//! are typed and whose doc comments are the help text. [`load`] fills it from
//! the command line (`--name=value`, `--name` and `--no-name` for booleans) and
//! from the environment (`MESOS_NAME`); the command line wins. A value of the
//! form `file:///path` is read from that file.
//!
//! An unknown flag, a bad value, a flag given twice and a missing required one
//! are errors that name the flag and say what would be right. Arguments that
//! are no flags are not refused (Mesos skips them) but come back as warnings.
//!
//! Nothing here exits the process, prints, or reads the process's own
//! environment: the caller hands in a [`Source`].
//!
//! In Mesos: `3rdparty/stout/include/stout/flags`.

pub mod bytes;
pub mod duration;
mod error;
mod file;
mod loader;
mod number;
mod set;
mod usage;
mod value;

pub use bytes::ByteSize;
pub use error::FlagError;
pub use file::text_or_file;
#[doc(hidden)]
pub use loader::read_flag as __read_flag;
pub use loader::{Loaded, Source, Warning, load};
pub use set::{Flag, FlagSet};
pub use value::{FlagValue, Percentage, Secret};

#[cfg(test)]
mod tests;
