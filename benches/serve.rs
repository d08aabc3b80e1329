//! One of the servers that are compared, `serve NAME [shared]`, or that are attacked,
//! `serve victim|victim-short`, on one current-thread runtime; `shared`, on one whose threads share the connections, with
//! one thread for them. Prints its address and ends when its standard input does.

use waypost_benches::servers::{self, program};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let shared = arguments.next().is_some_and(|layout| layout == "shared");
    let listener = program::listen()?;
    let mut builder = match shared {
        true => tokio::runtime::Builder::new_multi_thread(),
        false => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = builder.worker_threads(1).enable_all().build()?;
    runtime.block_on(servers::serve(&name, listener))
}
