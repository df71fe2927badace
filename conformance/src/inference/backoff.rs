//! Waits between attempts: base, factor, longest, and whether chance plays a part.

use serde::Serialize;

/// A wait shorter than this is none, milliseconds.
const AT_ONCE_MS: f64 = 50.0;
/// A wait that is at least this much longer than the one before it has grown.
const GROWN: f64 = 1.15;
/// Waits of one place that differ by more than this part of their median were left to chance.
const SPREAD: f64 = 0.10;
/// Repeats below which chance cannot be told from habit.
const ENOUGH: usize = 3;

/// How a command waits where no time is stated. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backoff {
    /// Whether the first retry comes at once; `base_ms` is then the second wait.
    pub first_at_once: bool,
    /// The first wait; none when every retry comes at once.
    pub base_ms: Option<f64>,
    /// How much longer each wait is than the one before, until `longest_ms`; none when fewer than
    /// two waits were seen.
    pub factor: Option<f64>,
    /// The longest wait seen.
    pub longest_ms: f64,
    /// Whether waits stopped growing there.
    pub levels_off: bool,
    /// Whether waits of one place differ from repeat to repeat; none when there are too few.
    pub jitter: Option<bool>,
    /// The largest difference between repeats, as a part of their median; none likewise.
    pub spread: Option<f64>,
    /// Repeats in which waits were seen.
    pub repeats: usize,
}

impl Backoff {
    /// From the waits of each repeat, in order, in milliseconds. `lag_ms` is how late this machine
    /// may have seen them. None when there was no wait at all.
    #[must_use]
    pub fn of(repeats: &[Vec<f64>], lag_ms: f64) -> Option<Self> {
        let repeats: Vec<&Vec<f64>> = repeats.iter().filter(|waits| !waits.is_empty()).collect();
        let places = repeats.iter().map(|waits| waits.len()).max()?;
        let at = |place: usize| -> Vec<f64> {
            let waits = repeats.iter().filter_map(|waits| waits.get(place));
            waits.copied().collect()
        };
        let medians: Vec<f64> = (0..places).filter_map(|place| median(at(place))).collect();
        let first_at_once = medians[0] < AT_ONCE_MS;
        let waits: Vec<f64> = medians
            .iter()
            .copied()
            .skip(usize::from(first_at_once))
            .collect();
        let growth: Vec<f64> = waits
            .windows(2)
            .filter(|pair| pair[0] >= 1.0)
            .map(|pair| pair[1] / pair[0])
            .collect();
        let growing: Vec<f64> = growth.iter().copied().take_while(|&g| g > GROWN).collect();
        let levels_off = !growing.is_empty() && growing.len() < growth.len();
        let factor = median(if growing.is_empty() { growth } else { growing });
        let spread = (0..places)
            .filter_map(|place| spread(&at(place), lag_ms))
            .reduce(f64::max);
        Some(Self {
            first_at_once,
            base_ms: waits.first().copied().filter(|&base| base >= AT_ONCE_MS),
            factor,
            longest_ms: medians.iter().copied().fold(0.0, f64::max),
            levels_off,
            jitter: spread.map(|spread| spread > SPREAD),
            spread,
            repeats: repeats.len(),
        })
    }
}

/// How far repeats lie apart, beyond what the machine's lag explains.
fn spread(waits: &[f64], lag_ms: f64) -> Option<f64> {
    let middle = median(waits.to_vec())?;
    if waits.len() < ENOUGH || middle < AT_ONCE_MS {
        return None;
    }
    let longest = waits.iter().copied().fold(0.0, f64::max);
    let shortest = waits.iter().copied().fold(f64::INFINITY, f64::min);
    Some((longest - shortest - lag_ms).max(0.0) / middle)
}

pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(values[middle - 1], upper)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn doubling_up_to_a_cap_is_seen() {
        let waits = vec![200.0, 401.0, 799.0, 1000.0, 1001.0];
        let found = Backoff::of(&[waits.clone(), waits.clone(), waits], 2.0).unwrap();
        assert!((found.factor.unwrap() - 2.0).abs() < 0.02, "{found:?}");
        assert_eq!(found.base_ms, Some(200.0));
        assert_eq!(found.jitter, Some(false));
        assert!(found.levels_off && !found.first_at_once);
        assert!((found.longest_ms - 1001.0).abs() < 1e-9);
    }

    #[test]
    fn a_first_retry_at_once_is_told_from_the_waits_after_it() {
        let found = Backoff::of(&[vec![3.0, 400.0, 800.0]], 2.0).unwrap();
        assert!(found.first_at_once);
        assert_eq!(found.base_ms, Some(400.0));
        assert_eq!(found.jitter, None, "one repeat shows no chance");
    }

    #[test]
    fn a_hot_loop_has_no_base() {
        let found = Backoff::of(&[vec![2.0, 1.0, 3.0]], 2.0).unwrap();
        assert_eq!(found.base_ms, None);
        assert!(found.first_at_once);
    }

    #[test]
    fn a_steady_wait_does_not_grow() {
        let found = Backoff::of(&[vec![1000.0, 1001.0, 1000.0]], 2.0).unwrap();
        assert!((found.factor.unwrap() - 1.0).abs() < 0.01);
        assert!(!found.levels_off);
    }

    #[test]
    fn without_waits_nothing_is_said() {
        assert_eq!(Backoff::of(&[Vec::new(), Vec::new()], 2.0), None);
    }

    proptest! {
        #[test]
        fn any_doubling_is_found_whatever_its_base(base in 60.0..5_000.0_f64, places in 2_usize..6) {
            let waits: Vec<f64> = (0..places).map(|place| base * f64::from(1 << place)).collect();
            let found = Backoff::of(&[waits], 2.0).unwrap();
            prop_assert!((found.factor.unwrap() - 2.0).abs() < 1e-6);
            prop_assert_eq!(found.base_ms, Some(base));
        }

        #[test]
        fn waits_that_are_spread_wide_are_left_to_chance(base in 200.0..5_000.0_f64) {
            let repeats = [vec![base], vec![base * 1.4], vec![base * 0.7]];
            prop_assert_eq!(Backoff::of(&repeats, 5.0).unwrap().jitter, Some(true));
        }
    }
}
