// SPDX-License-Identifier: Apache-2.0

//! Answers, with Mesos's texts.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{Body, EventStream, MediaType, Query};

/// What plain texts are labelled with.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer to one request.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, without the ones about length, encoding and date.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
}

impl Reply {
    /// A status without body or content type: `200 OK`, `202 Accepted`.
    pub fn empty(status: StatusCode) -> Self {
        Reply { status, headers: Vec::new(), body: Body::empty() }
    }

    /// A plain text; an empty one comes without content type.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            return Reply::empty(status);
        }
        Reply::with_type(status, TEXT, Bytes::from(text).into())
    }

    /// `200 OK` in the given encoding.
    pub fn encoded(media: MediaType, body: impl Into<Body>) -> Self {
        let media = HeaderValue::from_static(media.as_str());
        Reply::with_type(StatusCode::OK, media, body.into())
    }

    /// `200 OK` with JSON, wrapped in a call of the function that the parameter
    /// `jsonp` names, if it is there.
    pub fn json(query: &Query, body: impl Into<Body>) -> Self {
        let body = body.into();
        let Some(function) = query.get("jsonp") else {
            return Reply::encoded(MediaType::Json, body);
        };
        let mut fragments = vec![Bytes::from(format!("{function}("))];
        match body {
            Body::Fragments(parts) => fragments.extend(parts),
            Body::Stream(_) => return Reply::encoded(MediaType::Json, body),
        }
        fragments.push(Bytes::from_static(b")"));
        let javascript = HeaderValue::from_static("text/javascript");
        Reply::with_type(StatusCode::OK, javascript, fragments.into())
    }

    /// `200 OK` and events that follow.
    pub fn stream(media: MediaType, stream: EventStream) -> Self {
        Reply::encoded(media, Body::Stream(stream))
    }

    /// `307 Temporary Redirect`.
    pub fn redirect(location: &str) -> Self {
        let reply = Reply::empty(StatusCode::TEMPORARY_REDIRECT);
        reply.with_header(header::LOCATION, location)
    }

    /// `404 Not Found`.
    pub fn not_found() -> Self {
        Reply::text(StatusCode::NOT_FOUND, "404 Not Found.")
    }

    /// `405 Method Not Allowed`.
    pub fn method_not_allowed(expected: &[&str], received: &Method) -> Self {
        let list = expected.join("', '");
        let text = format!(
            "405 Method Not Allowed. Expecting one of {{ '{list}' }}, but received '{received}'."
        );
        Reply::text(StatusCode::METHOD_NOT_ALLOWED, text)
            .with_header(header::ALLOW, &expected.join(", "))
    }

    /// Adds a header; a value that no header can have is left out.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    fn with_type(status: StatusCode, content_type: HeaderValue, body: Body) -> Self {
        Reply { status, headers: vec![(header::CONTENT_TYPE, content_type)], body }
    }

    /// A header's value, when it was added.
    pub fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        let found = self.headers.iter().find(|(candidate, _)| candidate == name);
        found.map(|(_, value)| value)
    }
}
