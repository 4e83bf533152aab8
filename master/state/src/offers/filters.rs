// SPDX-License-Identifier: Apache-2.0

//! How long a framework does not want to see resources again.

use std::time::Duration;

use mesos_proto::v1::Filters;

/// `Filters.refuse_seconds` when it is not given, or not a usable number.
const DEFAULT: Duration = Duration::from_secs(5);
/// Longer filters are cut to this.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The time that `filters` mean; missing ones mean the default too.
pub(crate) fn refuse_duration(filters: Option<&Filters>) -> Duration {
    let Some(seconds) = filters.and_then(|filters| filters.refuse_seconds) else {
        return DEFAULT;
    };
    if seconds.is_nan() || seconds < 0.0 {
        return DEFAULT;
    }
    Duration::try_from_secs_f64(seconds).map_or(LONGEST, |duration| duration.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_filters_are_clamped_as_mesos_does() {
        let refuse = |seconds| refuse_duration(Some(&Filters { refuse_seconds: seconds }));
        assert_eq!(refuse_duration(None), DEFAULT);
        assert_eq!(refuse(None), DEFAULT);
        assert_eq!(refuse(Some(-1.0)), DEFAULT);
        assert_eq!(refuse(Some(f64::NAN)), DEFAULT);
        assert_eq!(refuse(Some(0.0)), Duration::ZERO);
        assert_eq!(refuse(Some(2.5)), Duration::from_millis(2500));
        assert_eq!(refuse(Some(4_294_967_295.0)), LONGEST);
        assert_eq!(refuse(Some(f64::INFINITY)), LONGEST);
    }
}
