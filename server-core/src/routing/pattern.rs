use std::borrow::Cow;
/// x
#[derive(Debug)] pub struct PatternError; 
impl PatternError { pub(crate) fn method() -> Self { Self } }
impl std::fmt::Display for PatternError { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("") } }
impl std::error::Error for PatternError {}
pub(crate) struct Pattern(String);
impl Pattern { pub(crate) fn parse(p: &str) -> Result<Self, PatternError> { Ok(Self(p.into())) } pub(crate) fn into_normal(self) -> String { self.0 } }
pub(crate) fn normalise_path(p: &str) -> Cow<'_, str> { Cow::Borrowed(p) }
