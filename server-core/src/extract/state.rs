//! The application's state, field by field.

use crate::extract::{Context, Extraction, FromRequest};

/// A value of the application's state, borrowed: `State<&T>`.
///
/// The state given to the app must [provide](Provide) a `T`; [`#[derive(State)]`](macro@crate::State) makes every
/// field of a struct provided. That it does is checked when the program is compiled.
///
/// ```
/// use waypost::{App, State, get, routes, test::Client};
///
/// struct Limit(u32);
/// struct Name(&'static str);
///
/// #[derive(State)]
/// struct AppState {
///     limit: Limit,
///     name: Name,
/// }
///
/// #[get("/")]
/// async fn about(State(name): State<&Name>, State(limit): State<&Limit>) -> String {
///     format!("{} {}", name.0, limit.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![about]).state(AppState { limit: Limit(3), name: Name("demo") }));
/// assert_eq!(client.get("/").send().await.text().await, "demo 3");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State<T>(pub T);

/// A state that holds a `T`.
///
/// Every state provides itself; [`#[derive(State)]`](macro@crate::State) adds its fields.
///
/// ```
/// use waypost::{App, Provide, State, get, routes, test::Client};
///
/// struct AppState {
///     names: [&'static str; 2],
/// }
///
/// impl Provide<[&'static str; 2]> for AppState {
///     fn provide(&self) -> &[&'static str; 2] {
///         &self.names
///     }
/// }
///
/// #[get("/")]
/// async fn names(State(names): State<&[&'static str; 2]>) -> String {
///     names.join(", ")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![names]).state(AppState { names: ["Ada", "Grace"] }));
/// assert_eq!(client.get("/").send().await.text().await, "Ada, Grace");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "the application state `{Self}` does not provide a `{T}`",
    label = "a handler or middleware takes `State<&{T}>`, and this state has none",
    note = "add a field of type `{T}` to the struct that derives `State`, or implement `Provide<{T}>` for it"
)]
pub trait Provide<T> {
    /// Lends it.
    ///
    /// ```
    /// use waypost::{Provide, State};
    ///
    /// struct Settings {
    ///     depth: u8,
    /// }
    ///
    /// #[derive(State)]
    /// struct AppState {
    ///     settings: Settings,
    /// }
    ///
    /// let state = AppState { settings: Settings { depth: 3 } };
    /// let settings: &Settings = state.provide();
    /// assert_eq!(settings.depth, 3);
    /// ```
    fn provide(&self) -> &T;
}

impl<T> Provide<T> for T {
    #[inline]
    fn provide(&self) -> &T {
        self
    }
}

impl<'r, T, S: Provide<T>> FromRequest<'r, S> for State<&'r T> {
    #[inline]
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(Ok(Self(context.state().provide())))
    }
}

/// What needs nothing of the request but the state: the arguments a middleware function may take beside the request
/// and the next step.
///
/// ```
/// use waypost::{FromState, State};
///
/// let state = 7_u32;
/// let State(number) = State::<&u32>::from_state(&state);
/// assert_eq!(*number, 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a middleware",
    label = "only `State<&T>` can stand between the request and `next`"
)]
pub trait FromState<'r, S>: Sized {
    /// Fills the argument.
    ///
    /// ```
    /// use waypost::{FromState, State};
    ///
    /// let state = "borrow".to_owned();
    /// let State(motto) = State::<&String>::from_state(&state);
    /// assert_eq!(motto, "borrow");
    /// ```
    fn from_state(state: &'r S) -> Self;
}

impl<'r, T, S: Provide<T>> FromState<'r, S> for State<&'r T> {
    #[inline]
    fn from_state(state: &'r S) -> Self {
        Self(state.provide())
    }
}
