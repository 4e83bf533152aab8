// SPDX-License-Identifier: Apache-2.0

//! The body of an answer.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::EventStream;

/// So many bytes are written at a time; others get their turn after that.
const PIECE: usize = 64 << 10;

/// What an answer holds.
#[derive(Debug)]
pub enum Body {
    /// Parts of known length, sent one after the other without being copied.
    Fragments(VecDeque<Bytes>),
    /// Records that come as they happen, each in an HTTP chunk of its own.
    Stream(EventStream),
}

/// An event stream was ended before its time, so its connection is closed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client does not read its event stream")]
pub struct Cut;

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Body::Fragments(VecDeque::new())
    }

    /// The length, unless it is a stream.
    pub fn length(&self) -> Option<u64> {
        match self {
            Body::Fragments(fragments) => {
                Some(fragments.iter().map(|fragment| fragment.len() as u64).sum())
            }
            Body::Stream(_) => None,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::Fragments(VecDeque::from_iter((!bytes.is_empty()).then_some(bytes)))
    }
}

impl From<Vec<Bytes>> for Body {
    fn from(fragments: Vec<Bytes>) -> Self {
        Body::Fragments(fragments.into())
    }
}

/// The next fragment, or as much of it as is written at a time.
fn next_piece(fragments: &mut VecDeque<Bytes>) -> Option<Bytes> {
    let first = fragments.front_mut()?;
    match first.len() > PIECE {
        true => Some(first.split_to(PIECE)),
        false => fragments.pop_front(),
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Body::Fragments(fragments) => {
                Poll::Ready(next_piece(fragments).map(|bytes| Ok(Frame::data(bytes))))
            }
            Body::Stream(stream) => stream
                .poll_record(context)
                .map(|record| record.map(|record| record.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Fragments(fragments) => fragments.is_empty(),
            Body::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
