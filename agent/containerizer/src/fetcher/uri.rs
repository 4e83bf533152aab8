// SPDX-License-Identifier: Apache-2.0

//! What a URI of a command stands for, and what its file is called in the sandbox.
//!
//! The refusals have Mesos's texts where Mesos has any.

use std::path::{Path, PathBuf};

use mesos_proto::v1::command_info;

use super::beneath;

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// This machine.
    File(PathBuf),
    /// A web server.
    Web(String),
}

/// Why a URI is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// It has a character in it that Mesos refuses.
    #[error("Illegal characters in URI")]
    IllegalCharacters,
    /// It ends after the host.
    #[error("Malformed URI (missing path): {0}")]
    MissingPath(String),
    /// `file://` and then a relative path.
    #[error("File URI only supports absolute paths")]
    RelativeFileUri,
    /// A relative path, and no flag that says to what.
    #[error(
        "A relative path was passed for the resource but the Mesos framework home was not \
         specified. Please either provide this config option or avoid using a relative path"
    )]
    NoFrameworksHome,
    /// A scheme that is not supported.
    #[error("URIs of the scheme '{0}' are not supported; use a path, file://, http:// or https://")]
    Scheme(String),
    /// The output file is empty.
    #[error("URI output file path is empty")]
    EmptyOutputFile,
    /// The output file would not be in the sandbox.
    #[error("URI output file must be within the sandbox directory")]
    OutputFile,
}

/// Where the file of a URI is.
pub(super) fn source(uri: &str, frameworks_home: Option<&Path>) -> Result<Source, UriError> {
    let uri = uri.trim_start();
    let is_file = uri.starts_with("file://");
    if let Some((scheme, _)) = uri.split_once("://").filter(|_| !is_file) {
        return match scheme {
            "http" | "https" => Ok(Source::Web(uri.to_owned())),
            _ => Err(UriError::Scheme(scheme.to_owned())),
        };
    }
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let path = Path::new(path.strip_prefix("localhost").unwrap_or(path));
    if path.is_absolute() {
        return Ok(Source::File(path.to_owned()));
    }
    if is_file {
        return Err(UriError::RelativeFileUri);
    }
    let home = frameworks_home.filter(|home| !home.as_os_str().is_empty());
    Ok(Source::File(home.ok_or(UriError::NoFrameworksHome)?.join(path)))
}

/// The file's name below the sandbox.
pub(super) fn destination(uri: &command_info::Uri) -> Result<PathBuf, UriError> {
    let name = basename(&uri.value)?;
    let name = match uri.output_file.as_deref() {
        None => name,
        Some("") => return Err(UriError::EmptyOutputFile),
        Some(output_file) => output_file.to_owned(),
    };
    beneath::plain(Path::new(&name)).map_err(|_| UriError::OutputFile)
}

fn basename(uri: &str) -> Result<String, UriError> {
    if uri.contains(['\\', '\'', '\0']) {
        return Err(UriError::IllegalCharacters);
    }
    let missing = || UriError::MissingPath(uri.to_owned());
    let path = match uri.split_once("://") {
        Some((scheme, rest)) if !scheme.is_empty() => {
            let (_, path) = rest.split_once('/').ok_or_else(missing)?;
            if path.is_empty() {
                return Err(missing());
            }
            path
        }
        Some(_) | None => uri.trim_end_matches('/'),
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.is_empty() { Err(missing()) } else { Ok(name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let home = Some(Path::new("/home"));
        let file = |path: &str| Ok(Source::File(path.into()));
        for (uri, home, expected) in [
            ("/a/b", None, file("/a/b")),
            ("file:///a/b", None, file("/a/b")),
            ("file://localhost/a/b", None, file("/a/b")),
            ("a/b", home, file("/home/a/b")),
            ("a/b", None, Err(UriError::NoFrameworksHome)),
            ("file://a/b", home, Err(UriError::RelativeFileUri)),
            (" http://h/x", None, Ok(Source::Web("http://h/x".to_owned()))),
            ("hdfs://h/x", None, Err(UriError::Scheme("hdfs".to_owned()))),
        ] {
            assert_eq!(source(uri, home), expected, "{uri}");
        }
    }

    #[test]
    fn a_file_is_called_as_the_last_part_or_as_it_says() {
        let named = |value: &str, output_file: Option<&str>| {
            destination(&command_info::Uri {
                value: value.to_owned(),
                output_file: output_file.map(str::to_owned),
                ..command_info::Uri::default()
            })
        };
        assert_eq!(named("http://h/a/b.tgz?q", None), Ok("b.tgz?q".into()));
        assert_eq!(named("/a/b", None), Ok("b".into()));
        assert_eq!(named("/a/b", Some("x/./y")), Ok("x/y".into()));
        assert_eq!(named("/a/b", Some("")), Err(UriError::EmptyOutputFile));
        for outside in ["/etc/passwd", "../x", "x/../../y"] {
            assert_eq!(named("/a/b", Some(outside)), Err(UriError::OutputFile), "{outside}");
        }
        for missing in ["http://h", "http://h/", "/", ""] {
            assert!(matches!(named(missing, None), Err(UriError::MissingPath(_))), "{missing}");
        }
        assert_eq!(named("http://h/..", None), Err(UriError::OutputFile));
        assert_eq!(named("http://h/a'b", None), Err(UriError::IllegalCharacters));
    }
}
