//! What the attribute's code calls: a request being turned into one handler's arguments.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use http::StatusCode;

use crate::error::{Error, Part, Result};
use crate::extract::param::RawValues;
use crate::extract::{BodyUse, Context, Extraction, FromPath, FromQuery, FromRequest};
use crate::request::{Head, Payload, Request};
use crate::response::Slot;
use crate::routing::Scope;

/// One request on its way into one handler's arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct Input<'a, S> {
    head: &'a Head,
    scope: Scope<'a, S>,
    /// The routed path, for a route with parameters of its own.
    path: &'a str,
    /// Taken by the argument that uses it.
    payload: Option<&'a mut Payload>,
    /// Where the route's own parameters begin among all captured: those of the prefixes come before.
    first_param: usize,
}

impl<'a, S: Sync> Input<'a, S> {
    #[inline]
    pub fn new(request: &'a mut Request, scope: Scope<'a, S>, own_params: usize) -> Self {
        let (head, payload) = request.split();
        let first_param = head.captures.len().saturating_sub(own_params);
        let path = if own_params > 0 { head.path() } else { "" };
        Self { head, scope, path, payload: Some(payload), first_param }
    }

    /// The route's own limit, in place of the app's.
    pub fn body_limit(&mut self, bytes: u64) {
        if let Some(payload) = &mut self.payload {
            payload.body_mut().set_limit(bytes);
        }
    }

    /// The path parameter at `index` of the route's own pattern.
    #[inline]
    pub fn param<T: FromPath<'a>>(&self, index: usize, name: &'static str) -> Result<T> {
        let range = self.head.captures.get(self.first_param + index);
        let Some(raw) = range.and_then(|range| self.path.get(range)) else {
            return Err(Error::missing(Part::Path, name));
        };
        let text = crate::percent::decode(raw, &self.head.scratch)
            .map_err(|_| Error::invalid(Part::Path, name, "not UTF-8"))?;
        T::from_path(text, name)
    }

    /// The query parameter `name`, before it is looked for.
    #[inline]
    pub fn sought(&self, name: &'static str) -> RawValues<'a> {
        RawValues::query(self.head, name)
    }

    /// Looks for query parameters, all at once.
    #[inline]
    pub fn search(&self, all: &mut [RawValues<'a>]) {
        RawValues::search(self.head, all);
    }

    /// A query parameter that was looked for.
    #[inline]
    pub fn query<T: FromQuery<'a>>(&self, values: RawValues<'a>) -> Result<T> {
        T::from_values(values)
    }

    /// The same, where something else stands for it if it is not given.
    #[inline]
    pub fn given_query<T: FromQuery<'a>>(&self, values: RawValues<'a>) -> Result<Option<T>> {
        values.given()
    }

    /// The header field `name`, given in lower case.
    #[inline]
    pub fn header<T: FromQuery<'a>>(&self, name: &'static str) -> Result<T> {
        header(self.head, name)
    }

    /// The same, where something else stands for it if it is not given.
    #[inline]
    pub fn given_header<T: FromQuery<'a>>(&self, name: &'static str) -> Result<Option<T>> {
        given_header(self.head, name)
    }

    /// An argument that leaves the body alone; `None` for one that uses it.
    #[inline]
    pub fn early<T: FromRequest<'a, S>>(&self) -> Early<'a, T> {
        Early(if T::BODY.is_used() { None } else { Some(T::from_request(self.context())) })
    }

    /// Reads the body, where an argument wants it whole.
    #[inline]
    pub async fn read(&mut self, body: BodyUse) {
        if let (BodyUse::Buffered, Some(payload)) = (body, &mut self.payload) {
            payload.read().await;
        }
    }

    /// An argument of either kind, once the body is read.
    #[inline]
    pub fn late<T: FromRequest<'a, S>>(&mut self) -> Extraction<'a, T> {
        let mut context = self.context();
        if T::BODY.is_used() {
            context = Context::new(self.head, self.scope, self.payload.take());
        }
        T::from_request(context)
    }

    fn context(&self) -> Context<'a, S> {
        Context::new(self.head, self.scope, None)
    }
}

/// The header field `name`, given in lower case.
#[doc(hidden)]
#[inline]
pub fn header<'r, T: FromQuery<'r>>(head: &'r Head, name: &'static str) -> Result<T> {
    T::from_values(RawValues::header(head, name))
}

/// The same, where something else stands for it if it is not given.
#[doc(hidden)]
#[inline]
pub fn given_header<'r, T: FromQuery<'r>>(head: &'r Head, name: &'static str) -> Result<Option<T>> {
    RawValues::header(head, name).given()
}

/// The first of the two passes over the arguments, for one of them.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Early<'a, T>(Option<Extraction<'a, T>>);

impl<T> Future for Early<'_, T> {
    type Output = Result<Option<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            None => Poll::Ready(Ok(None)),
            Some(extraction) => Pin::new(extraction).poll(cx).map_ok(Some),
        }
    }
}

/// At most one argument may use the body; the names are the arguments'.
#[doc(hidden)]
#[track_caller]
pub const fn one_body(arguments: &[(&str, BodyUse)]) {
    let mut first = None;
    let mut rest = arguments;
    while let [(name, body), others @ ..] = rest {
        if body.is_used() {
            if let Some(first) = first {
                crate::complaint::complain(&["`", first, "` and `", name, "` both take the request body"]);
            }
            first = Some(*name);
        }
        rest = others;
    }
}

/// Refuses an argument that would be the body of a GET request (RFC 9110 section 9.3.1: it has no meaning there). It is
/// nearly always one that should have been named after a parameter.
#[doc(hidden)]
#[track_caller]
pub const fn no_body(name: &str, body: BodyUse) {
    if body.is_used() {
        crate::complaint::complain(&[
            "`",
            name,
            "` would be the body of a GET request: name it after a parameter of the pattern, or say `body_limit = ..` if \
             the body is meant",
        ]);
    }
}

/// Refuses a path parameter that no argument takes.
#[doc(hidden)]
#[track_caller]
pub const fn takes_path(taken: bool, complaint: &str) {
    if !taken {
        panic!("{}", complaint);
    }
}

/// The status a route gives its success: a response that already says more than 200 keeps what it says.
#[doc(hidden)]
#[inline]
pub fn with_status(slot: &mut Slot, status: u16) {
    let response = slot.get_mut();
    if response.status() == StatusCode::OK
        && let Ok(status) = StatusCode::from_u16(status)
    {
        *response.status_mut() = status;
    }
}
