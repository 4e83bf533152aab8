// SPDX-License-Identifier: Apache-2.0

//! What the network has to tell, in the words of the executor machine, and
//! the one thing that an executor does to itself.

use mesos_driver::{Attempt, executor::Input};
use mesos_proto::v1::executor;

use crate::transport::{Answer, News, Outcome};

/// News of the event stream.
pub(crate) fn inputs(attempt: Attempt, news: News<executor::Event>, mut tell: impl FnMut(Input)) {
    match news {
        // These streams carry SUBSCRIBE from the beginning.
        News::Connected => {}
        News::Opened { .. } => tell(Input::StreamOpened { attempt }),
        News::Refused { status, location: _, body } => {
            tell(Input::StreamRefused { attempt, status, body });
        }
        News::Records(events) => {
            for event in events {
                tell(Input::Record { attempt, event: Box::new(event) });
            }
        }
        News::Failed { reason } => tell(Input::StreamFailed { attempt, reason }),
    }
}

/// The end of a call.
pub(crate) fn answered(answer: Answer) -> Input {
    let send = answer.send;
    match answer.outcome {
        Outcome::Answered { status, body } => {
            let body = String::from_utf8_lossy(&body).into_owned();
            Input::CallAnswered { send, status, body }
        }
        Outcome::Failed { reason } => Input::CallFailed { send, reason },
    }
}

/// Ends this process and what it started, which may ignore a request to end.
///
/// An agent starts an executor as the leader of a process group of its own; of
/// another's group only this process is killed.
pub(crate) fn kill_group() {
    tracing::warn!("the shutdown grace period is over: killing the process group");
    let own = nix::unistd::getpid();
    let result = if nix::unistd::getpgrp() == own {
        nix::sys::signal::killpg(own, nix::sys::signal::SIGKILL)
    } else {
        nix::sys::signal::kill(own, nix::sys::signal::SIGKILL)
    };
    if let Err(error) = result {
        tracing::warn!("cannot kill the process group: {error}");
    }
}
