// SPDX-License-Identifier: Apache-2.0

//! Which threads serve a connection.
//!
//! | event | effect |
//! |---|---|
//! | a connection is accepted | it is served by the threads that are for everything |
//! | its answer is long | before it is written, it moves to [`crate::background`] |
//! | its next request begins | before it is handled, it moves back |
//!
//! A request asks to move by [`Lane::be`] and goes on once it is there. What
//! drives the connection waits for [`Lane::called`], stops polling it, and has it
//! polled by the other threads after [`Lane::moved`].

use std::{
    future::poll_fn,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
};

use tokio::sync::Notify;

/// Where a connection is, and where it wants to be.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Whether it is served in the background.
    background: AtomicBool,
    called: Notify,
}

impl Lane {
    /// Resolves where the connection is to be. Polled by the connection itself,
    /// which is polled anew after each move: so nobody has to be woken.
    pub(crate) async fn be(&self, background: bool) {
        if self.is_background() == background {
            return;
        }
        self.called.notify_one();
        poll_fn(|_| match self.is_background() == background {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    /// Resolves when the connection wants to be on the other side.
    pub(crate) async fn called(&self) {
        self.called.notified().await;
    }

    /// The connection is polled on the other side from now on.
    pub(crate) fn moved(&self) {
        self.background.fetch_xor(true, Ordering::Relaxed);
    }

    pub(crate) fn is_background(&self) -> bool {
        self.background.load(Ordering::Relaxed)
    }
}
