// SPDX-License-Identifier: Apache-2.0

//! GET over HTTP/1.1, with or without TLS, following redirects.
//!
//! One connection per request; bodies are streamed to the caller, who bounds
//! them. It refuses more than [`MOST_REDIRECTS`] redirects, redirects to
//! anything but `http` and `https`, and user names in URLs.

mod tls;

use std::{io, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header, uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::words;

/// As many as curl follows when Mesos asks it to.
pub(crate) const MOST_REDIRECTS: usize = 50;

/// Whether the server must prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It must, to one of the machine's certificate authorities.
    Verified,
    /// It need not: it is the task on this machine.
    Anyone,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The text is no URL that can be asked for.
    #[error("'{0}' is not a valid http or https URL")]
    Url(String),
    /// The name could not be resolved, or nobody answered there.
    #[error("Failed to connect to {0}: {words}", words = words::of(.1))]
    Connect(String, io::Error),
    /// The machine's certificates cannot be used.
    #[error("TLS is not available: {0}")]
    Tls(String),
    /// The connection broke, or what came was no HTTP.
    #[error("Failed to get '{0}': {1}")]
    Exchange(String, hyper::Error),
    /// The server sends from one place to the next.
    #[error("'{0}' was redirected more than {MOST_REDIRECTS} times")]
    TooManyRedirects(String),
    /// A redirect to nowhere.
    #[error("'{0}' was redirected to '{1}', which is not an http or https URL")]
    Redirect(String, String),
}

/// Asks for `url`, and for where it redirects to.
pub(crate) async fn get(url: &str, trust: Trust) -> Result<Response<Incoming>, HttpError> {
    let mut target = parse(url).ok_or_else(|| HttpError::Url(url.to_owned()))?;
    for _ in 0..=MOST_REDIRECTS {
        let response = get_once(&target, trust).await?;
        let Some(location) = redirect(&response) else { return Ok(response) };
        target = resolve(&target, &location)
            .ok_or_else(|| HttpError::Redirect(url.to_owned(), location))?;
    }
    Err(HttpError::TooManyRedirects(url.to_owned()))
}

/// An absolute http or https URL, without its fragment.
fn parse(url: &str) -> Option<Uri> {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let target: Uri = url.parse().ok()?;
    let is_http = matches!(target.scheme_str(), Some("http" | "https"));
    let is_plain = !target.authority()?.as_str().contains('@');
    (is_http && is_plain).then_some(target)
}

fn redirect(response: &Response<Incoming>) -> Option<String> {
    let redirects = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    if !redirects.contains(&response.status()) {
        return None;
    }
    Some(response.headers().get(header::LOCATION)?.to_str().ok()?.to_owned())
}

/// What `location` means as seen from `base` (RFC 3986, section 5.2, for what servers send).
fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    if location.contains("://") {
        return parse(location);
    }
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    if let Some(rest) = location.strip_prefix("//") {
        return parse(&format!("{scheme}://{rest}"));
    }
    let path = base.path();
    let path = match location.chars().next() {
        Some('/') => location.to_owned(),
        Some('?') => format!("{path}{location}"),
        _ => format!("{}/{location}", path.rsplit_once('/').map_or("", |(parent, _)| parent)),
    };
    parse(&format!("{scheme}://{authority}{path}"))
}

async fn get_once(target: &Uri, trust: Trust) -> Result<Response<Incoming>, HttpError> {
    let authority = target.authority().ok_or_else(|| HttpError::Url(target.to_string()))?;
    let is_tls = target.scheme() == Some(&uri::Scheme::HTTPS);
    let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, port))
        .await
        .map_err(|error| HttpError::Connect(format!("{host}:{port}"), error))?;
    if is_tls {
        let stream = tls::connect(stream, host, trust).await?;
        exchange(stream, target, authority).await
    } else {
        exchange(stream, target, authority).await
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    target: &Uri,
    authority: &uri::Authority,
) -> Result<Response<Incoming>, HttpError> {
    let failed = |error| HttpError::Exchange(target.to_string(), error);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Ends with the body, or when the response is dropped.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let path = target.path_and_query().map_or("/", uri::PathAndQuery::as_str);
    let request = Request::get(path)
        .header(header::HOST, authority.as_str())
        .header(header::USER_AGENT, HeaderValue::from_static("mesos-rs"))
        .header(header::ACCEPT, HeaderValue::from_static("*/*"))
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .body(Empty::<Bytes>::new())
        .map_err(|_| HttpError::Url(target.to_string()))?;
    sender.send_request(request).await.map_err(failed)
}

/// Loads the machine's certificate authorities, which takes a while, once.
fn shared<T>(cell: &std::sync::OnceLock<Arc<T>>, make: impl FnOnce() -> T) -> Arc<T> {
    cell.get_or_init(|| Arc::new(make())).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_urls_are_asked_for() {
        for good in ["http://h/x", "https://h:1/x?y#z", "http://127.0.0.1:80"] {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in ["ftp://h/x", "/x", "http://", "http://u:p@h/x", "http://a b/", ""] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_location_is_understood_relative_to_its_page() {
        let base: Uri = "http://h:80/a/b?c".parse().unwrap();
        for (location, expected) in [
            ("https://other/x", "https://other/x"),
            ("//other/x", "http://other/x"),
            ("/x", "http://h:80/x"),
            ("x", "http://h:80/a/x"),
            ("?d", "http://h:80/a/b?d"),
        ] {
            assert_eq!(resolve(&base, location).unwrap().to_string(), expected);
        }
        assert_eq!(resolve(&base, "file:///etc/shadow"), None);
    }
}
