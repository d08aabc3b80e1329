//! Makes the gRPC service of `data/benchmark.proto`, without `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=data/benchmark.proto");
    let service = protox::compile(["data/benchmark.proto"], ["data"])?;
    tonic_prost_build::configure().build_client(false).compile_fds(service)?;
    Ok(())
}
