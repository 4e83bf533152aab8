// SPDX-License-Identifier: Apache-2.0

//! What the launcher is told to start, and its compact form on a file descriptor.
//!
//! The form is private to one version of the agent and the launcher beside it:
//! a magic number, then each field in order; strings and lists carry their
//! length as a 32-bit little-endian number in front. It travels over an
//! inherited memory file and never touches a disk, so it may hold secrets.

use std::fmt;

/// The first bytes of the form; changes with it.
const MAGIC: &[u8; 8] = b"mesosL2\n";

/// No specification is longer: the kernel allows a command and its environment 6 MiB at most.
pub const LONGEST: usize = 8 * 1024 * 1024;

/// One limit of `setrlimit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number of the resource, as in `RLIMIT_*`.
    pub resource: u32,
    /// The soft limit; `u64::MAX` is unlimited.
    pub soft: u64,
    /// The hard limit; `u64::MAX` is unlimited.
    pub hard: u64,
}

/// Whom the command runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Supplementary group ids.
    pub groups: Vec<u32>,
}

/// Whom the container must not outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The agent's process id.
    pub pid: u32,
    /// Between SIGTERM and SIGKILL once it has gone, in milliseconds.
    pub grace_ms: u32,
}

/// What to start and how. Paths and strings are bytes without NUL.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Spec {
    /// Where `pid` and `status` go; none for a command whose end is only reported.
    pub runtime_directory: Option<Vec<u8>>,
    /// The working directory of the command.
    pub working_directory: Vec<u8>,
    /// The file to execute: a path, or a name to look up in the `PATH` of [`Self::environment`].
    pub program: Vec<u8>,
    /// The arguments, the first being the name the command sees itself by.
    pub arguments: Vec<Vec<u8>>,
    /// The whole environment, as `NAME=value`.
    pub environment: Vec<Vec<u8>>,
    /// Whom to run as; none for whom the launcher runs as.
    pub identity: Option<Identity>,
    /// The limits to set before the user is changed.
    pub limits: Vec<Limit>,
    /// Whom the container must not outlive; none if it may outlive anybody.
    pub agent: Option<Agent>,
}

impl fmt::Debug for Spec {
    // The environment and the arguments may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec")
            .field("program", &String::from_utf8_lossy(&self.program))
            .field("working_directory", &String::from_utf8_lossy(&self.working_directory))
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Why bytes are not a specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// They begin with something else, for instance with another version's form.
    ForeignFormat,
    /// They end in the middle.
    Truncated,
    /// Something follows the last field.
    TrailingBytes,
    /// A string holds a NUL byte, which no path, argument or variable may.
    NulByte,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SpecError::ForeignFormat => "not written by the agent of this version",
            SpecError::Truncated => "it ends too early",
            SpecError::TrailingBytes => "it is followed by other bytes",
            SpecError::NulByte => "a path, argument or environment variable holds a NUL byte",
        })
    }
}

impl std::error::Error for SpecError {}

impl Spec {
    /// The form that [`Spec::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096);
        out.extend_from_slice(MAGIC);
        put_strings(&mut out, self.runtime_directory.as_slice());
        put_string(&mut out, &self.working_directory);
        put_string(&mut out, &self.program);
        put_strings(&mut out, &self.arguments);
        put_strings(&mut out, &self.environment);
        match &self.identity {
            None => put_length(&mut out, 0),
            Some(identity) => {
                put_length(&mut out, 1);
                out.extend_from_slice(&identity.uid.to_le_bytes());
                out.extend_from_slice(&identity.gid.to_le_bytes());
                put_length(&mut out, identity.groups.len());
                for group in &identity.groups {
                    out.extend_from_slice(&group.to_le_bytes());
                }
            }
        }
        put_length(&mut out, self.limits.len());
        for limit in &self.limits {
            out.extend_from_slice(&limit.resource.to_le_bytes());
            out.extend_from_slice(&limit.soft.to_le_bytes());
            out.extend_from_slice(&limit.hard.to_le_bytes());
        }
        match &self.agent {
            None => put_length(&mut out, 0),
            Some(agent) => {
                put_length(&mut out, 1);
                out.extend_from_slice(&agent.pid.to_le_bytes());
                out.extend_from_slice(&agent.grace_ms.to_le_bytes());
            }
        }
        out
    }

    /// Reads what [`Spec::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are anything else, or a string holds a NUL byte.
    pub fn decode(bytes: &[u8]) -> Result<Spec, SpecError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SpecError::ForeignFormat)?;
        let mut reader = Reader { rest };
        let spec = Spec {
            runtime_directory: reader.strings()?.pop(),
            working_directory: reader.string()?,
            program: reader.string()?,
            arguments: reader.strings()?,
            environment: reader.strings()?,
            identity: if reader.number()? == 0 { None } else { Some(reader.identity()?) },
            limits: reader.limits()?,
            agent: if reader.number()? == 0 { None } else { Some(reader.agent()?) },
        };
        if reader.rest.is_empty() { Ok(spec) } else { Err(SpecError::TrailingBytes) }
    }
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).expect("a specification is far smaller than 4 GiB");
    out.extend_from_slice(&length.to_le_bytes());
}

