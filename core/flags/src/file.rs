// SPDX-License-Identifier: Apache-2.0

//! Values that may stand in a file of their own.

use std::{borrow::Cow, fs};

/// `text`, or what the file holds whose absolute path it is.
///
/// Mesos takes a path for the value of every flag that is JSON or resources.
/// (What is named as `file:///path` is read for any flag, by [`load`](crate::load).)
///
/// # Errors
/// When the file cannot be read: which one, and why, in Mesos's words.
pub fn text_or_file(text: &str) -> Result<Cow<'_, str>, String> {
    if !text.starts_with('/') {
        return Ok(Cow::Borrowed(text));
    }
    let read = fs::read_to_string(text);
    read.map(Cow::Owned).map_err(|error| format!("Error reading file '{text}': {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_path_is_taken_as_it_is() {
        assert_eq!(text_or_file("cpus:1").unwrap(), "cpus:1");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "cpus:2").unwrap();
        assert_eq!(text_or_file(&file.path().display().to_string()).unwrap(), "cpus:2");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = text_or_file("/not/there").unwrap_err();
        assert!(error.starts_with("Error reading file '/not/there': "), "{error}");
    }
}
