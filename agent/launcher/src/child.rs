// SPDX-License-Identifier: Apache-2.0

//! Starts the command.
//!
//! Everything that allocates happens before the fork; between fork and exec the
//! child makes system calls only. What fails in the child comes back through a
//! pipe that a successful exec closes, so that a command that could not be
//! executed is never mistaken for one that ran and exited.

use std::{
    ffi::CString,
    fs::File,
    io::{self, Read},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    ptr,
};

use mesos_launcher::{
    report::Stage,
    spec::{Identity, Limit, Spec},
};

use crate::Failure;

/// Where a name without a slash is looked for when the environment has no `PATH`.
const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Starts the command of `spec` and returns its process id once it has been executed.
pub(crate) fn start(spec: &Spec) -> Result<u32, Failure> {
    let prepared = Prepared::new(spec);
    let (mut errors, report) = pipe().map_err(|error| Failure { stage: Stage::Fork, error })?;
    // SAFETY: this process has one thread, so the child may go on with any call;
    // it still restricts itself to system calls on memory prepared above.
    let pid = unsafe { libc::fork() };
    match pid {
        0 => prepared.become_command(report.as_raw_fd()),
        pid if pid > 0 => {
            drop(report);
            outcome(pid, &mut errors)
        }
        _ => Err(Failure { stage: Stage::Fork, error: io::Error::last_os_error() }),
    }
}

/// Reads what the child says about itself: nothing when it has become the command.
fn outcome(pid: i32, errors: &mut File) -> Result<u32, Failure> {
    let mut message = [0; 5];
    match errors.read(&mut message) {
        Ok(5) => {
            let [stage, errno @ ..] = message;
            // SAFETY: the child exits right after its message; no status is asked for.
            unsafe { libc::waitpid(pid, ptr::null_mut(), 0) };
            Err(Failure {
                stage: Stage::ALL.get(usize::from(stage)).copied().unwrap_or(Stage::Fork),
                error: io::Error::from_raw_os_error(i32::from_le_bytes(errno)),
            })
        }
        // Nothing at all: the exec closed the pipe, or the child was killed
        // before it, which the watch will see as its end.
        Ok(_) => Ok(pid.cast_unsigned()),
        Err(error) => Err(Failure { stage: Stage::Fork, error }),
    }
}

fn pipe() -> io::Result<(File, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors that the call writes.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both descriptors were just opened and belong to nobody else.
    Ok(unsafe { (File::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

/// The command in the form that system calls take.
struct Prepared {
    launcher: i32,
    working_directory: CString,
    identity: Option<Identity>,
    limits: Vec<Limit>,
    /// The files to try, in this order.
    programs: Vec<CString>,
    arguments: List,
    /// For each of `programs`, the arguments for `/bin/sh` should it be a script without `#!`.
    script_arguments: Vec<List>,
    environment: List,
}

/// Strings and the null-terminated array of pointers to them.
struct List {
    _strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl List {
    fn new(strings: impl IntoIterator<Item = CString>) -> List {
        let strings: Vec<CString> = strings.into_iter().collect();
        let mut pointers: Vec<_> = strings.iter().map(|string| string.as_ptr()).collect();
        pointers.push(ptr::null());
        List { _strings: strings, pointers }
    }
}

fn c_string(bytes: &[u8]) -> CString {
    CString::new(bytes).expect("reading a specification refuses NUL bytes")
}

/// The paths that `program` may stand for.
fn candidates(program: &[u8], environment: &[Vec<u8>]) -> Vec<CString> {
    if program.contains(&b'/') {
        return vec![c_string(program)];
    }
    let path = environment.iter().find_map(|variable| variable.strip_prefix(b"PATH="));
    path.unwrap_or(DEFAULT_PATH)
        .split(|byte| *byte == b':')
        .map(|directory| {
            // An empty entry means the working directory.
            let directory = if directory.is_empty() { b"." } else { directory };
            c_string(&[directory, b"/", program].concat())
        })
        .collect()
}

impl Prepared {
    fn new(spec: &Spec) -> Prepared {
        let programs = candidates(&spec.program, &spec.environment);
        let script_arguments = programs
            .iter()
            .map(|program| {
                let rest = spec.arguments.iter().skip(1).map(|argument| c_string(argument));
                List::new([c"sh".to_owned(), program.clone()].into_iter().chain(rest))
            })
            .collect();
        Prepared {
            launcher: std::process::id().cast_signed(),
            working_directory: c_string(&spec.working_directory),
            identity: spec.identity.clone(),
            limits: spec.limits.clone(),
            programs,
            arguments: List::new(spec.arguments.iter().map(|argument| c_string(argument))),
            script_arguments,
            environment: List::new(spec.environment.iter().map(|variable| c_string(variable))),
        }
    }

    /// Turns the child into the command, or says why not and exits.
    fn become_command(&self, report: i32) -> ! {
        let (stage, errno) = self.try_to_become();
        let [a, b, c, d] = errno.to_le_bytes();
        let message = [stage as u8, a, b, c, d];
        // SAFETY: `message` lives until the call returns; `_exit` runs no code of ours.
        unsafe {
            libc::write(report, message.as_ptr().cast(), message.len());
            libc::_exit(1)
        }
    }

    /// Returns only on failure: the stage and the error number.
    fn try_to_become(&self) -> (Stage, i32) {
        // SAFETY: the calls change this process alone; the pointers are to
        // strings, arrays and structures that live in `self` or on the stack.
        unsafe {
            // Apart from the launcher: a command that signals its own group must not hit it.
            libc::setsid();
            let mut none: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut none);
            libc::sigprocmask(libc::SIG_SETMASK, &none, ptr::null_mut());
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            for limit in &self.limits {
                let value = libc::rlimit { rlim_cur: limit.soft, rlim_max: limit.hard };
                if libc::setrlimit(limit.resource as _, &value) != 0 {
                    return (Stage::Limits, errno());
                }
            }
            // Before the user changes: the directories above may be closed to him.
            if libc::chdir(self.working_directory.as_ptr()) != 0 {
                return (Stage::WorkingDirectory, errno());
            }
            if let Some(identity) = &self.identity
                && (libc::setgroups(identity.groups.len(), identity.groups.as_ptr()) != 0
                    || libc::setgid(identity.gid) != 0
                    || libc::setuid(identity.uid) != 0)
            {
                return (Stage::Identity, errno());
            }
            // Nothing outlives the launcher. Set after the user, whose change clears it.
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if libc::getppid() != self.launcher {
                libc::_exit(1);
            }
            (Stage::Execute, self.execute())
        }
    }

    /// Executes the first of the programs that can be; returns the error otherwise.
    unsafe fn execute(&self) -> i32 {
        let environment = self.environment.pointers.as_ptr();
        let mut result = libc::ENOENT;
        for (program, script_arguments) in self.programs.iter().zip(&self.script_arguments) {
            // SAFETY: all arrays end in a null pointer, all strings in NUL.
            unsafe {
                libc::execve(program.as_ptr(), self.arguments.pointers.as_ptr(), environment);
                match errno() {
                    libc::ENOENT | libc::ENOTDIR => {}
                    // Keep looking, but remember that something was there.
                    libc::EACCES => result = libc::EACCES,
                    libc::ENOEXEC => {
                        let shell = c"/bin/sh".as_ptr();
                        libc::execve(shell, script_arguments.pointers.as_ptr(), environment);
                        return libc::ENOEXEC;
                    }
                    other => return other,
                }
            }
        }
        result
    }
}

fn errno() -> i32 {
    // SAFETY: the location belongs to this thread and is always valid.
    unsafe { *libc::__errno_location() }
}
