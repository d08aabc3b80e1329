//! Sets of routes made of others.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use super::either::Either;
use crate::request::Request;
use crate::response::{Answered, Slot};
use crate::routing::Scope;
use crate::routing::{Collector, RouteTable, Routes, Table};

/// No routes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Empty;

impl RouteTable for Empty {
    const TABLE: &'static Table = &Table::Empty;
}

impl<S: Send + Sync + 'static> Routes<S> for Empty {
    async fn dispatch<'a>(
        &'a self,
        _: usize,
        _: &'a mut Request,
        _: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> Answered<'a> {
        slot.filled(super::miss::no_such_route())
    }
}

/// Two sets side by side: the first one's ids come first.
#[doc(hidden)]
#[derive(Debug)]
pub struct Merge<A, B>(pub A, pub B);

impl<A: RouteTable, B: RouteTable> RouteTable for Merge<A, B> {
    const TABLE: &'static Table = &Table::Merge(&[A::TABLE, B::TABLE]);

    #[inline]
    fn count(&self) -> usize {
        self.0.count() + self.1.count()
    }

    fn collect(&self, collector: &mut Collector) {
        self.0.collect(collector);
        self.1.collect(collector);
    }
}

impl<S, A, B> Routes<S> for Merge<A, B>
where
    S: Send + Sync + 'static,
    A: Routes<S>,
    B: Routes<S>,
{
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        let first = self.0.count();
        if route < first {
            Either::First { future: self.0.dispatch(route, request, scope, slot) }
        } else {
            Either::Second { future: self.1.dispatch(route - first, request, scope, slot) }
        }
    }
}

/// Where a set is mounted.
#[doc(hidden)]
pub trait Prefix: Send + Sync + 'static {
    /// The beginning of every path, or nothing.
    const PREFIX: &'static str;
    /// The host it is bound to.
    const HOST: Option<&'static str> = None;
}

/// A set under a prefix, a host, or both. Nothing of it is left when requests come.
#[doc(hidden)]
pub struct Nest<P, R>(R, PhantomData<fn() -> P>);

impl<P, R> Nest<P, R> {
    #[doc(hidden)]
    pub fn new(routes: R) -> Self {
        Self(routes, PhantomData)
    }
}

impl<P: Prefix, R: RouteTable> Nest<P, R> {
    const NESTED: Table = Table::Nest(P::PREFIX, R::TABLE);
    const HOSTED: Table = match P::HOST {
        Some(host) => Table::Host(host, &Self::NESTED),
        None => Self::NESTED,
    };
}

impl<P: Prefix, R: RouteTable> RouteTable for Nest<P, R> {
    const TABLE: &'static Table = &Self::HOSTED;

    #[inline]
    fn count(&self) -> usize {
        self.0.count()
    }

    fn collect(&self, collector: &mut Collector) {
        collector.nest(P::HOST, P::PREFIX, |collector| self.0.collect(collector));
    }
}

impl<S: Send + Sync + 'static, P: Prefix, R: Routes<S>> Routes<S> for Nest<P, R> {
    #[inline]
    fn dispatch<'a>(
        &'a self,
        route: usize,
        request: &'a mut Request,
        scope: Scope<'a, S>,
        slot: &'a mut Slot,
    ) -> impl Future<Output = Answered<'a>> + Send + 'a {
        self.0.dispatch(route, request, scope, slot)
    }
}

impl<P: Prefix, R> fmt::Debug for Nest<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nest").field("prefix", &P::PREFIX).field("host", &P::HOST).finish_non_exhaustive()
    }
}
