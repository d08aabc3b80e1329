//! Extractors of one's own: by an attribute on a function whose arguments are extractors, and by the trait.

use waypost::{
    App, Bearer, Context, Error, Extraction, FromParam, FromRequest, Header, Part, State, extractor, get,
    routes,
};

#[derive(State)]
struct AppState {
    sessions: Sessions,
}

struct Sessions;

impl Sessions {
    async fn user_of(&self, token: &str) -> Option<&'static str> {
        (token == "open-sesame").then_some("ali")
    }
}

/// Who is asking. It borrows the token from the request.
struct CurrentUser<'r> {
    name: &'static str,
    token: &'r str,
}

#[extractor]
async fn current_user<'r>(
    Header(Bearer(token)): Header<Bearer<'r>>,
    State(sessions): State<&'r Sessions>,
) -> waypost::Result<CurrentUser<'r>> {
    match sessions.user_of(token).await {
        Some(name) => Ok(CurrentUser { name, token }),
        None => Err(Error::unauthorized()),
    }
}

/// The language the client likes best.
struct Language<'r>(&'r str);

impl<'r, S> FromRequest<'r, S> for Language<'r> {
    fn from_request(context: Context<'r, S>) -> Extraction<'r, Self> {
        Extraction::ready(match context.head().headers().get("accept-language") {
            None => Err(Error::missing(Part::Header, "accept-language")),
            Some(value) => match value.to_str() {
                Ok(text) => Ok(Language(text.split([',', ';']).next().unwrap_or(text).trim())),
                Err(_) => Err(Error::invalid(Part::Header, "accept-language", "not text")),
            },
        })
    }
}

#[derive(FromParam)]
struct AlbumId(u32);

#[derive(FromParam)]
#[param(rename_all = "lowercase")]
enum Order {
    Oldest,
    Newest,
}

#[get("/albums/{id}?{order}")]
async fn album(
    id: AlbumId,
    order: Option<Order>,
    user: CurrentUser<'_>,
    language: Option<Language<'_>>,
) -> String {
    let order = match order {
        Some(Order::Oldest) => "oldest first",
        Some(Order::Newest) | None => "newest first",
    };
    let language = language.map_or("any language", |Language(language)| language);
    format!(
        "album {} for {} ({} letters of token), {order}, in {language}",
        id.0,
        user.name,
        user.token.len()
    )
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let app = App::new(routes![album]).state(AppState { sessions: Sessions });
    waypost_examples::bind().await?.serve(app).await
}
