// SPDX-License-Identifier: Apache-2.0

//! Turns a Mesos `CommandInfo` and an environment into what the launcher executes.

use std::path::Path;

use mesos_launcher::spec::{Identity, Limit, Spec};
use mesos_proto::v1::{
    CommandInfo, RLimitInfo, environment::variable, r_limit_info::r_limit::Type,
};

/// The `PATH` of a command that was given none.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why a command cannot be started.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// `shell` is true and there is nothing for the shell.
    #[error("Shell specified but no command value provided")]
    NoShellCommand,
    /// `shell` is false and there is no program.
    #[error("No executable was provided: set 'value' to a path, or 'shell' to true")]
    NoProgram,
    /// A string has a NUL byte in it, which the system cannot take.
    #[error("{0} contains a NUL byte")]
    NulByte(&'static str),
    /// An environment variable without a name, or whose name holds a `=`.
    #[error("'{0}' is not a name for an environment variable")]
    VariableName(String),
    /// An environment variable whose value is a secret.
    #[error(
        "The value of the environment variable '{0}' is a secret, and this agent has nothing that \
         resolves secrets; give it as a plain value, or fetch it"
    )]
    Secret(String),
    /// A resource limit without a type.
    #[error("RLimit type must be set, to one of RLMT_AS … RLMT_STACK")]
    LimitType,
    /// A resource limit with a hard value and no soft one, or the other way round.
    #[error("Either both or none of RLimit hard and soft must be set")]
    HalfLimit,
    /// A soft limit above the hard one.
    #[error("RLimit soft value {soft} is above its hard value {hard}")]
    LimitOrder {
        /// The soft value.
        soft: u64,
        /// The hard value.
        hard: u64,
    },
}

/// What the launcher is to start.
///
/// # Errors
/// When the command, its environment or its limits make no sense.
pub fn spec(
    command: &CommandInfo,
    environment: &[(String, String)],
    working_directory: &Path,
    identity: Option<Identity>,
    limits: Option<&RLimitInfo>,
) -> Result<Spec, CommandError> {
    let (program, arguments) = program(command)?;
    let spec = Spec {
        runtime_directory: None,
        working_directory: working_directory.as_os_str().as_encoded_bytes().to_vec(),
        program: program.into_bytes(),
        arguments: arguments.into_iter().map(String::into_bytes).collect(),
        environment: variables(environment)?,
        identity,
        limits: self::limits(limits)?,
        agent: None,
    };
    let has_nul = |string: &Vec<u8>| string.contains(&0);
    if has_nul(&spec.program) || spec.arguments.iter().any(has_nul) {
        return Err(CommandError::NulByte("The command"));
    }
    Ok(spec)
}

/// Refuses a command that is to be given secrets: without them it would run in vain, or worse.
///
/// # Errors
/// When a variable of its environment is a secret. The error does not tell what it refers to.
pub fn refuse_secrets(command: &CommandInfo) -> Result<(), CommandError> {
    let mut variables = command.environment.iter().flat_map(|environment| &environment.variables);
    match variables.find(|variable| variable.r#type() == variable::Type::Secret) {
        Some(variable) => Err(CommandError::Secret(variable.name.clone())),
        None => Ok(()),
    }
}

/// Limits the open files of a container that does not say how many it wants.
pub fn limit_open_files(spec: &mut Spec, open_files: Option<(u64, u64)>) {
    let resource = libc::RLIMIT_NOFILE;
    if let Some((soft, hard)) = open_files
        && !spec.limits.iter().any(|limit| limit.resource == resource)
    {
        spec.limits.push(Limit { resource, soft, hard });
    }
}

fn program(command: &CommandInfo) -> Result<(String, Vec<String>), CommandError> {
    let value = command.value.clone().unwrap_or_default();
    if command.shell.unwrap_or(true) {
        if command.value.is_none() {
            return Err(CommandError::NoShellCommand);
        }
        return Ok(("/bin/sh".to_owned(), vec!["sh".to_owned(), "-c".to_owned(), value]));
    }
    if value.is_empty() {
        return Err(CommandError::NoProgram);
    }
    let arguments =
        if command.arguments.is_empty() { vec![value.clone()] } else { command.arguments.clone() };
    Ok((value, arguments))
}

fn variables(environment: &[(String, String)]) -> Result<Vec<Vec<u8>>, CommandError> {
    let mut variables = Vec::with_capacity(environment.len() + 1);
    for (name, value) in environment {
        if name.is_empty() || name.contains('=') {
            return Err(CommandError::VariableName(name.clone()));
        }
        if name.contains('\0') || value.contains('\0') {
            return Err(CommandError::NulByte("The environment"));
        }
        variables.push(format!("{name}={value}").into_bytes());
    }
    if !environment.iter().any(|(name, _)| name == "PATH") {
        variables.push(format!("PATH={DEFAULT_PATH}").into_bytes());
    }
    Ok(variables)
}

fn limits(info: Option<&RLimitInfo>) -> Result<Vec<Limit>, CommandError> {
    info.iter().flat_map(|info| &info.rlimits).map(limit).collect()
}

