//! The same service as in `examples/arena`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (proto, folder) = ("../../examples/arena/data/benchmark.proto", "../../examples/arena/data");
    println!("cargo::rerun-if-changed={proto}");
    let service = protox::compile([proto], [folder])?;
    tonic_prost_build::configure().build_client(false).compile_fds(service)?;
    Ok(())
}
