//! The tables of `routing`, and what is asked of each.

use http::{Method, Request};
use waypost::http::StatusCode;
use waypost::{App, DynamicRoutes, Routes, fallback, routes};
use waypost_benches::workload::{generated, github};

/// How many different requests are asked in turn.
const ASKED: usize = 16;

/// A table of routes, in the syntax of matchit.
pub(crate) struct Table {
    pub name: String,
    pub routes: Vec<(Method, String)>,
    pub questions: Vec<Question>,
}

/// Requests of one kind.
pub(crate) struct Question {
    pub kind: &'static str,
    pub status: u16,
    pub method: Method,
    pub paths: Vec<String>,
    /// That of the route that each path has; none, if the path is nobody's.
    pub patterns: Vec<Option<String>>,
}

/// A path, and the pattern that it has.
type Known = (String, Option<String>);

impl Table {
    /// That of GitHub.
    pub(crate) fn github() -> Self {
        let route = |(method, pattern): &(&str, &str)| (method_of(method), (*pattern).to_owned());
        let paths = |kind: fn(&str) -> bool| -> Vec<Known> {
            let gets = github::ROUTES.iter().filter(|(method, pattern)| *method == "get" && kind(pattern));
            gets.map(|(_, pattern)| (fill(pattern), Some((*pattern).to_owned()))).collect()
        };
        let has_parameters = |pattern: &str| pattern.contains('{') && !pattern.contains('*');
        let statics = paths(|pattern| !pattern.contains('{'));
        let parameters = paths(has_parameters);
        let catch_alls = paths(|pattern| pattern.contains('*'));
        let misses = parameters.iter().map(|(path, _)| (format!("{path}/or/not"), None)).collect();
        Self {
            name: "GitHub".to_owned(),
            routes: github::ROUTES.iter().map(route).collect(),
            questions: questions(statics, parameters, catch_alls, misses),
        }
    }

    /// So many generated routes.
    pub(crate) fn generated(count: usize) -> Self {
        let paths = |kind: generated::Kind| {
            let indexes = (0..count).filter(|index| generated::kind(*index) == kind);
            indexes.map(|index| (generated::path(index), Some(generated::pattern(index)))).collect()
        };
        Self {
            name: count.to_string(),
            routes: (0..count).map(|index| (Method::GET, generated::pattern(index))).collect(),
            questions: questions(
                paths(generated::Kind::Static),
                paths(generated::Kind::Parameter),
                paths(generated::Kind::CatchAll),
                (0..count).map(|index| (generated::miss(index), None)).collect(),
            ),
        }
    }

    /// Its routes as the application's own, known only at run time.
    pub(crate) fn dynamic(&self) -> App<impl Routes<()>> {
        let mut all = DynamicRoutes::<()>::new();
        for (method, pattern) in &self.routes {
            all.add(method.clone(), pattern, |_| async { "" }).expect("a pattern");
        }
        App::try_new(routes![..all, _ => lost]).expect("no clash")
    }
}

impl Question {
    pub(crate) fn requests<B: Default>(&self) -> Vec<Request<B>> {
        let request = |path: &String| {
            let mut request = Request::new(B::default());
            *request.method_mut() = self.method.clone();
            *request.uri_mut() = path.parse().expect("a path");
            request
        };
        self.paths.iter().map(request).collect()
    }
}

fn questions(
    statics: Vec<Known>,
    parameters: Vec<Known>,
    catch_alls: Vec<Known>,
    misses: Vec<Known>,
) -> Vec<Question> {
    let ask = |kind, status, method, known: &[Known]| {
        // Spread over the whole table.
        let (paths, patterns) = (0..ASKED).map(|n| known[n * known.len() / ASKED].clone()).unzip();
        Question { kind, status, method, paths, patterns }
    };
    vec![
        ask("static", 200, Method::GET, &statics),
        ask("parameter", 200, Method::GET, &parameters),
        ask("catch-all", 200, Method::GET, &catch_alls),
        ask("miss", 404, Method::GET, &misses),
        ask("method not allowed", 405, Method::TRACE, &parameters),
    ]
}

pub(crate) fn method_of(name: &str) -> Method {
    name.to_ascii_uppercase().parse().expect("a method")
}

/// A path of the pattern.
fn fill(pattern: &str) -> String {
    let segment = |segment: &str| match segment {
        catch_all if catch_all.starts_with("{*") => "src/bin/main.rs".to_owned(),
        number if number.ends_with("_id}") || number.ends_with("_number}") => "1296269".to_owned(),
        name if name.starts_with('{') => "hello-world".to_owned(),
        literal => literal.to_owned(),
    };
    pattern.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[fallback]
async fn lost() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// GitHub's table as an application writes it: a function for each route.
pub(crate) fn github_app() -> App<impl Routes<()>> {
    waypost_benches::github!(app)
}

macro_rules! app {
    ($($name:ident: $method:ident $pattern:literal ($($parameter:ident)*);)*) => {{
        $(
            #[waypost::$method($pattern)]
            async fn $name($($parameter: &str),*) -> &'static str {
                $(let _ = $parameter;)*
                ""
            }
        )*
        App::new(routes![$($name,)* _ => lost])
    }};
}
use app;
