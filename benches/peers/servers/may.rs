//! may_minihttp: a parser and a writer, and no router. What it is sent is taken apart by hand.

#[path = "../../servers/messages.rs"]
mod messages;
#[path = "../../servers/program.rs"]
mod program;

use std::io::{self, Read, Write};

use bytes::BufMut;
use may_minihttp::{HttpServer, HttpService, Request, Response};

use messages::{Order, Search, USER};
use program::{Done, Options};

#[derive(Clone)]
struct App;

impl HttpService for App {
    fn call(&mut self, request: Request<'_, '_, '_>, response: &mut Response<'_>) -> io::Result<()> {
        let (path, query) = request.path().split_once('?').unwrap_or((request.path(), ""));
        match (request.method(), path) {
            ("GET", "/hello") => {
                response.header("Content-Type: text/plain; charset=utf-8");
                response.body("Hello, World!");
            }
            ("GET", "/user") => {
                response.header("Content-Type: application/json");
                serde_json::to_writer(response.body_mut().writer(), &USER)?;
            }
            ("GET", "/search") => text(response, &parse(query).text())?,
            ("POST", "/orders") => {
                let mut document = Vec::new();
                request.body().read_to_end(&mut document)?;
                let order: Order = serde_json::from_slice(&document)?;
                text(response, &order.total())?;
            }
            ("GET", path) => match post(path) {
                Some((id, post)) => text(response, &format!("post {post} of user {id}"))?,
                None => {
                    response.status_code(404, "Not Found");
                }
            },
            _ => {
                response.status_code(405, "Method Not Allowed");
            }
        }
        Ok(())
    }
}

fn text(response: &mut Response<'_>, text: &str) -> io::Result<()> {
    response.header("Content-Type: text/plain; charset=utf-8");
    response.body_mut().writer().write_all(text.as_bytes())
}

fn post(path: &str) -> Option<(u32, &str)> {
    let (id, post) = path.strip_prefix("/users/")?.split_once("/posts/")?;
    Some((id.parse().ok()?, post))
}

fn parse(query: &str) -> Search {
    let mut search = Search { q: String::new(), page: None };
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "q" => search.q = value.to_owned(),
            "page" => search.page = value.parse().ok(),
            _ => {}
        }
    }
    search
}

fn main() -> Done {
    let options = Options::read();
    may::config().set_workers(options.threads);
    // It binds by itself and does not say where: a port that was just free.
    let address = program::free()?;
    let server = HttpServer(App).start(address)?;
    program::announce(address)?;
    let _ = server.join();
    Ok(())
}
