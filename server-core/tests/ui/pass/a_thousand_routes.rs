//! A thousand routes are judged within what the compiler allows a constant, which a library cannot raise for its users
//! (`long_running_const_eval`).

use waypost::{App, Routes, get, routes};

macro_rules! handlers {
    ($($name:ident $path:literal),*) => { $(
        #[get($path)]
        async fn $name(id: u32, part: &str) -> String {
            format!("{id} {part}")
        }
    )* };
}

handlers! {
    a "/{id}/a/{part}", b "/{id}/b/{part}", c "/{id}/c/{part}", d "/{id}/d/{part}", e "/{id}/e/{part}",
    f "/{id}/f/{part}", g "/{id}/g/{part}", h "/{id}/h/{part}", i "/{id}/i/{part}", j "/{id}/j/{part}"
}

macro_rules! under {
    ($list:tt: $($prefix:literal)*) => { routes![$( $prefix => $list ),*] };
}

fn hundred() -> impl Routes<()> {
    under!([a, b, c, d, e, f, g, h, i, j]: "/0" "/1" "/2" "/3" "/4" "/5" "/6" "/7" "/8" "/9")
}

fn main() {
    let app = App::new(under!([..hundred()]: "/0" "/1" "/2" "/3" "/4" "/5" "/6" "/7" "/8" "/9"));
    assert_eq!(app.routes().len(), 1_000);
}