fn limit(limit: &mesos_proto::v1::r_limit_info::RLimit) -> Result<Limit, CommandError> {
    let resource = match limit.r#type() {
        Type::Unknown => return Err(CommandError::LimitType),
        Type::RlmtAs => libc::RLIMIT_AS,
        Type::RlmtCore => libc::RLIMIT_CORE,
        Type::RlmtCpu => libc::RLIMIT_CPU,
        Type::RlmtData => libc::RLIMIT_DATA,
        Type::RlmtFsize => libc::RLIMIT_FSIZE,
        Type::RlmtLocks => libc::RLIMIT_LOCKS,
        Type::RlmtMemlock => libc::RLIMIT_MEMLOCK,
        Type::RlmtMsgqueue => libc::RLIMIT_MSGQUEUE,
        Type::RlmtNice => libc::RLIMIT_NICE,
        Type::RlmtNofile => libc::RLIMIT_NOFILE,
        Type::RlmtNproc => libc::RLIMIT_NPROC,
        Type::RlmtRss => libc::RLIMIT_RSS,
        Type::RlmtRtprio => libc::RLIMIT_RTPRIO,
        Type::RlmtRttime => libc::RLIMIT_RTTIME,
        Type::RlmtSigpending => libc::RLIMIT_SIGPENDING,
        Type::RlmtStack => libc::RLIMIT_STACK,
    };
    let (soft, hard) = match (limit.soft, limit.hard) {
        (None, None) => (libc::RLIM_INFINITY, libc::RLIM_INFINITY),
        (Some(soft), Some(hard)) if soft <= hard => (soft, hard),
        (Some(soft), Some(hard)) => return Err(CommandError::LimitOrder { soft, hard }),
        (Some(_), None) | (None, Some(_)) => return Err(CommandError::HalfLimit),
    };
    Ok(Limit { resource, soft, hard })
}

#[cfg(test)]
mod tests {
    use mesos_proto::v1::r_limit_info::RLimit;

    use super::*;

    fn texts(strings: &[Vec<u8>]) -> Vec<&str> {
        strings.iter().map(|string| std::str::from_utf8(string).unwrap()).collect()
    }

    fn build(command: &CommandInfo, environment: &[(&str, &str)]) -> Result<Spec, CommandError> {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        spec(command, &environment, Path::new("/sandbox"), None, None)
    }

    fn shell(value: &str) -> CommandInfo {
        CommandInfo { value: Some(value.to_owned()), ..CommandInfo::default() }
    }

    #[test]
    fn a_shell_command_goes_to_the_shell_and_gets_a_path() {
        let spec = build(&shell("echo hi"), &[("A", "b")]).unwrap();
        assert_eq!(texts(&spec.arguments), ["sh", "-c", "echo hi"]);
        assert_eq!(spec.program, b"/bin/sh");
        assert_eq!(texts(&spec.environment), ["A=b", &format!("PATH={DEFAULT_PATH}")]);
    }

    #[test]
    fn a_path_that_was_given_is_kept() {
        let spec = build(&shell("true"), &[("PATH", "/mine")]).unwrap();
        assert_eq!(texts(&spec.environment), ["PATH=/mine"]);
    }

    #[test]
    fn arguments_without_a_shell_are_taken_as_they_are() {
        let command = CommandInfo {
            shell: Some(false),
            arguments: vec!["sleep".to_owned(), "10".to_owned()],
            ..shell("/bin/sleep")
        };
        let spec = build(&command, &[]).unwrap();
        assert_eq!(
            (spec.program.as_slice(), texts(&spec.arguments)),
            (b"/bin/sleep".as_slice(), vec!["sleep", "10"])
        );
        let bare = CommandInfo { arguments: vec![], ..command };
        assert_eq!(texts(&build(&bare, &[]).unwrap().arguments), ["/bin/sleep"]);
    }

    #[test]
    fn senseless_commands_are_refused() {
        let none = CommandInfo::default();
        assert_eq!(build(&none, &[]), Err(CommandError::NoShellCommand));
        let none = CommandInfo { shell: Some(false), ..none };
        assert_eq!(build(&none, &[]), Err(CommandError::NoProgram));
        assert_eq!(build(&shell("a\0b"), &[]), Err(CommandError::NulByte("The command")));
        assert_eq!(
            build(&shell("true"), &[("a=b", "c")]),
            Err(CommandError::VariableName("a=b".to_owned()))
        );
    }

    #[test]
    fn limits_are_both_or_none() {
        let of = |soft, hard| {
            limit(&RLimit { r#type: Some(Type::RlmtCore as i32), soft, hard })
                .map(|limit| (limit.soft, limit.hard))
        };
        assert_eq!(of(None, None), Ok((u64::MAX, u64::MAX)));
        assert_eq!(of(Some(1), Some(2)), Ok((1, 2)));
        assert_eq!(of(Some(1), None), Err(CommandError::HalfLimit));
        assert_eq!(of(Some(3), Some(2)), Err(CommandError::LimitOrder { soft: 3, hard: 2 }));
        assert_eq!(limit(&RLimit::default()), Err(CommandError::LimitType));
    }
}
