//! The macros of [Waypost](https://docs.rs/waypost), which re-exports every one of them. Nothing here is to be used on
//! its own: what the macros write refers to the `waypost` crate.
//!
//! Each macro has a folder, and works in three steps: it **parses** its tokens into types that promise nothing, it
//! **judges** them, which gives a model that cannot be wrong or every fault at once, and it **expands** the model. After
//! a fault the user's item is still there, so that one mistake gives one message.

// A folder for each macro.
mod extractor;
mod middleware;
mod param;
mod route;
mod routes;
mod state;

// What they share.
mod argument;
mod faults;
mod function;
mod helpers;
mod lifetimes;
mod options;
mod pattern;

use proc_macro::TokenStream;

use route::Kind;

/// Answers `GET` at a path (RFC 9110 section 9.3.1), and `HEAD` with it.
///
/// ```
/// # struct UserStore(Vec<(u64, &'static str)>);
/// use waypost::{App, State, get, routes, test::Client};
///
/// /// One user.
/// #[get("/users/{id}?{verbose}")]
/// async fn show(id: u64, verbose: Option<bool>, State(users): State<&UserStore>) -> Option<String> {
///     let (_, name) = users.0.iter().find(|user| user.0 == id)?;
///     Some(if verbose.unwrap_or(false) { format!("{id}: {name}") } else { name.to_string() })
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![show]).state(UserStore(vec![(7, "Ada")])));
/// assert_eq!(client.get("/users/7").send().await.text().await, "Ada");
/// assert_eq!(client.get("/users/7?verbose=true").send().await.text().await, "7: Ada");
/// assert_eq!(client.get("/users/8").send().await.status(), 404);
/// # }
/// ```
///
/// **The function** is an `async fn` or a `fn` of any visibility, without type parameters. It stays as it is written:
/// `show(7, None, State(&users)).await` works in a test. Beside it comes a struct of the same name, `show {}`, which
/// [`routes!`] mounts.
///
/// **Its path** is built by `show::uri(7)`: `/users/7`, percent-encoded, without the prefixes of the lists it stands in.
/// `show::uri_in(routes, 7)` looks for the route among an app's and puts its prefix in front. It is an error if the route
/// is not among them, is there at several paths, or is beneath a prefix with parameters. The routes are `app.routes()`,
/// and in a handler the argument `&[Route]`; of a route that is mounted twice, a part of them names one:
///
/// ```
/// # use waypost::{App, Redirect, Route, get, post, routes, test::Client};
/// # #[get("/users/{id}")]
/// # async fn show(id: u64) {}
/// #[post("/users")]
/// async fn create(routes: &[Route]) -> waypost::Result<Redirect> {
///     Ok(Redirect::to(&show::uri_in(routes, 7)?))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app = App::new(routes!["/v1" => [show, create], "/v2" => [show]]);
/// let second = app.routes().iter().filter(|route| route.path().starts_with("/v2/"));
/// assert_eq!(show::uri_in(second, 7).unwrap(), "/v2/users/7");
/// assert_eq!(show::uri(7), "/users/7");
///
/// let client = Client::new(App::new(routes!["/api" => [show, create]]));
/// assert_eq!(client.post("/api/users").send().await.header("location"), Some("/api/users/7"));
/// # }
/// ```
///
/// **The pattern** begins with `/`, or is empty where the route is a prefix's own. `{id}` stands for a segment or, as in
/// `/img-{id}.png`, for part of one; `{*path}`, at the end, for all the rest. A literal brace is written `{{` or `}}`.
/// What needs percent-encoding may be written plainly. `?{page}&{tag}` names parameters of the query; they are no part
/// of what routes are told apart by.
///
/// **The arguments**, in any order:
///
/// - one named like a parameter of the path (`id`, `mut id` or `_id` for `{id}`, `r#type` for `{type}`) is made from it,
///   by `FromParam`;
/// - one named like a parameter of the query is made from that, by `FromQuery`: an `Option`, a `Vec` or a plain value;
/// - one with `#[header("x-tenant")]` is made from the header field of that name in the same way;
/// - these two may have a `#[default(20)]`, of their own type, for when the value is missing;
/// - every other one is an extractor: its type implements `FromRequest`. At most one of them uses the body, and of a
///   handler for nothing but `GET` and `HEAD` none, since a body has no meaning there (RFC 9110 section 9.3.1), unless it
///   says `body_limit`.
///
/// Elided lifetimes and those the function declares are the request's: `&str` and `Json<New<'_>>` borrow from it.
///
/// **The result** implements `IntoResponse`, and may borrow from the request, too.
///
/// **Options** follow the path:
///
/// - `status = 201`: the status of a response that has no other than 200;
/// - `body_limit = 65_536`: the most bytes of body, in place of the app's limit;
/// - `boxed`: the future is boxed. A request's future is as large as that of the largest route; this is for an outlier;
/// - `crate = path`: where Waypost is, if not at `::waypost`.
#[proc_macro_attribute]
pub fn get(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("GET"), attribute.into(), item.into()).into()
}

