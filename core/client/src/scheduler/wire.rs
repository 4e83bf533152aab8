// SPDX-License-Identifier: Apache-2.0

//! What the network has to tell, in the words of the scheduler machine.

use mesos_driver::{Attempt, scheduler::Input};
use mesos_proto::v1::scheduler;

use crate::transport::{Answer, News, Outcome};

/// News of the event stream.
pub(crate) fn inputs(attempt: Attempt, news: News<scheduler::Event>, mut tell: impl FnMut(Input)) {
    match news {
        // These streams carry SUBSCRIBE from the beginning.
        News::Connected => {}
        News::Opened { stream_id } => tell(Input::StreamOpened { attempt, stream_id }),
        News::Refused { status, location, body } => {
            tell(Input::StreamRefused { attempt, status, location, body });
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

/// The detector's word.
pub(crate) fn detected(master: Option<String>) -> Input {
    Input::MasterDetected(master)
}