fn put_string(out: &mut Vec<u8>, string: &[u8]) {
    put_length(out, string.len());
    out.extend_from_slice(string);
}

fn put_strings(out: &mut Vec<u8>, strings: &[Vec<u8>]) {
    put_length(out, strings.len());
    for string in strings {
        put_string(out, string);
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], SpecError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(SpecError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, SpecError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes were taken")))
    }

    fn wide_number(&mut self) -> Result<u64, SpecError> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes were taken")))
    }

    fn string(&mut self) -> Result<Vec<u8>, SpecError> {
        let length = self.number()? as usize;
        let bytes = self.take(length)?;
        if bytes.contains(&0) { Err(SpecError::NulByte) } else { Ok(bytes.to_vec()) }
    }

    fn strings(&mut self) -> Result<Vec<Vec<u8>>, SpecError> {
        // Not allocated ahead: the count may be a lie.
        let count = self.number()?;
        (0..count).map(|_| self.string()).collect()
    }

    fn identity(&mut self) -> Result<Identity, SpecError> {
        let (uid, gid, count) = (self.number()?, self.number()?, self.number()?);
        let groups = (0..count).map(|_| self.number()).collect::<Result<_, _>>()?;
        Ok(Identity { uid, gid, groups })
    }

    fn agent(&mut self) -> Result<Agent, SpecError> {
        Ok(Agent { pid: self.number()?, grace_ms: self.number()? })
    }

    fn limits(&mut self) -> Result<Vec<Limit>, SpecError> {
        let count = self.number()?;
        (0..count)
            .map(|_| {
                Ok(Limit {
                    resource: self.number()?,
                    soft: self.wide_number()?,
                    hard: self.wide_number()?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Spec {
        Spec {
            runtime_directory: Some(b"/run/mesos/containers/c".to_vec()),
            working_directory: b"/sandbox".to_vec(),
            program: b"/bin/sh".to_vec(),
            arguments: vec![b"sh".to_vec(), b"-c".to_vec(), b"true".to_vec()],
            environment: vec![b"PATH=/bin".to_vec(), b"EMPTY=".to_vec()],
            identity: Some(Identity { uid: 65534, gid: 65534, groups: vec![1, 2] }),
            limits: vec![Limit { resource: 7, soft: 1024, hard: u64::MAX }],
            agent: Some(Agent { pid: 42, grace_ms: 5000 }),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for spec in [example(), Spec::default()] {
            assert_eq!(Spec::decode(&spec.encode()), Ok(spec));
        }
    }

    #[test]
    fn every_shortened_form_is_refused() {
        let whole = example().encode();
        for length in 0..whole.len() {
            let expected =
                if length < MAGIC.len() { SpecError::ForeignFormat } else { SpecError::Truncated };
            assert_eq!(Spec::decode(&whole[..length]), Err(expected), "first {length} bytes");
        }
        let longer = [whole, vec![0]].concat();
        assert_eq!(Spec::decode(&longer), Err(SpecError::TrailingBytes));
    }

    #[test]
    fn a_nul_byte_is_refused() {
        let spec = Spec { program: b"/bin/\0sh".to_vec(), ..Spec::default() };
        assert_eq!(Spec::decode(&spec.encode()), Err(SpecError::NulByte));
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let spec = Spec { environment: vec![b"TOKEN=hunter2".to_vec()], ..example() };
        assert!(!format!("{spec:?}").contains("hunter2"));
    }
}
