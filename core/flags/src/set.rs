// SPDX-License-Identifier: Apache-2.0

//! The declaration of a program's flags.

use std::collections::BTreeMap;

use crate::FlagError;

/// One flag, as the help text and the loader see it.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// The name, without dashes.
    pub name: &'static str,
    /// A name that works too, from before "slave" became "agent".
    pub alias: Option<&'static str>,
    /// Whether `--name` and `--no-name` are allowed.
    pub boolean: bool,
    /// Whether `file:///path` is replaced by that file's content.
    pub reads_files: bool,
    /// Whether the value must not be repeated in errors.
    pub secret: bool,
    /// The default's text; `None` when unset.
    pub default: Option<&'static str>,
    /// The help text, one element a line.
    pub help: &'static [&'static str],
}

/// A struct made by [`flags!`](crate::flags!).
pub trait FlagSet: Sized {
    /// All flags, in the order of declaration.
    fn flags() -> Vec<Flag>;

    /// Builds the struct from the texts given, keyed by flag name.
    fn from_texts(texts: &BTreeMap<&'static str, String>, prefix: &str) -> Result<Self, FlagError>;

    /// What `/flags` shows: the flags that have a value, sorted by name.
    fn to_map(&self) -> BTreeMap<&'static str, String>;
}

/// Declares the flags of a program.
///
/// A field with `= "text"` has that default; an `Option` without one is unset
/// unless given; any other type without default is required. `name | alias`
/// accepts a second name.
///
/// ```
/// use std::time::Duration;
///
/// mesos_flags::flags! {
///     /// Flags of the example.
///     pub struct Flags {
///         /// How often agents are pinged.
///         agent_ping_timeout | slave_ping_timeout: Duration = "15secs",
///         /// Where to store things.
///         work_dir: Option<std::path::PathBuf>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! flags {
    (
        $(#[$outer:meta])*
        $vis:vis struct $set:ident {
            $(
                $(#[doc = $help:literal])+
                $name:ident $(| $alias:ident)? : $kind:ty $(= $default:literal)?
            ),* $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Debug)]
        $vis struct $set {
            $( $(#[doc = $help])+ pub $name: $kind, )*
        }

        impl $crate::FlagSet for $set {
            fn flags() -> Vec<$crate::Flag> {
                vec![$( $crate::Flag {
                    name: stringify!($name),
                    alias: $crate::flags!(@option $(stringify!($alias))?),
                    boolean: <$kind as $crate::FlagValue>::BOOLEAN,
                    reads_files: <$kind as $crate::FlagValue>::READS_FILES,
                    secret: <$kind as $crate::FlagValue>::SECRET,
                    default: $crate::flags!(@option $($default)?),
                    help: &[$($help),+],
                } ),*]
            }

            fn from_texts(
                texts: &::std::collections::BTreeMap<&'static str, String>,
                prefix: &str,
            ) -> Result<Self, $crate::FlagError> {
                Ok($set {
                    $( $name: $crate::__read_flag::<$kind>(
                        stringify!($name),
                        $crate::flags!(@option $($default)?),
                        texts,
                        prefix,
                    )?, )*
                })
            }

            fn to_map(&self) -> ::std::collections::BTreeMap<&'static str, String> {
                let mut map = ::std::collections::BTreeMap::new();
                $( if let Some(text) = $crate::FlagValue::print(&self.$name) {
                    map.insert(stringify!($name), text);
                } )*
                map
            }
        }
    };
    (@option) => { None };
    (@option $value:expr) => { Some($value) };
}
