// SPDX-License-Identifier: Apache-2.0

//! Polls a connection until it is over, on the threads where it wants to be.

use std::{error::Error, sync::Arc};

use hyper::{
    body::Incoming,
    rt::{Read, Write},
    server::conn::http1,
    service::HttpService,
};
use tokio::sync::watch;

use crate::{answer::Answer, background, connection::Controls};

/// Why a connection is not polled any more, for now.
enum Stopped {
    Over(hyper::Result<()>),
    Aborted,
    Called,
}

/// The connection and how it ended; nothing if it was aborted.
pub(crate) async fn to_end<I, S>(
    mut connection: http1::Connection<I, S>,
    controls: Arc<Controls>,
    mut stop: watch::Receiver<bool>,
) -> Option<(http1::Connection<I, S>, hyper::Result<()>)>
where
    I: Read + Write + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Answer> + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
{
    loop {
        let stopped;
        if controls.lane.is_background() {
            let controls = controls.clone();
            let there = background::handle().spawn(async move {
                let stopped = poll(&mut connection, &controls, &mut stop).await;
                (connection, stop, stopped)
            });
            // It panics for no reason that is known.
            (connection, stop, stopped) = there.await.ok()?;
        } else {
            stopped = poll(&mut connection, &controls, &mut stop).await;
        }
        match stopped {
            Stopped::Over(result) => return Some((connection, result)),
            Stopped::Aborted => return None,
            Stopped::Called => controls.lane.moved(),
        }
    }
}

async fn poll<I, S>(
    connection: &mut http1::Connection<I, S>,
    controls: &Controls,
    stop: &mut watch::Receiver<bool>,
) -> Stopped
where
    I: Read + Write + Unpin,
    S: HttpService<Incoming, ResBody = Answer>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut stopping = false;
    loop {
        tokio::select! {
            result = &mut *connection => return Stopped::Over(result),
            () = controls.abort.notified() => return Stopped::Aborted,
            () = controls.lane.called() => return Stopped::Called,
            _ = stop.changed(), if !stopping => {
                stopping = true;
                Pin::new(&mut *connection).graceful_shutdown();
            }
        }
    }
}