/// Answers `POST` at a path (RFC 9110 section 9.3.3); written like [`macro@get`].
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use waypost::{App, Json, post, routes, test::Client};
/// # #[derive(Deserialize, Serialize)]
/// # struct User<'a> { name: &'a str }
/// #[post("/users", status = 201)]
/// async fn create(Json(new): Json<User<'_>>) -> Json<User<'_>> {
///     Json(new)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![create]));
/// let reply = client.post("/users").json(&User { name: "Ada" }).send().await;
/// assert_eq!(reply.status(), 201);
/// assert_eq!(reply.text().await, r#"{"name":"Ada"}"#);
/// # }
/// ```
#[proc_macro_attribute]
pub fn post(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("POST"), attribute.into(), item.into()).into()
}

/// Answers `PUT` at a path (RFC 9110 section 9.3.4); written like [`macro@get`].
///
/// ```
/// # use std::sync::Mutex;
/// # use waypost::{App, State, put, routes, test::Client};
/// struct Notes(Mutex<Vec<(u64, String)>>);
///
/// #[put("/notes/{id}")]
/// async fn replace(id: u64, text: String, State(notes): State<&Notes>) {
///     let mut notes = notes.0.lock().unwrap();
///     notes.retain(|note| note.0 != id);
///     notes.push((id, text));
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let notes = Notes(Mutex::new(vec![(7, "old".to_owned())]));
/// replace(7, "new".to_owned(), State(&notes)).await;
/// assert_eq!(*notes.0.lock().unwrap(), [(7, "new".to_owned())]);
/// # let client = Client::new(App::new(routes![replace]).state(notes));
/// # assert_eq!(client.put("/notes/7").body("newer").send().await.status(), 200);
/// # }
/// ```
#[proc_macro_attribute]
pub fn put(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("PUT"), attribute.into(), item.into()).into()
}

/// Answers `PATCH` at a path (RFC 5789); written like [`macro@get`].
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use waypost::{App, Json, patch, routes, test::Client};
/// #[derive(Deserialize, Serialize)]
/// struct Rename<'a> {
///     name: &'a str,
/// }
///
/// #[patch("/users/{id}")]
/// async fn rename(id: u64, Json(change): Json<Rename<'_>>) -> String {
///     format!("{id} is {}", change.name)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![rename]));
/// let reply = client.patch("/users/7").json(&Rename { name: "Ada" }).send().await;
/// assert_eq!(reply.text().await, "7 is Ada");
/// # }
/// ```
#[proc_macro_attribute]
pub fn patch(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("PATCH"), attribute.into(), item.into()).into()
}

/// Answers `DELETE` at a path (RFC 9110 section 9.3.5); written like [`macro@get`].
///
/// ```
/// # use waypost::{App, delete, routes, test::Client};
/// #[delete("/users/{id}", status = 204)]
/// async fn remove(id: u64) {
///     // …
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![remove]));
/// assert_eq!(client.delete("/users/7").send().await.status(), 204);
/// # }
/// ```
#[proc_macro_attribute]
pub fn delete(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("DELETE"), attribute.into(), item.into()).into()
}

/// Answers `HEAD` at a path (RFC 9110 section 9.3.2), where a `GET` of the path would cost more; written like
/// [`macro@get`].
///
/// ```
/// # use waypost::{App, Error, head, routes, test::Client};
/// #[head("/files/{*path}")]
/// async fn exists(path: &str) -> waypost::Result<()> {
///     if path == "docs/index.html" { Ok(()) } else { Err(Error::not_found()) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![exists]));
/// assert_eq!(client.head("/files/docs/index.html").send().await.status(), 200);
/// assert_eq!(client.head("/files/docs").send().await.status(), 404);
/// # }
/// ```
#[proc_macro_attribute]
pub fn head(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("HEAD"), attribute.into(), item.into()).into()
}

