// SPDX-License-Identifier: Apache-2.0

//! Polls a connection until it is over, on the threads where it wants to be.

use std::{error::Error, sync::Arc};

use hyper::{
    body::Incoming,
    rt::{Read, Write},
    server::conn::http1,
    service::HttpService,
};
use tokio::{sync::watch, task::JoinError};

use crate::{answer::Answer, background, connection::Controls};

/// Why a connection is not polled any more, for now.
enum Stopped {
    Over(hyper::Result<()>),
    Aborted,
    Called,
}

/// How a connection ended.
pub(crate) enum Ended<I, S>
where
    S: HttpService<Incoming>,
{
    /// By itself, in this way.
    Over(Box<http1::Connection<I, S>>, hyper::Result<()>),
    /// It was told to.
    Aborted,
    /// With a bug, or with the process.
    Lost(JoinError),
}

/// Polls a connection until it ends.
pub(crate) async fn to_end<I, S>(
    mut connection: http1::Connection<I, S>,
    controls: Arc<Controls>,
    mut stop: watch::Receiver<bool>,
) -> Ended<I, S>
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
            match there.await {
                Ok(back) => (connection, stop, stopped) = back,
                Err(lost) => return Ended::Lost(lost),
            }
        } else {
            stopped = poll(&mut connection, &controls, &mut stop).await;
        }
        match stopped {
            Stopped::Over(result) => return Ended::Over(Box::new(connection), result),
            Stopped::Aborted => return Ended::Aborted,
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn panics(_: http::Request<Incoming>) -> Result<http::Response<Answer>, Infallible> {
        panic!("on purpose");
    }

    #[tokio::test]
    async fn a_panic_in_the_background_is_not_taken_for_a_client_that_does_not_read() {
        let (mut client, server) = tokio::io::duplex(1024);
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("written");
        let controls = Arc::new(Controls::default());
        controls.lane.moved();
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(server), service_fn(panics));
        let (_stop, stopped) = watch::channel(false);
        match to_end(connection, controls, stopped).await {
            Ended::Lost(error) => assert!(error.is_panic(), "{error}"),
            Ended::Over(..) | Ended::Aborted => panic!("it is over as if nothing had happened"),
        }
    }
}
