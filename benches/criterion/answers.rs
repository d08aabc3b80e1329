//! Libraries that are asked in process, and how their answers are timed: the same for all.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::{Pin, pin};

use bytes::{Buf, Bytes};
use criterion::{BatchSize, BenchmarkGroup};
use http::header::CONTENT_TYPE;
use http_body::Body;

use crate::settings::{self, ThreadTime};

pub(crate) type Group<'a> = BenchmarkGroup<'a, ThreadTime>;

/// What a library answers with.
pub(crate) trait Answer {
    fn status(&self) -> u16;

    fn content_type(&self) -> String;

    /// The whole body, without a copy where it is in one piece.
    fn whole(self) -> impl Future<Output = Bytes>;
}

impl<B: Body> Answer for http::Response<B> {
    fn status(&self) -> u16 {
        self.status().as_u16()
    }

    fn content_type(&self) -> String {
        let value = self.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    async fn whole(self) -> Bytes {
        let mut body = pin!(self.into_body());
        let Some(first) = next(body.as_mut()).await else { return Bytes::new() };
        let Some(second) = next(body.as_mut()).await else { return first };
        let mut all = [first, second].concat();
        while let Some(piece) = next(body.as_mut()).await {
            all.extend_from_slice(&piece);
        }
        all.into()
    }
}

async fn next<B: Body>(mut body: Pin<&mut B>) -> Option<Bytes> {
    let frame = poll_fn(|cx| body.as_mut().poll_frame(cx)).await?;
    let mut data = frame.ok().expect("a body that does not fail").into_data().ok()?;
    Some(data.copy_to_bytes(data.remaining()))
}

impl<A: Answer> Answer for Result<A, Infallible> {
    fn status(&self) -> u16 {
        self.as_ref().map_or_else(|never| match *never {}, Answer::status)
    }

    fn content_type(&self) -> String {
        self.as_ref().map_or_else(|never| match *never {}, Answer::content_type)
    }

    async fn whole(self) -> Bytes {
        let Ok(answer) = self;
        answer.whole().await
    }
}

/// Times one library: from requests that are already made to the last byte of their answers' bodies, all dropped. What
/// it answers is checked once before.
pub(crate) fn time<R, F>(
    group: &mut Group<'_>,
    name: &str,
    mut requests: impl FnMut() -> R,
    answer: impl Fn(R::Item) -> F,
    check: impl Fn(u16, &str, &[u8]),
) where
    R: IntoIterator,
    F: Future<Output: Answer>,
{
    let runtime = settings::runtime();
    runtime.block_on(async {
        for request in requests() {
            let answer = answer(request).await;
            let (status, content_type) = (answer.status(), answer.content_type());
            check(status, &content_type, &answer.whole().await);
        }
    });
    // So few at once that the processor still has them when they are asked.
    let batch = BatchSize::NumIterations(32);
    let answer = &answer;
    group.bench_function(name, |bencher| {
        let answer_all = |requests: R| async move {
            for request in requests {
                black_box(answer(request).await.whole().await);
            }
        };
        bencher.to_async(&runtime).iter_batched(&mut requests, answer_all, batch);
    });
}
