//! An extraction, at once or in the future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Error;

/// What [`FromRequest::from_request`](crate::FromRequest::from_request) returns: the value, or a future of it.
///
/// It is a concrete type, and boxes only a future that is really one, because a future projected from a trait
/// could not be proven `Send` for all lifetimes (rust-lang/rust#100013).
///
/// ```
/// use waypost::{Error, Extraction};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(Extraction::ready(Ok(7)).await.unwrap(), 7);
/// assert_eq!(Extraction::future(async { Ok(7) }).then(|seven| Ok(seven? + 1)).await.unwrap(), 8);
/// let failed: Extraction<'_, u8> = Err(Error::forbidden()).into();
/// assert_eq!(failed.await.unwrap_err().status(), 403);
/// # }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Extraction<'r, T>(Stage<'r, T>);

enum Stage<'r, T> {
    /// Emptied when it is polled.
    Ready(Option<Result<T, Error>>),
    Future(Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'r>>),
}

impl<'r, T> Extraction<'r, T> {
    /// An extraction that is done.
    ///
    /// ```
    /// use waypost::Extraction;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// assert_eq!(Extraction::ready(Ok(7)).await.unwrap(), 7);
    /// # }
    /// ```
    pub const fn ready(result: Result<T, Error>) -> Self {
        Self(Stage::Ready(Some(result)))
    }

    /// An extraction that awaits something.
    ///
    /// ```
    /// use waypost::{App, Context, Extraction, FromRequest, get, routes, test::Client};
    ///
    /// struct Visit<'r>(&'r str);
    ///
    /// // `Send + Sync`, because the context is kept across the await.
    /// impl<'r, S: Send + Sync> FromRequest<'r, S> for Visit<'r> {
    ///     fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
    ///         Extraction::future(async move {
    ///             tokio::task::yield_now().await;
    ///             Ok(Self(context.head().path()))
    ///         })
    ///     }
    /// }
    ///
    /// #[get("/here")]
    /// async fn here(visit: Visit<'_>) -> String {
    ///     visit.0.to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// assert_eq!(Client::new(App::new(routes![here])).get("/here").send().await.text().await, "/here");
    /// # }
    /// ```
    pub fn future(future: impl Future<Output = Result<T, Error>> + Send + 'r) -> Self {
        Self(Stage::Future(Box::pin(future)))
    }

    /// Turns what will be extracted into something else.
    ///
    /// ```
    /// use waypost::{Error, Extraction};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let text = Extraction::ready(Ok("7"));
    /// let number = text.then(|text| text?.parse::<u8>().map_err(|_| Error::bad_request("not a number")));
    /// assert_eq!(number.await.unwrap(), 7);
    /// # }
    /// ```
    pub fn then<U: 'r>(
        self,
        turn: impl FnOnce(Result<T, Error>) -> Result<U, Error> + Send + 'r,
    ) -> Extraction<'r, U>
    where
        T: 'r,
    {
        match self.0 {
            Stage::Ready(Some(result)) => Extraction::ready(turn(result)),
            Stage::Ready(None) => Extraction(Stage::Ready(None)),
            Stage::Future(future) => Extraction::future(async move { turn(future.await) }),
        }
    }
}

/// Nothing in it is pinned in place: the future has a box of its own.
impl<T> Unpin for Extraction<'_, T> {}

impl<T> Future for Extraction<'_, T> {
    type Output = Result<T, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            Stage::Ready(result) => Poll::Ready(match result.take() {
                Some(result) => result,
                None => panic!("an extraction was polled after it was done"),
            }),
            Stage::Future(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> From<Result<T, Error>> for Extraction<'_, T> {
    fn from(result: Result<T, Error>) -> Self {
        Self::ready(result)
    }
}

impl<T> fmt::Debug for Extraction<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Stage::Ready(Some(Ok(_))) => "Extraction::Ready(Ok)",
            Stage::Ready(Some(Err(_))) => "Extraction::Ready(Err)",
            Stage::Ready(None) => "Extraction::Done",
            Stage::Future(_) => "Extraction::Future",
        })
    }
}
