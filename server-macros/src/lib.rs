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
mod lifetimes;
mod options;
mod pattern;

use proc_macro::TokenStream;

use route::Kind;

/// Answers `GET` at a path (RFC 9110 section 9.3.1), and `HEAD` with it.
///
/// ```ignore
/// use waypost::{Json, State, get};
///
/// /// One user.
/// #[get("/users/{id}?{verbose}")]
/// async fn show(id: u64, verbose: Option<bool>, State(users): State<&UserStore>) -> Option<Json<User>> {
///     users.find(id, verbose.unwrap_or(false)).map(Json)
/// }
/// ```
///
/// **The function** is an `async fn` or a `fn` of any visibility, without type parameters. It stays as it is written:
/// `show(7, None, State(&users)).await` works in a test. Beside it comes a struct of the same name, `show {}`, which
/// [`routes!`] mounts, and with it `show::uri(7)`, which builds the route's path, `/users/7`.
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
/// - these two may have a `#[default(20)]` for when the value is missing;
/// - every other one is an extractor: its type implements `FromRequest`. At most one of them uses the body.
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
/// ```ignore
/// #[post("/users", status = 201)]
/// async fn create(State(users): State<&UserStore>, Json(new): Json<NewUser<'_>>) -> waypost::Result<Json<User>> {
///     Ok(Json(users.insert(new.name, new.email).await?))
/// }
/// ```
#[proc_macro_attribute]
pub fn post(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("POST"), attribute.into(), item.into()).into()
}

/// Answers `PUT` at a path (RFC 9110 section 9.3.4); written like [`macro@get`].
///
/// ```ignore
/// #[put("/notes/{id}")]
/// async fn replace(id: u64, text: String, State(notes): State<&Notes>) {
///     notes.replace(id, text);
/// }
/// ```
#[proc_macro_attribute]
pub fn put(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("PUT"), attribute.into(), item.into()).into()
}

/// Answers `PATCH` at a path (RFC 5789); written like [`macro@get`].
///
/// ```ignore
/// #[patch("/users/{id}")]
/// async fn rename(id: u64, Json(change): Json<Rename<'_>>, State(users): State<&UserStore>) -> Option<Json<User>> {
///     users.rename(id, change.name).map(Json)
/// }
/// ```
#[proc_macro_attribute]
pub fn patch(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("PATCH"), attribute.into(), item.into()).into()
}

/// Answers `DELETE` at a path (RFC 9110 section 9.3.5); written like [`macro@get`].
///
/// ```ignore
/// #[delete("/users/{id}", status = 204)]
/// async fn remove(id: u64, State(users): State<&UserStore>) {
///     users.remove(id);
/// }
/// ```
#[proc_macro_attribute]
pub fn delete(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("DELETE"), attribute.into(), item.into()).into()
}

/// Answers `HEAD` at a path (RFC 9110 section 9.3.2), where a `GET` of the path would cost more; written like
/// [`macro@get`].
///
/// ```ignore
/// #[head("/files/{*path}")]
/// async fn exists(path: &str, State(files): State<&Files>) -> Result<(), NotThere> {
///     files.find(path).map(|_| ())
/// }
/// ```
#[proc_macro_attribute]
pub fn head(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("HEAD"), attribute.into(), item.into()).into()
}

/// Answers `OPTIONS` at a path (RFC 9110 section 9.3.7), which is otherwise answered with what is allowed; written like
/// [`macro@get`].
///
/// ```ignore
/// #[options("/users")]
/// async fn about_users() -> &'static str {
///     "GET lists, POST creates"
/// }
/// ```
#[proc_macro_attribute]
pub fn options(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Method("OPTIONS"), attribute.into(), item.into()).into()
}

/// Answers several methods at a path: the methods first, then all as in [`macro@get`].
///
/// The methods are `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`, `OPTIONS`, `CONNECT` and `TRACE`; or `ANY`, for all
/// that no other route of the path names.
///
/// ```ignore
/// #[route(GET | POST, "/search?{q}")]
/// async fn search(q: &str, State(index): State<&Index>) -> Json<Vec<Hit>> {
///     Json(index.search(q))
/// }
/// ```
#[proc_macro_attribute]
pub fn route(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Route, attribute.into(), item.into()).into()
}

