//! The watch of a build that can tell nothing of its requests: nothing at all.

use crate::request::Head;
use crate::response::Response;
use crate::routing::Route;

#[derive(Clone)]
pub(super) struct Observer;

impl Observer {
    pub(super) const fn new() -> Self {
        Self
    }

    #[inline]
    pub(super) fn watch(&self, _: &Head, _: Option<&Route>) -> Watch {
        Watch
    }
}

pub(super) struct Watch;

impl Watch {
    #[inline]
    pub(super) fn enter(&self) -> Option<Watch> {
        None
    }

    #[inline]
    pub(super) fn finish(&mut self, _: &mut Response) {}
}