/// Answers `OPTIONS` at a path (RFC 9110 section 9.3.7), which is otherwise answered with what is allowed; written like
/// [`macro@get`].
///
/// ```
/// # use waypost::{App, options, routes, test::Client};
/// #[options("/users")]
/// async fn about_users() -> &'static str {
///     "GET lists, POST creates"
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![about_users]));
/// assert_eq!(client.options("/users").send().await.text().await, "GET lists, POST creates");
/// # }
/// ```
#[proc_macro_attribute]
pub fn options(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("OPTIONS"), attribute.into(), item.into()).into()
}

/// Answers several methods at a path: the methods first, then all as in [`macro@get`].
///
/// The methods are `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`, `OPTIONS`, `CONNECT` and `TRACE`; or `ANY`, for all
/// that no other route of the path names. A CONNECT (RFC 9110 section 9.3.6) has no path: what answers it stands at `/` and
/// names it, or a server refuses it, as most should; its tunnel is made by an `Upgrade`.
///
/// ```
/// # use waypost::{App, route, routes, test::Client};
/// #[route(GET | POST, "/search?{q}")]
/// async fn search(q: &str) -> String {
///     format!("nothing found for {q}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![search]));
/// assert_eq!(client.get("/search?q=tea").send().await.text().await, "nothing found for tea");
/// assert_eq!(client.post("/search?q=tea").send().await.status(), 200);
/// assert_eq!(client.put("/search?q=tea").send().await.status(), 405);
/// # }
/// ```
#[proc_macro_attribute]
pub fn route(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Route, attribute.into(), item.into()).into()
}

/// Answers what no route matches: `_ => not_found` in [`routes!`], for everything beneath the prefix it stands under.
///
/// Its arguments are extractors and `#[header(..)]`s; it has the options of [`macro@get`], and no path.
///
/// ```
/// # use waypost::{App, fallback, get, http::Uri, routes, test::Client};
/// # #[get("/")]
/// # async fn home() {}
/// #[fallback(status = 404)]
/// async fn not_found(uri: &Uri) -> String {
///     format!("there is nothing at {}", uri.path())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![home, _ => not_found]));
/// let reply = client.get("/nowhere").send().await;
/// assert_eq!(reply.status(), 404);
/// assert_eq!(reply.text().await, "there is nothing at /nowhere");
/// # }
/// ```
#[proc_macro_attribute]
pub fn fallback(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Fallback, attribute.into(), item.into()).into()
}

/// A set of routes.
///
/// ```
/// # use waypost::{App, Routes, fallback, get, routes};
/// # #[get("/health")]
/// # async fn health() {}
/// # #[fallback(status = 404)]
/// # async fn not_found() {}
/// # mod users { #[waypost::get("/users")] pub async fn list() {} }
/// # mod admin { #[waypost::get("")] pub async fn index() {} }
/// # mod logs { #[waypost::get("/tail")] pub async fn tail() {} }
/// # mod status { #[waypost::get("/")] pub async fn page() {} }
/// # mod debug { #[waypost::get("/dump")] pub async fn dump() {} }
/// # mod files {
/// #     #[waypost::get("/files")] pub async fn list() {}
/// #     pub fn routes() -> impl waypost::Routes<()> { waypost::routes![list] }
/// # }
/// let routes = routes![
///     health,                                   // a handler with a route attribute
///     users::list,
///     "/admin" => [admin::index, "/logs" => [logs::tail]],
///     "//status.example.com" => [status::page], // for one host; `//host/prefix` for both
///     ..files::routes(),                        // another set
///     #[cfg(debug_assertions)]
///     debug::dump,
///     _ => not_found,                           // a handler with `#[fallback]`
/// ];
/// let app = App::new(routes);
/// assert!(app.routes().iter().any(|route| route.path() == "/admin/logs/tail"));
/// assert!(app.routes().iter().any(|route| route.host() == Some("status.example.com")));
/// ```
///
/// A prefix begins with `/` and does not end with it; it may hold parameters, `"/{org}/repos"`, which the handlers
/// beneath do not see, except through extractors such as `Path`.
///
/// For a crate that is not at `::waypost`, begin with its path: `routes![crate = path, ..]`.
///
/// Two routes that match the same requests are a compile error: those of one `routes![]` at once, those of a whole
/// program where the `App` is made.
#[proc_macro]
pub fn routes(list: TokenStream) -> TokenStream {
    routes::macro_(list.into()).into()
}

