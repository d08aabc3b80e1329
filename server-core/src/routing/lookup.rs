use super::*;
use http::{Method, HeaderValue};
use std::ops::Range;
use crate::request::Captures;
pub(crate) struct Lookup(matchit::Router<u32>);
pub(crate) enum Outcome<'l> { Route { id: u32, captures: Captures }, Redirect, Options { allow: &'l HeaderValue }, MethodNotAllowed { allow: &'l HeaderValue }, NotFound { fallback: Option<(u32, Captures)> } }
impl Lookup {
    pub(crate) fn build(l: &[Route]) -> Result<Self, RouteConflict> { let mut r = matchit::Router::new(); for (i, x) in l.iter().enumerate() { r.insert(x.path().to_string(), i as u32).map_err(|_| RouteConflict)?; } Ok(Self(r)) }
    pub(crate) fn has_hosts(&self) -> bool { false }
    pub(crate) fn find(&self, _: Option<&str>, _: &Method, path: &str) -> Outcome<'_> {
        match self.0.at(path) { Ok(m) => Outcome::Route { id: *m.value, captures: Captures(m.params.iter().map(|(_, v)| { let a = v.as_ptr() as usize - path.as_ptr() as usize; a..a + v.len() }).collect()) }, Err(_) => Outcome::NotFound { fallback: None } }
    }
}
