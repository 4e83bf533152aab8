// SPDX-License-Identifier: Apache-2.0

//! Whether bytes flow fast enough: a least number of them in each span of time,
//! so that neither a drip nor a stop after a good start is waited for.

use std::time::Duration;

use tokio::time::Instant;

/// The bytes that each span must bring.
pub(crate) fn least_bytes(span: Duration, rate: u64) -> u64 {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    rate.saturating_mul(millis) / 1000
}

/// The span that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    span: Duration,
    least: u64,
    begun: Instant,
    /// Of all bytes, those before it.
    before: u64,
}

impl Window {
    /// Begins now, after so many bytes.
    pub(crate) fn new(span: Duration, rate: u64, before: u64) -> Self {
        Window { span, least: least_bytes(span, rate), begun: Instant::now(), before }
    }

    /// When it ends.
    pub(crate) fn end(&self) -> Instant {
        self.begun + self.span
    }

    /// Begins the next, if this one has brought enough of the `bytes` in all.
    pub(crate) fn renew(&mut self, bytes: u64) -> bool {
        let enough = bytes.saturating_sub(self.before) >= self.least;
        if enough {
            self.begun = Instant::now();
            self.before = bytes;
        }
        enough
    }

    /// Time that does not count.
    pub(crate) fn pause(&mut self, time: Duration) {
        self.begun += time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_span_must_bring_its_share() {
        let mut window = Window::new(Duration::from_secs(15), 4096, 0);
        assert!(!window.renew(61_439));
        assert!(window.renew(61_440));
        // A good start does not help later.
        assert!(window.renew(10_000_000));
        assert!(!window.renew(10_061_439));
        assert!(window.renew(10_061_440));
    }

    #[test]
    fn a_pause_moves_the_end() {
        let mut window = Window::new(Duration::from_secs(15), 4096, 0);
        let end = window.end();
        window.pause(Duration::from_secs(5));
        assert_eq!(window.end(), end + Duration::from_secs(5));
    }
}