/// Makes every field of a struct available to handlers, as `State<&FieldType>`: implements `Provide` for it.
///
/// ```
/// # use std::time::Instant;
/// # use waypost::{App, State, get, routes, test::Client};
/// struct Greeting(&'static str);
///
/// #[derive(State)]
/// struct AppState {
///     greeting: Greeting,
///     limit: u32,
///     #[state(skip)]
///     started: Instant,
/// }
///
/// #[get("/")]
/// async fn index(State(greeting): State<&Greeting>, State(limit): State<&u32>) -> String {
///     format!("{}, at most {limit}", greeting.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let state = AppState { greeting: Greeting("hello"), limit: 3, started: Instant::now() };
/// let client = Client::new(App::new(routes![index]).state(state));
/// assert_eq!(client.get("/").send().await.text().await, "hello, at most 3");
/// # }
/// ```
///
/// Fields are told apart by their types, so no two of them may have the same, unless one says `#[state(skip)]`. For a
/// crate that is not at `::waypost`, put `#[state(crate = path)]` on the struct.
#[proc_macro_derive(State, attributes(state))]
pub fn derive_state(item: TokenStream) -> TokenStream {
    state::derive(item.into()).into()
}

/// Makes a middleware of a function: `routes.wrap(require_login)`.
///
/// ```
/// # use waypost::{App, IntoResponse, Next, Redirect, Request, Response, RoutesExt, State, get, middleware, routes};
/// # use waypost::test::Client;
/// # struct Sessions(&'static str);
/// # #[get("/")]
/// # async fn home() -> &'static str { "home" }
/// /// Lets nobody in without a session.
/// #[middleware]
/// async fn require_login(request: &mut Request, State(sessions): State<&Sessions>, next: Next<'_>) -> Response {
///     if request.headers().get("x-session").is_some_and(|session| session == sessions.0) {
///         next.run(request).await
///     } else {
///         Redirect::to("/login").into_response()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![home].wrap(require_login)).state(Sessions("s3cret")));
/// assert_eq!(client.get("/").send().await.header("location"), Some("/login"));
/// assert_eq!(client.get("/").header("x-session", "s3cret").send().await.text().await, "home");
/// # }
/// ```
///
/// It takes the request first and what comes next last, and any number of `State<&T>` between them. It returns
/// anything that is a response. For a crate that is not at `::waypost`, write `#[middleware(crate = path)]`.
///
/// **Its name** is then that of a unit struct, and as with any of those, no variable in its module can be called so: beside
/// a middleware `session`, the pattern of `let session = ..` or `Extension(session): Extension<&Session>` would mean the
/// struct ("`session` is interpreted as a unit struct", "cannot shadow unit structs"). Call it by what it does, as in
/// `require_session`, or put it in a module of its own. In the function itself every name is free.
#[proc_macro_attribute]
pub fn middleware(attribute: TokenStream, item: TokenStream) -> TokenStream {
    middleware::attribute(attribute.into(), item.into()).into()
}

/// Makes an extractor of a function whose arguments are extractors: implements `FromRequest` for what it returns.
///
/// ```
/// # use waypost::{App, Bearer, Error, Header, State, extractor, get, routes, test::Client};
/// # struct UserStore(Vec<(&'static str, String)>);
/// struct CurrentUser<'r> {
///     name: &'r str,
/// }
///
/// #[extractor]
/// async fn current_user<'r>(
///     Header(Bearer(token)): Header<Bearer<'r>>,
///     State(users): State<&'r UserStore>,
/// ) -> waypost::Result<CurrentUser<'r>> {
///     let user = users.0.iter().find(|user| user.0 == token);
///     user.map(|user| CurrentUser { name: &user.1 }).ok_or_else(Error::unauthorized)
/// }
///
/// #[get("/me")]
/// async fn me(user: CurrentUser<'_>) -> String {
///     user.name.to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let users = UserStore(vec![("abc", "Ada".to_owned())]);
/// let client = Client::new(App::new(routes![me]).state(users));
/// assert_eq!(client.get("/me").header("authorization", "Bearer abc").send().await.text().await, "Ada");
/// assert_eq!(client.get("/me").header("authorization", "Bearer xyz").send().await.status(), 401);
/// # }
/// ```
///
/// The function returns a type of your own crate, or a `Result` of one, which is known by that name; its error is
/// anything that turns into `waypost::Error`.
///
/// An argument may be a header field instead, by its name and as in a handler: `#[header("x-tenant")]`, an `Option`, a
/// `Vec` or a plain value, with a `#[default(..)]` if one likes. Parameters are a route's own: an extractor takes them as
/// `Path<T>` and `Query<T>`.
///
/// ```
/// # use waypost::{App, extractor, get, routes, test::Client};
/// struct Paging<'r> {
///     limit: u32,
///     after: Option<&'r str>,
/// }
///
/// #[extractor]
/// fn paging<'r>(
///     #[header("x-limit")]
///     #[default(20)]
///     limit: u32,
///     #[header("x-after")] after: Option<&'r str>,
/// ) -> Paging<'r> {
///     Paging { limit, after }
/// }
///
/// #[get("/")]
/// async fn list(paging: Paging<'_>) -> String {
///     format!("{} after {:?}", paging.limit, paging.after)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![list]));
/// assert_eq!(client.get("/").header("x-after", "n7").send().await.text().await, "20 after Some(\"n7\")");
/// # }
/// ```
///
/// A function that is not `async` and has at most one argument beside header fields costs no allocation. For a crate that is not at `::waypost`, write `#[extractor(crate = path)]`.
#[proc_macro_attribute]
pub fn extractor(attribute: TokenStream, item: TokenStream) -> TokenStream {
    extractor::attribute(attribute.into(), item.into()).into()
}

