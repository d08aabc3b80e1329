//! Two hundred routes more, for what a server's other routes cost a request: ten under each of twenty prefixes, as a
//! program would have them. axum registers two hundred in a loop.

use waypost::{Routes, get, routes};

macro_rules! handlers {
    ($($name:ident $path:literal),*) => { $(
        #[get($path)]
        async fn $name(id: u32) -> String {
            id.to_string()
        }
    )* };
}

handlers! {
    a "/a/{id}", b "/b/{id}", c "/c/{id}", d "/d/{id}", e "/e/{id}",
    f "/f/{id}", g "/g/{id}", h "/h/{id}", i "/i/{id}", j "/j/{id}"
}

macro_rules! under {
    ($($prefix:literal)*) => { routes![$( $prefix => [a, b, c, d, e, f, g, h, i, j] ),*] };
}

pub fn two_hundred() -> impl Routes<()> {
    under! {
        "/extra/0" "/extra/1" "/extra/2" "/extra/3" "/extra/4" "/extra/5" "/extra/6" "/extra/7" "/extra/8" "/extra/9"
        "/extra/10" "/extra/11" "/extra/12" "/extra/13" "/extra/14" "/extra/15" "/extra/16" "/extra/17" "/extra/18"
        "/extra/19"
    }
}
