//! From when until when a certificate is valid (RFC 5280 section 4.1.2.5).
//!
//! Clients judge that, and webpki does for client certificates; this is only for telling the operator. webpki does not
//! say the dates, and a parser of all of X.509 would be a large dependency for two fields.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
}

impl Validity {
    /// Reads it from a certificate's DER.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let mut certificate = Reader(certificate).enter(SEQUENCE)?;
        let mut body = certificate.enter(SEQUENCE)?;
        if body.0.first() == Some(&VERSION) {
            body.enter(VERSION)?;
        }
        body.enter(INTEGER)?; // serial number
        body.enter(SEQUENCE)?; // signature algorithm
        body.enter(SEQUENCE)?; // issuer
        let mut validity = body.enter(SEQUENCE)?;
        Some(Self { not_before: validity.time()?, not_after: validity.time()? })
    }

    /// What is wrong with it at a time.
    #[cfg(any(feature = "tracing", test))]
    pub(super) fn fault(&self, now: SystemTime) -> Option<&'static str> {
        if now > self.not_after {
            Some("has expired")
        } else if now < self.not_before {
            Some("is not valid yet")
        } else {
            None
        }
    }
}

/// What is left of some DER.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element, if it has this tag.
    fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Reader(content))
    }

    /// The next element's tag and content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk()?;
        let length = match first {
            0..=0x7f => usize::from(first),
            // So many bytes say how long it is; 0x80, "until its end", is not DER.
            0x81..=0x84 => {
                let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
                rest = after;
                bytes.iter().try_fold(0usize, |length, &byte| {
                    length.checked_mul(256)?.checked_add(usize::from(byte))
                })?
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn time(&mut self) -> Option<SystemTime> {
        let (tag, text) = self.next()?;
        let (year, rest) = match tag {
            UTC_TIME => {
                let (year, rest) = number(text, 2)?;
                (if year < 50 { 2000 + year } else { 1900 + year }, rest)
            }
            GENERALIZED_TIME => number(text, 4)?,
            _ => return None,
        };
        let (month, rest) = number(rest, 2)?;
        let (day, rest) = number(rest, 2)?;
        let (hour, rest) = number(rest, 2)?;
        let (minute, rest) = number(rest, 2)?;
        let (second, rest) = number(rest, 2)?;
        let is_in_range =
            (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
        if rest != b"Z" || !is_in_range {
            return None;
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }
}

/// A decimal number of so many digits, and what follows.
fn number(text: &[u8], digits: usize) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.split_at_checked(digits)?;
    let number = digits.iter().try_fold(0i64, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })?;
    Some((number, rest))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March, so that the leap day is the
/// last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let months = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + leap_days + (months * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(tag: u8, text: &str) -> Option<i64> {
        let mut der = vec![tag, u8::try_from(text.len()).unwrap()];
        der.extend_from_slice(text.as_bytes());
        let time = Reader(&der).time()?;
        Some(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap(),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap(),
        })
    }

    #[test]
    fn times_are_read() {
        assert_eq!(seconds(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(seconds(UTC_TIME, "691231235959Z"), Some(-1));
        assert_eq!(seconds(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(seconds(UTC_TIME, "240229120000Z"), Some(1_709_208_000));
        assert_eq!(seconds(UTC_TIME, "240301000000Z"), Some(1_709_251_200));
        assert_eq!(seconds(GENERALIZED_TIME, "20500101000000Z"), Some(2_524_608_000));
        assert_eq!(seconds(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "Z", "7001010000Z", "700101000000", "700101000000+0100", "701301000000Z", "7001a1000000Z"]
        {
            assert_eq!(seconds(UTC_TIME, text), None, "{text}");
        }
        assert_eq!(seconds(INTEGER, "700101000000Z"), None);
    }

    #[test]
    fn faults_are_those_of_the_time() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let validity = Validity { not_before: at(10), not_after: at(20) };
        assert_eq!(validity.fault(at(9)), Some("is not valid yet"));
        assert_eq!(validity.fault(at(10)), None);
        assert_eq!(validity.fault(at(20)), None);
        assert_eq!(validity.fault(at(21)), Some("has expired"));
    }

    /// Whatever is cut off or changed, it is read or it is not, and never anything else.
    #[test]
    fn damage_is_survived() {
        let certificate = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap().cert;
        let der: &[u8] = certificate.der();
        assert!(Validity::of(der).is_some());
        for end in 0..der.len() {
            assert_eq!(Validity::of(&der[..end]), None);
        }
        let mut damaged = der.to_vec();
        for at in 0..der.len().min(200) {
            for byte in 0..=255 {
                damaged[at] = byte;
                let _ = Validity::of(&damaged);
            }
            damaged[at] = der[at];
        }
    }
}
