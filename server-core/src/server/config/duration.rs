//! Durations in settings: a number of seconds, or a text with a unit.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    if *duration == Duration::MAX {
        return serializer.serialize_str("never");
    }
    serializer.serialize_str(&text(*duration))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Human)
}

/// In the largest unit that loses nothing.
fn text(duration: Duration) -> String {
    if duration.is_zero() {
        return "0s".to_owned();
    }
    let nanos = duration.as_nanos();
    let (unit, size) = UNITS.iter().rev().find(|(_, size)| nanos.is_multiple_of(*size)).unwrap_or(&UNITS[0]);
    format!("{}{unit}", nanos / size)
}

/// The units and how many nanoseconds each has.
const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

struct Human;

impl Visitor<'_> for Human {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds, or a text such as \"250ms\", \"10s\", \"5m\", \"1h\" or \"never\"")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        u64::try_from(seconds)
            .map(Duration::from_secs)
            .map_err(|_| E::custom(format!("a duration cannot be negative: {seconds}")))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(|error| E::custom(format!("{seconds}: {error}")))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text == "never" {
        return Some(Duration::MAX);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = if unit.is_empty() { "s" } else { unit.trim_start() };
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    if let Ok(whole) = number.parse::<u64>() {
        let nanos = u128::from(whole).checked_mul(*size)?;
        let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
        return Some(Duration::new(seconds, u32::try_from(nanos % 1_000_000_000).ok()?));
    }
    #[expect(clippy::cast_precision_loss, reason = "the units are exact, and a fraction is not asked to be")]
    let seconds = number.parse::<f64>().ok()? * (*size as f64 / 1e9);
    Duration::try_from_secs_f64(seconds).ok()
}

/// The same for what may be left out: `null` is `None`.
pub(super) mod optional {
    use serde::Deserialize;

    use super::{Deserializer, Duration, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "super")] Duration);

        Option::<Wrapped>::deserialize(deserializer).map(|wrapped| wrapped.map(|Wrapped(duration)| duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_with_units() {
        for (text, nanos) in [
            ("10s", 10_000_000_000),
            // As environment variables have it.
            ("15", 15_000_000_000),
            ("2.5", 2_500_000_000),
            ("250ms", 250_000_000),
            ("1.5 s", 1_500_000_000),
            ("5m", 300_000_000_000),
            ("0.5h", 1_800_000_000_000),
            ("7us", 7_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text).map(|duration| duration.as_nanos()), Some(nanos), "{text}");
        }
        assert_eq!(parse("never"), Some(Duration::MAX));
        for text in [
            "",
            ".",
            "s",
            "-1",
            "-1s",
            "1d",
            "1..5s",
            "1e3s",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for (nanos, expected) in [
            (0, "0s"),
            (90_000_000_000, "90s"),
            (60_000_000_000, "1m"),
            (1_500_000_000, "1500ms"),
            (3, "3ns"),
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(text(duration), expected);
            assert_eq!(parse(expected), Some(duration));
        }
    }
}
