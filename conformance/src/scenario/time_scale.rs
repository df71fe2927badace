//! How long what takes hours on an instance takes in a run.

use std::time::Duration;

use clap::ValueEnum;
use serde_json::Value;
use snowproof_simulator::duration::ScaledDuration;

use super::{BUDGET_CEILING, Merged, ScenarioFile};

/// Waits of one act, each as long as the longest duration that its scenario stretches: a window may
/// refuse more than once.
const WAITS: u32 = 4;

/// Which half of a duration such as `1h as 3s` is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TimeScale {
    /// What the scenario affords: 3 s
    #[default]
    Scaled,
    /// What is documented: one hour
    Full,
}

impl TimeScale {
    /// The scenario at this scale.
    ///
    /// At full scale every duration is as documented, and an act of a scenario that had a shorter
    /// one may take four times the longest of them, and 120 s.
    ///
    /// # Errors
    ///
    /// The whole does not fit the type of a scenario, in the words of serde.
    pub(super) fn applied(self, merged: &Merged) -> Result<Merged, serde_json::Error> {
        let mut merged = merged.clone();
        if self == Self::Scaled {
            return Ok(merged);
        }
        let mut whole = serde_json::to_value(&merged.file)?;
        let mut longest = Duration::ZERO;
        stretch(&mut whole, &mut longest);
        if longest.is_zero() {
            return Ok(merged);
        }
        let mut file: ScenarioFile = serde_json::from_value(whole)?;
        let budget = BUDGET_CEILING.saturating_add(longest.saturating_mul(WAITS));
        let subject = file.subject.get_or_insert_default();
        subject.budget = Some(ScaledDuration::plain(budget));
        merged.file = file;
        Ok(merged)
    }
}

/// Gives every duration that is shown shorter than it is its documented length, and finds the
/// longest of these.
fn stretch(value: &mut Value, longest: &mut Duration) {
    match value {
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| stretch(value, longest)),
        Value::Array(values) => values.iter_mut().for_each(|value| stretch(value, longest)),
        Value::String(text) if text.contains(" as ") => {
            let Ok(pair) = text.parse::<ScaledDuration>() else {
                return;
            };
            *longest = (*longest).max(pair.nominal);
            *text = ScaledDuration::plain(pair.nominal).to_string();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ScenarioSet;

    fn find(name: &str, scale: TimeScale) -> Merged {
        let mut set = ScenarioSet::embedded().unwrap();
        set.scale(scale).unwrap();
        set.find(name).unwrap().clone()
    }

    #[test]
    fn an_hour_is_an_hour_at_full_scale() {
        let full = find("SP-T01", TimeScale::Full).file;
        let rules = &full.instances.unwrap()["main"];
        let window = rules.rate_rules.as_ref().unwrap()["per-user"].window;
        assert_eq!(window.unwrap(), "1h".parse().unwrap());
        let budget = full.subject.unwrap().budget.unwrap();
        assert_eq!(budget.effective, Duration::from_secs(4 * 3600 + 120));
    }

    #[test]
    fn what_is_shown_as_long_as_it_is_stays_as_it_is() {
        assert_eq!(
            find("SP-A01", TimeScale::Full),
            find("SP-A01", TimeScale::Scaled)
        );
    }

    #[test]
    fn words_that_are_no_duration_stay() {
        let mut value = serde_json::json!({
            "why": "the same as 3s ago", "steps": [{"for": "2m as 300ms"}, "1h as ever"],
        });
        let mut longest = Duration::ZERO;
        stretch(&mut value, &mut longest);
        assert_eq!(longest, Duration::from_secs(120));
        let stretched = serde_json::json!({
            "why": "the same as 3s ago", "steps": [{"for": "2m"}, "1h as ever"],
        });
        assert_eq!(value, stretched);
    }

    #[test]
    fn no_scenario_keeps_a_shortened_duration_at_full_scale() {
        let mut set = ScenarioSet::embedded().unwrap();
        set.scale(TimeScale::Full).unwrap();
        for scenario in set.scenarios() {
            let mut whole = serde_json::to_value(&scenario.file).unwrap();
            let mut longest = Duration::ZERO;
            stretch(&mut whole, &mut longest);
            assert_eq!(longest, Duration::ZERO, "{}", scenario.name());
        }
    }
}
