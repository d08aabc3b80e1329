use crate::scratch::Scratch;
pub struct JsonError(serde_json::Error);
impl JsonError { pub fn is_data(&self) -> bool { self.0.is_data() } pub fn pointer(&self) -> Option<&str> { None } pub fn detail(&self) -> &str { "" } }
pub fn from_body<'r, T: serde::Deserialize<'r>>(b: &'r [u8], _: &'r mut Vec<u8>, _: &'r Scratch) -> Result<T, JsonError> { serde_json::from_slice(b).map_err(JsonError) }
pub fn to_bytes<T: serde::Serialize>(v: &T) -> Result<Vec<u8>, serde_json::Error> { serde_json::to_vec(v) }