/// Makes a parameter's type of a struct round one value, or of an enum of plain variants.
///
/// ```
/// # use waypost::{App, FromParam, get, routes, test::Client};
/// #[derive(FromParam)]
/// struct UserId(u64);
///
/// #[derive(FromParam, Debug)]
/// #[param(rename_all = "kebab-case")]
/// enum Sort {
///     MostRecent,
///     #[param(rename = "a-z")]
///     Alphabetical,
/// }
///
/// #[get("/users/{id}/posts?{sort}")]
/// async fn posts(id: UserId, sort: Option<Sort>) -> String {
///     format!("{} {sort:?}", id.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(App::new(routes![posts]));
/// assert_eq!(client.get("/users/7/posts?sort=most-recent").send().await.text().await, "7 Some(MostRecent)");
/// assert_eq!(client.get("/users/7/posts?sort=a-z").send().await.text().await, "7 Some(Alphabetical)");
/// assert_eq!(client.get("/users/7/posts?sort=oldest").send().await.status(), 400);
/// # }
/// ```
///
/// A struct is made as its field is, and may borrow (`struct Name<'a>(&'a str)`). A variant stands for its name as it is
/// written, unless `rename` or `rename_all` says otherwise; the spellings are those of serde. What matches no variant is
/// a 400 that lists them. For a crate that is not at `::waypost`, put `#[param(crate = path)]` on the type.
#[proc_macro_derive(FromParam, attributes(param))]
pub fn derive_from_param(item: TokenStream) -> TokenStream {
    param::derive(item.into()).into()
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;

    /// For crates that hand Waypost on under another name: theirs may not depend on it.
    #[test]
    fn with_another_path_nothing_names_waypost() {
        let get = |attribute, item| route::attribute(Kind::Method("GET"), attribute, item);
        let option = quote!(crate = ::facade);
        let expanded: [(&str, TokenStream); 10] = [
            (
                "get",
                get(
                    quote!("/{id}?{q}", boxed, crate = ::facade),
                    quote!(
                        async fn f(id: u8, q: &str, x: &X) {}
                    ),
                ),
            ),
            (
                "get, faulty",
                get(
                    quote!("/{id}", crate = ::facade),
                    quote!(
                        async fn f() {}
                    ),
                ),
            ),
            (
                "fallback",
                route::attribute(
                    Kind::Fallback,
                    option.clone(),
                    quote!(
                        async fn f(x: &X) {}
                    ),
                ),
            ),
            (
                "routes",
                routes::macro_(quote!(crate = ::facade, a, #[cfg(x)] b, "/p" => [..c], "//h" => [d], _ => e)),
            ),
            ("routes, faulty", routes::macro_(quote!(crate = ::facade, a, a))),
            (
                "middleware",
                middleware::attribute(
                    option.clone(),
                    quote!(
                        async fn f(r: &mut R, s: S<&D>, n: Next<'_>) {}
                    ),
                ),
            ),
            (
                "extractor",
                extractor::attribute(
                    option.clone(),
                    quote!(
                        fn f(a: &A) -> Result<User> {}
                    ),
                ),
            ),
            (
                "extractor, faulty",
                extractor::attribute(
                    option,
                    quote!(
                        const fn f() -> User {}
                    ),
                ),
            ),
            (
                "State",
                state::derive(quote!(
                    #[state(crate = ::facade)]
                    struct S {
                        a: A,
                    }
                )),
            ),
            (
                "FromParam",
                param::derive(quote!(
                    #[param(crate = ::facade)]
                    struct S(A);
                )),
            ),
        ];
        for (name, tokens) in expanded {
            let text = tokens.to_string();
            assert!(text.contains(":: facade"), "{name}: {text}");
            assert!(!text.contains("waypost"), "{name}: {text}");
        }
    }
}
