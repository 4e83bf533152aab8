// SPDX-License-Identifier: Apache-2.0

//! The SUBSCRIBE request, whose answer never ends by itself.
//!
//! Each attempt is a task of its own, which ends when its [`Stream`] is
//! dropped. It reads ahead only as far as its channel is deep, so a client
//! that does not read makes the server feel it.

use http::{HeaderName, HeaderValue, StatusCode, header};
use mesos_core::recordio::Decoder;
use mesos_driver::Attempt;
use mesos_net::client::{Connection, Endpoint, Response, Tls};
use mesos_proto::Described;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{BODY_BYTES_MAX, CONNECT_TIMEOUT, Target};
use crate::ContentType;

/// The longest record taken; an OFFERS event of a large cluster stays far below.
const RECORD_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How many pieces of news wait for the client.
const NEWS_WAITING_MAX: usize = 16;

/// What a stream has to tell.
#[derive(Debug)]
pub(crate) enum News<M> {
    /// Only of a stream that was connected without a request.
    Connected,
    Opened {
        stream_id: Option<String>,
    },
    Refused {
        status: u16,
        location: Option<String>,
        body: String,
    },
    Records(Vec<M>),
    Failed {
        reason: String,
    },
}

/// A running attempt; dropping it drops the connection.
#[derive(Debug)]
pub(crate) struct Stream<M> {
    attempt: Attempt,
    news: mpsc::Receiver<News<M>>,
    task: JoinHandle<()>,
    /// Where the request goes, when it was not there from the beginning.
    request: Option<oneshot::Sender<Vec<u8>>>,
}

/// What is POSTed.
enum Request {
    Now(Vec<u8>),
    Later(oneshot::Receiver<Vec<u8>>),
}

impl<M: prost::Message + Described + Default + Send + 'static> Stream<M> {
    /// Starts POSTing `body` to `authority`.
    pub(crate) fn open(attempt: Attempt, authority: String, target: Target, body: Vec<u8>) -> Self {
        Self::start(attempt, authority, target, Request::Now(body), None)
    }

    /// Connects to `authority`; the request follows with [`Stream::post`].
    pub(crate) fn connect(attempt: Attempt, authority: String, target: Target) -> Self {
        let (request, later) = oneshot::channel();
        Self::start(attempt, authority, target, Request::Later(later), Some(request))
    }

    fn start(
        attempt: Attempt,
        authority: String,
        target: Target,
        body: Request,
        request: Option<oneshot::Sender<Vec<u8>>>,
    ) -> Self {
        let (sender, news) = mpsc::channel(NEWS_WAITING_MAX);
        let task = tokio::spawn(async move {
            let reason = match run(&authority, &target, body, &sender).await {
                Ok(()) => return,
                Err(reason) => reason,
            };
            // The client may have gone meanwhile.
            let _ = sender.send(News::Failed { reason }).await;
        });
        Stream { attempt, news, task, request }
    }

    /// POSTs `body` on a stream that was only connected; once.
    pub(crate) fn post(&mut self, body: Vec<u8>) {
        if let Some(request) = self.request.take() {
            // A connection that has failed meanwhile says so itself.
            let _ = request.send(body);
        }
    }

    /// Which attempt of the driver this is.
    pub(crate) fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// The next piece of news; may be dropped while waiting without losing any.
    pub(crate) async fn next(&mut self) -> News<M> {
        self.news.recv().await.unwrap_or_else(|| News::Failed {
            reason: "the connection ended unexpectedly".to_owned(),
        })
    }
}

impl<M> Drop for Stream<M> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run<M: prost::Message + Described + Default>(
    authority: &str,
    target: &Target,
    request: Request,
    news: &mpsc::Sender<News<M>>,
) -> Result<(), String> {
    let endpoint: Endpoint = authority.parse().map_err(|error| format!("{error}"))?;
    let headers = headers(target)?;
    let mut connection = Connection::open(&endpoint, &Tls::none(), CONNECT_TIMEOUT)
        .await
        .map_err(|error| error.to_string())?;
    let body = match request {
        Request::Now(body) => body,
        Request::Later(later) => {
            let gone = |_| "the client has gone".to_owned();
            news.send(News::Connected).await.map_err(gone)?;
            later.await.map_err(|_| "the client has gone".to_owned())?
        }
    };
    let response = connection
        .post(&target.path, &headers, body.into())
        .await
        .map_err(|error| error.to_string())?;
    if response.status == StatusCode::OK {
        records(response, target.content_type, news).await
    } else {
        refused(response, news).await
    }
}

fn headers(target: &Target) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let media_type = HeaderValue::from_static(target.content_type.media_type());
    let mut headers =
        vec![(header::CONTENT_TYPE, media_type.clone()), (header::ACCEPT, media_type)];
    if let Some(authorization) = &target.authorization {
        let mut value = HeaderValue::from_str(authorization)
            .map_err(|_| "the credential cannot be part of an HTTP header".to_owned())?;
        value.set_sensitive(true);
        headers.push((header::AUTHORIZATION, value));
    }
    Ok(headers)
}

async fn refused<M>(response: Response, news: &mpsc::Sender<News<M>>) -> Result<(), String> {
    let status = response.status.as_u16();
    let location = response.header("location").map(str::to_owned);
    let body = match response.bytes(BODY_BYTES_MAX).await {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        // The status says more than the loss of its explanation.
        Err(error) => error.to_string(),
    };
    // The client may have gone meanwhile.
    let _ = news.send(News::Refused { status, location, body }).await;
    Ok(())
}

async fn records<M: prost::Message + Described + Default>(
    mut response: Response,
    content_type: ContentType,
    news: &mpsc::Sender<News<M>>,
) -> Result<(), String> {
    let gone = |_| "the client has gone".to_owned();
    let stream_id = response.header("mesos-stream-id").map(str::to_owned);
    let given = response.header("content-type");
    if given != Some(content_type.media_type()) {
        let given = given.unwrap_or("none");
        let wanted = content_type.media_type();
        return Err(format!("the events come as '{given}' where '{wanted}' was asked for"));
    }
    news.send(News::Opened { stream_id }).await.map_err(gone)?;
    let mut decoder = Decoder::new(RECORD_BYTES_MAX);
    while let Some(data) = response.chunk().await.map_err(|error| error.to_string())? {
        decoder.feed(&data);
        let mut records = Vec::new();
        while let Some(record) = decoder.next_record().map_err(|error| error.to_string())? {
            let event = content_type
                .decode(&record)
                .map_err(|error| format!("an event cannot be read: {error}"))?;
            records.push(event);
        }
        if !records.is_empty() {
            news.send(News::Records(records)).await.map_err(gone)?;
        }
    }
    Err("the event stream was closed by the other side".to_owned())
}
