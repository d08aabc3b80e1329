//! State: a struct whose fields handlers take one by one. Leave out a field that a handler takes, and the line with
//! `.state(..)` does not compile.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use waypost::{App, Json, State, delete, get, http::StatusCode, post, routes};

#[derive(State)]
struct AppState {
    notes: Notes,
    settings: Settings,
}

#[derive(Default)]
struct Notes(Mutex<BTreeMap<u32, String>>);

struct Settings {
    longest: usize,
}

#[derive(Deserialize)]
struct NewNote<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Note {
    id: u32,
    text: String,
}

#[post("/notes", status = 201)]
async fn create(
    State(notes): State<&Notes>,
    State(settings): State<&Settings>,
    Json(new): Json<NewNote<'_>>,
) -> Result<Json<Note>, StatusCode> {
    if new.text.len() > settings.longest {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut notes = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
    let id = notes.last_key_value().map_or(1, |(last, _)| last + 1);
    notes.insert(id, new.text.to_owned());
    Ok(Json(Note { id, text: new.text.to_owned() }))
}

#[get("/notes/{id}")]
async fn show(id: u32, State(notes): State<&Notes>) -> Option<Json<Note>> {
    let notes = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
    notes.get(&id).map(|text| Json(Note { id, text: text.clone() }))
}

#[delete("/notes/{id}", status = 204)]
async fn remove(id: u32, State(notes): State<&Notes>) -> Option<()> {
    notes.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).map(|_| ())
}

#[tokio::main]
async fn main() -> waypost::Result<()> {
    let state = AppState { notes: Notes::default(), settings: Settings { longest: 280 } };
    let app = App::new(routes![create, show, remove]).state(state);
    waypost_examples::bind().await?.serve(app).await
}
