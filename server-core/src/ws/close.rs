//! Why a WebSocket is closed.

use std::fmt;

use super::error::{Kind, WebSocketError};
use super::text::Utf8Bytes;

/// Why a WebSocket is closed, in a number (RFC 6455 section 7.4): one that may be sent, that is 1000 to 1003 and 1007 to
/// 1014, 3000 to 3999 (registered by libraries) or 4000 to 4999 (the application's own).
///
/// ```
/// use waypost::ws::CloseCode;
///
/// assert_eq!(u16::from(CloseCode::NORMAL), 1000);
/// assert_eq!(CloseCode::new(4001).unwrap().to_string(), "4001");
/// assert_eq!(CloseCode::new(1006), None, "it is never sent");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: done.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1000), Some(CloseCode::NORMAL));
    /// ```
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server ends, or the page is left.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1001), Some(CloseCode::GOING_AWAY));
    /// ```
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1002), Some(CloseCode::PROTOCOL_ERROR));
    /// ```
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a kind of message that is not wanted.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1003), Some(CloseCode::UNSUPPORTED_DATA));
    /// ```
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1007: text that is not UTF-8, or content that does not fit its kind.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1007), Some(CloseCode::INVALID_PAYLOAD));
    /// ```
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: a message against the rules, where nothing else says it.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1008), Some(CloseCode::POLICY_VIOLATION));
    /// ```
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message that is too large.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1009), Some(CloseCode::MESSAGE_TOO_BIG));
    /// ```
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1011: the server failed.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1011), Some(CloseCode::INTERNAL_ERROR));
    /// ```
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the server starts anew; come back.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1012), Some(CloseCode::SERVICE_RESTART));
    /// ```
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013: too much to do; come back later.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1013), Some(CloseCode::TRY_AGAIN_LATER));
    /// ```
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// A code by its number; `None` if that may not be sent.
    ///
    /// ```
    /// use waypost::ws::CloseCode;
    ///
    /// assert_eq!(CloseCode::new(1000), Some(CloseCode::NORMAL));
    /// assert_eq!(CloseCode::new(999), None);
    /// ```
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a Close message says (RFC 6455 section 5.5.1).
///
/// ```
/// use waypost::ws::{CloseCode, CloseFrame};
///
/// let frame = CloseFrame { code: CloseCode::TRY_AGAIN_LATER, reason: "in a minute".into() };
/// assert_eq!(frame.to_string(), "1013 in a minute");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFrame {
    /// Why, for programs.
    pub code: CloseCode,
    /// Why, for people; at most 123 bytes.
    pub reason: Utf8Bytes,
}

impl CloseFrame {
    /// What a control frame has room for, less the code.
    const LONGEST_REASON: usize = 123;

    pub(super) fn into_inner(self) -> Result<tungstenite::protocol::CloseFrame, WebSocketError> {
        if self.reason.len() > Self::LONGEST_REASON {
            return Err(Kind::ControlTooLong.into());
        }
        Ok(tungstenite::protocol::CloseFrame { code: self.code.0.into(), reason: self.reason.into_inner() })
    }

    /// `None` for a code that is not one that may be sent, which is not a peer's word.
    pub(super) fn from_inner(frame: tungstenite::protocol::CloseFrame) -> Option<Self> {
        let code = CloseCode::new(frame.code.into())?;
        Some(Self { code, reason: Utf8Bytes::from_inner(frame.reason) })
    }
}

impl fmt::Display for CloseFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason.is_empty() {
            true => self.code.fmt(f),
            false => write!(f, "{} {}", self.code, self.reason),
        }
    }
}
