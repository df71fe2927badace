//! Durations that a person can read and that a test can afford.
//!
//! An instance keeps its promises in hours: a rate-limit window is one hour, a token lives half of
//! one. A run cannot wait that long, so every such duration is a pair: the *nominal* one, which is
//! documented and which prose mentions, and the *effective* one, which the clock uses.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration with its documented and its used length, written `30s`, `150ms` or `1h as 3s`.
///
/// Units: `ms`, `s`, `m`, `h`, `d`. A number without a unit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScaledDuration {
    /// What ServiceNow documents.
    pub nominal: Duration,
    /// What the simulator uses.
    pub effective: Duration,
}

/// Why a duration could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is not a duration; write a whole number and a unit: `150ms`, `2s`, `5m`, `1h`, `1d`, or `1h as 3s`"
)]
pub struct InvalidDuration {
    given: String,
}

impl ScaledDuration {
    /// A duration that is used as it is documented.
    #[must_use]
    pub const fn plain(length: Duration) -> Self {
        Self {
            nominal: length,
            effective: length,
        }
    }

    /// For people: `1h shown as 3s`, or `30s`.
    #[must_use]
    pub fn told(self) -> String {
        self.to_string().replace(" as ", " shown as ")
    }
}

impl FromStr for ScaledDuration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDuration {
            given: text.to_owned(),
        };
        match text.split_once(" as ") {
            Some((nominal, effective)) => Ok(Self {
                nominal: read_length(nominal.trim()).ok_or_else(invalid)?,
                effective: read_length(effective.trim()).ok_or_else(invalid)?,
            }),
            None => read_length(text.trim())
                .map(Self::plain)
                .ok_or_else(invalid),
        }
    }
}

fn read_length(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

fn write_length(length: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let millis = length.as_millis();
    for (unit, size) in [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
    ] {
        if millis > 0 && millis.is_multiple_of(size) {
            return write!(f, "{}{unit}", millis / size);
        }
    }
    write!(f, "{millis}ms")
}

impl fmt::Display for ScaledDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_length(self.nominal, f)?;
        if self.nominal != self.effective {
            f.write_str(" as ")?;
            write_length(self.effective, f)?;
        }
        Ok(())
    }
}

impl Serialize for ScaledDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScaledDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ScaledDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A whole number and a unit (ms, s, m, h, d); `1h as 3s` documents one hour and uses three seconds.",
            "pattern": "^[0-9]+(ms|s|m|h|d)( as [0-9]+(ms|s|m|h|d))?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_every_unit() {
        for text in [
            "150ms",
            "2s",
            "5m",
            "1h",
            "1d",
            "1h as 3s",
            "1800s as 2500ms",
        ] {
            let parsed: ScaledDuration = text.parse().unwrap();
            assert_eq!(
                parsed.to_string().parse::<ScaledDuration>().unwrap(),
                parsed,
                "{text}"
            );
        }
        let pair: ScaledDuration = "1h as 3s".parse().unwrap();
        assert_eq!(pair.nominal, Duration::from_secs(3600));
        assert_eq!(pair.told(), "1h shown as 3s");
        assert_eq!(pair.effective, Duration::from_secs(3));
    }

    #[test]
    fn refuses_what_has_no_unit_or_overflows() {
        for text in [
            "",
            "2",
            "s",
            "-1s",
            "1.5s",
            "2 sec",
            "99999999999999999999d",
            "1h as",
            "1h as 3",
        ] {
            assert!(text.parse::<ScaledDuration>().is_err(), "{text}");
        }
    }
}
