//! All calls of `benchmark.proto`, by tonic.

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/benchmark.rs"));
}

use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tonic::{Request, Response, Status, Streaming};

use generated::benchmark_service_server::{BenchmarkService, BenchmarkServiceServer};
use generated::{StreamRequest, SumReply, SumRequest};

pub(crate) fn service() -> BenchmarkServiceServer<Sums> {
    BenchmarkServiceServer::new(Sums)
}

pub(crate) struct Sums;

#[tonic::async_trait]
impl BenchmarkService for Sums {
    type StreamSumStream = BoxStream<'static, Result<SumReply, Status>>;
    type EchoSumStream = BoxStream<'static, Result<SumReply, Status>>;

    async fn get_sum(&self, request: Request<SumRequest>) -> Result<Response<SumReply>, Status> {
        Ok(Response::new(reply(sum(request.into_inner()))))
    }

    async fn stream_sum(
        &self,
        request: Request<StreamRequest>,
    ) -> Result<Response<Self::StreamSumStream>, Status> {
        let StreamRequest { a, b, count } = request.into_inner();
        let start = a.wrapping_add(b);
        let replies = (0..count.max(1)).map(move |i| Ok(reply(start.wrapping_add(i))));
        Ok(Response::new(stream::iter(replies).boxed()))
    }

    async fn collect_sum(
        &self,
        request: Request<Streaming<SumRequest>>,
    ) -> Result<Response<SumReply>, Status> {
        let mut requests = request.into_inner();
        let mut total = 0_i32;
        while let Some(request) = requests.message().await? {
            total = total.wrapping_add(sum(request));
        }
        Ok(Response::new(reply(total)))
    }

    async fn echo_sum(
        &self,
        request: Request<Streaming<SumRequest>>,
    ) -> Result<Response<Self::EchoSumStream>, Status> {
        let requests = request.into_inner();
        Ok(Response::new(requests.map_ok(|request| reply(sum(request))).boxed()))
    }
}

fn sum(SumRequest { a, b }: SumRequest) -> i32 {
    a.wrapping_add(b)
}

fn reply(result: i32) -> SumReply {
    SumReply { result }
}
