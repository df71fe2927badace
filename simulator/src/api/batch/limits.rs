//! How much a batch may ask for and be answered.

use http::HeaderMap;

use crate::api::Context;
use crate::policy::Policy;

/// Requests of one batch that are run, at most (*assumed*).
pub(super) const MOST_REQUESTS: usize = 1000;

/// Bytes of all answers of one batch, at most (*assumed*).
pub(super) const MOST_BYTES: usize = 64 * MEGABYTE;

const MEGABYTE: usize = 1_048_576;

/// The largest value of either property, in megabytes.
const LARGEST: usize = 10;

/// The limits of one batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of one request's body.
    pub(super) input: usize,
    /// Bytes of one answer's body.
    pub(super) output: usize,
    /// Rows that its lists return together, where rows stand for time.
    pub(super) rows: Option<usize>,
    /// Writes that there is time for, where writes stand for time.
    pub(super) writes: Option<usize>,
}

impl Limits {
    pub(super) fn of(context: &Context<'_>, headers: &HeaderMap) -> Self {
        let set = |name| property(context.policy, name);
        let output = set("glide.rest.batch.max.outputSize").unwrap_or(LARGEST);
        let asked = headers
            .get("x-batchrequest-max-output-size")
            .and_then(|value| megabytes(value.to_str().ok()?));
        let allowed = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            input: set("glide.rest.batch.max.inputSize").unwrap_or(5) * MEGABYTE,
            output: asked.map_or(output, |asked| asked.min(output)) * MEGABYTE,
            // 30 seconds, and 60 for one list (wire-core 2.1).
            rows: context.query_quota.map(|rows| allowed(rows) / 2),
            writes: context.batch_quota.map(allowed),
        }
    }
}

fn property(policy: &Policy, name: &str) -> Option<usize> {
    megabytes(policy.property(name)?)
}

/// Whole megabytes from 1 to 10; anything else is as if it were not set.
fn megabytes(text: &str) -> Option<usize> {
    let number = text.trim().parse().ok()?;
    (1..=LARGEST).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_whole_megabytes_within_its_range() {
        assert_eq!(megabytes(" 10 "), Some(10));
        for none in ["0", "11", "-1", "5.5", "", "many"] {
            assert_eq!(megabytes(none), None, "{none}");
        }
    }
}