/// Answers what no route matches: `_ => not_found` in [`routes!`], for everything beneath the prefix it stands under.
///
/// Its arguments are extractors and `#[header(..)]`s; it has the options of [`macro@get`], and no path.
///
/// ```ignore
/// #[fallback(status = 404)]
/// async fn not_found(uri: &Uri) -> String {
///     format!("there is nothing at {}", uri.path())
/// }
///
/// let app = App::new(routes![home, _ => not_found]);
/// ```
#[proc_macro_attribute]
pub fn fallback(attribute: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Kind::Fallback, attribute.into(), item.into()).into()
}

/// A set of routes.
///
/// ```ignore
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
/// ```
///
/// A prefix begins with `/` and does not end with it; it may hold parameters, `"/{org}/repos"`, which the handlers
/// beneath do not see, except through extractors such as `Path`.
///
/// Two routes that match the same requests are a compile error: those of one `routes![]` at once, those of a whole
/// program where the `App` is made.
#[proc_macro]
pub fn routes(list: TokenStream) -> TokenStream {
    routes::macro_(list.into()).into()
}

/// Makes every field of a struct available to handlers, as `State<&FieldType>`: implements `Provide` for it.
///
/// ```ignore
/// #[derive(State)]
/// struct AppState {
///     users: UserStore,
///     settings: Settings,
///     #[state(skip)]
///     started: Instant,
/// }
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
/// ```ignore
/// /// Lets nobody in without a session.
/// #[middleware]
/// async fn require_login(request: &mut Request, State(sessions): State<&Sessions>, next: Next<'_>) -> Response {
///     if sessions.contains(request.headers()) {
///         next.run(request).await
///     } else {
///         Redirect::to("/login").into_response()
///     }
/// }
/// ```
///
/// It takes the request first and what comes next last, and any number of `State<&T>` between them. It returns
/// anything that is a response. In place of the function there is then a unit struct of its name. For a crate that is
/// not at `::waypost`, write `#[middleware(crate = path)]`.
#[proc_macro_attribute]
pub fn middleware(attribute: TokenStream, item: TokenStream) -> TokenStream {
    middleware::attribute(attribute.into(), item.into()).into()
}

/// Makes an extractor of a function whose arguments are extractors: implements `FromRequest` for what it returns.
///
/// ```ignore
/// struct CurrentUser<'r> {
///     name: &'r str,
/// }
///
/// #[extractor]
/// async fn current_user<'r>(
///     Header(Bearer(token)): Header<Bearer<'r>>,
///     State(users): State<&'r UserStore>,
/// ) -> waypost::Result<CurrentUser<'r>> {
///     Ok(CurrentUser { name: users.by_token(token).await? })
/// }
///
/// #[get("/me")]
/// async fn me(user: CurrentUser<'_>) -> String {
///     user.name.to_owned()
/// }
/// ```
///
/// The function returns a type of your own crate, or a `Result` of one, which is known by that name; its error is
/// anything that turns into `waypost::Error`. A function that is not `async` and has at most one argument costs no
/// allocation. For a crate that is not at `::waypost`, write `#[extractor(crate = path)]`.
#[proc_macro_attribute]
pub fn extractor(attribute: TokenStream, item: TokenStream) -> TokenStream {
    extractor::attribute(attribute.into(), item.into()).into()
}

/// Makes a parameter's type of a struct round one value, or of an enum of plain variants.
///
/// ```ignore
/// #[derive(FromParam)]
/// struct UserId(u64);
///
/// #[derive(FromParam)]
/// #[param(rename_all = "kebab-case")]
/// enum Sort {
///     MostRecent,
///     #[param(rename = "a-z")]
///     Alphabetical,
/// }
///
/// #[get("/users/{id}/posts?{sort}")]
/// async fn posts(id: UserId, sort: Option<Sort>) -> Json<Vec<Post>> { /* … */ }
/// ```
///
/// A struct is made as its field is, and may borrow (`struct Name<'a>(&'a str)`). A variant stands for its name as it is
/// written, unless `rename` or `rename_all` says otherwise; the spellings are those of serde. What matches no variant is
/// a 400 that lists them. For a crate that is not at `::waypost`, put `#[param(crate = path)]` on the type.
#[proc_macro_derive(FromParam, attributes(param))]
pub fn derive_from_param(item: TokenStream) -> TokenStream {
    param::derive(item.into()).into()
}
