// SPDX-License-Identifier: Apache-2.0

//! What the system says, as Mesos repeats it.

use std::io;

use nix::errno::Errno;

/// The system's words for an error, without Rust's addition of its number.
pub(crate) fn of(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno::from_raw(number).desc().to_owned(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_has_its_words_only() {
        assert_eq!(of(&io::Error::from_raw_os_error(1)), "Operation not permitted");
        assert_eq!(of(&io::Error::other("mine")), "mine");
    }
}
