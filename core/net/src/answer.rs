// SPDX-License-Identifier: Apache-2.0

//! The body of an answer as the HTTP library takes it: it tells the connection's
//! guard when all of it was handed over.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::{Body, Cut, guard::Phase};

/// A body and the connection that it goes to.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Body,
    phase: Arc<Phase>,
}

impl Answer {
    pub(crate) fn new(body: Body, phase: Arc<Phase>) -> Self {
        Answer { body, phase }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.phase.answer_ends();
    }
}
