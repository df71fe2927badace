//! How late this machine's scheduler is, sampled while scenarios run.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::evidence::Lag;

/// Time between samples.
const INTERVAL: Duration = Duration::from_millis(20);
/// Samples kept: 20 minutes of them.
const MAX_SAMPLES: usize = 60_000;

/// Samples for as long as it lives.
pub(super) struct LagSampler {
    samples: Arc<Mutex<VecDeque<(Instant, Duration)>>>,
    task: JoinHandle<()>,
}

impl LagSampler {
    pub(super) fn start() -> Self {
        let samples: Arc<Mutex<VecDeque<(Instant, Duration)>>> = Arc::default();
        let sink = Arc::clone(&samples);
        let task = tokio::spawn(async move {
            loop {
                let due = Instant::now() + INTERVAL;
                sleep(INTERVAL).await;
                let late = due.elapsed();
                let mut samples = sink.lock().unwrap_or_else(PoisonError::into_inner);
                if samples.len() == MAX_SAMPLES {
                    samples.pop_front();
                }
                samples.push_back((due, late));
            }
        });
        Self { samples, task }
    }

    /// The lag since a moment.
    pub(super) fn since(&self, start: Instant) -> Lag {
        let late: Vec<Duration> = self
            .samples
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|(at, _)| *at >= start)
            .map(|(_, late)| *late)
            .collect();
        summary(late)
    }
}

impl Drop for LagSampler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn summary(mut late: Vec<Duration>) -> Lag {
    late.sort_unstable();
    let millis = |length: Option<&Duration>| {
        length.map_or(0, |length| {
            // Rounded up: an allowance must cover what was measured.
            u64::try_from(length.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
        })
    };
    Lag {
        p99_ms: millis(late.get((late.len() * 99).div_ceil(100).saturating_sub(1))),
        max_ms: millis(late.last()),
        samples: late.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_few_and_many() {
        assert_eq!(summary(Vec::new()), Lag::default());
        let lag = summary((1..=100).map(Duration::from_millis).collect());
        assert_eq!((lag.p99_ms, lag.max_ms, lag.samples), (99, 100, 100));
        assert_eq!(summary(vec![Duration::from_micros(1)]).max_ms, 1);
    }
}
