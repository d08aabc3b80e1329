//! Which path finds which handler, and how its text is read.

use waypost::{App, Head, Routes, get, routes};

use crate::support::{get, says};

#[get("/")]
async fn root() -> &'static str {
    "root"
}

#[get("/users")]
async fn users() -> &'static str {
    "users"
}

#[get("/users/me")]
async fn me() -> &'static str {
    "me"
}

#[get("/users/{id}")]
async fn user(id: &str) -> String {
    format!("user [{id}]")
}

#[get("/users/{id}/posts/{post}")]
async fn post(id: &str, post: &str) -> String {
    format!("post [{post}] of [{id}]")
}

#[get("/files/{*path}")]
async fn file(path: &str) -> String {
    format!("file [{path}]")
}

fn site() -> App<impl Routes<()>> {
    App::new(routes![root, users, me, user, post, file])
}

#[tokio::test]
async fn finds_static_paths() {
    assert_eq!(get(site(), "/").await, says(200, "root"));
    assert_eq!(get(site(), "/users").await, says(200, "users"));
    assert_eq!(get(site(), "/users?id=7").await, says(200, "users"));
}

#[tokio::test]
async fn an_unknown_path_is_a_404() {
    for target in
        ["/user", "/usersx", "/users/", "/users/7/", "/users/7/posts", "/users/7/posts/", "//users", "//"]
    {
        assert_eq!(get(site(), target).await.0, 404, "{target}");
    }
}

#[tokio::test]
async fn paths_are_compared_with_regard_to_case() {
    assert_eq!(get(site(), "/Users").await.0, 404);
}

#[tokio::test]
async fn finds_parameters() {
    assert_eq!(get(site(), "/users/7").await, says(200, "user [7]"));
    assert_eq!(get(site(), "/users/7/posts/last").await, says(200, "post [last] of [7]"));
    assert_eq!(get(site(), "/users/me/posts/1").await, says(200, "post [1] of [me]"));
}

#[tokio::test]
async fn a_static_segment_beats_a_parameter() {
    assert_eq!(get(site(), "/users/me").await, says(200, "me"));
    assert_eq!(get(site(), "/users/mea").await, says(200, "user [mea]"));
    assert_eq!(get(site(), "/users/m").await, says(200, "user [m]"));
}

#[tokio::test]
async fn a_catch_all_takes_the_rest() {
    assert_eq!(get(site(), "/files/a").await, says(200, "file [a]"));
    assert_eq!(get(site(), "/files/a/b.txt").await, says(200, "file [a/b.txt]"));
    assert_eq!(get(site(), "/files/a//b/").await, says(200, "file [a//b/]"));
    assert_eq!(get(site(), "/files/").await.0, 404);
    assert_eq!(get(site(), "/files").await.0, 404);
}

mod precedence {
    use super::*;

    #[get("/a/b/c")]
    fn fixed() -> &'static str {
        "fixed"
    }

    #[get("/a/{x}/d")]
    fn param(x: &str) -> String {
        format!("param [{x}]")
    }

    #[get("/{*rest}")]
    fn rest(rest: &str) -> String {
        format!("rest [{rest}]")
    }

    #[tokio::test]
    async fn the_next_best_is_tried_where_the_best_leads_nowhere() {
        let app = || App::new(routes![rest, param, fixed]);
        assert_eq!(get(app(), "/a/b/c").await, says(200, "fixed"));
        assert_eq!(get(app(), "/a/b/d").await, says(200, "param [b]"));
        assert_eq!(get(app(), "/a/b/e").await, says(200, "rest [a/b/e]"));
        assert_eq!(get(app(), "/a/x/c").await, says(200, "rest [a/x/c]"));
        assert_eq!(get(app(), "/a").await, says(200, "rest [a]"));
        assert_eq!(get(app(), "/").await.0, 404);
    }
}

mod affixes {
    use super::*;

    #[get("/img-{id}.png")]
    fn image(id: u32) -> String {
        format!("image {id}")
    }

    #[get("/releases/v{version}")]
    fn release(version: &str) -> String {
        format!("release [{version}]")
    }

    #[get("/docs/{name}.html")]
    fn page(name: &str) -> String {
        format!("page [{name}]")
    }

    #[get("/docs/{name}.min.html")]
    fn small(name: &str) -> String {
        format!("small [{name}]")
    }

    #[get("/docs/{name}")]
    fn other(name: &str) -> String {
        format!("other [{name}]")
    }

    #[tokio::test]
    async fn text_may_stand_around_a_parameter() {
        let app = || App::new(routes![image, release, page, small, other]);
        assert_eq!(get(app(), "/img-7.png").await, says(200, "image 7"));
        assert_eq!(get(app(), "/img-7.jpg").await.0, 404);
        assert_eq!(get(app(), "/img-.png").await.0, 404);
        assert_eq!(get(app(), "/img-7.png/x").await.0, 404);
        assert_eq!(get(app(), "/releases/v1.2").await, says(200, "release [1.2]"));
        assert_eq!(get(app(), "/releases/v").await.0, 404);
        assert_eq!(get(app(), "/docs/a.html").await, says(200, "page [a]"));
        assert_eq!(get(app(), "/docs/a.min.html").await, says(200, "small [a]"));
        assert_eq!(get(app(), "/docs/a.txt").await, says(200, "other [a.txt]"));
    }
}

mod escapes {
    use super::*;

    #[get("/a")]
    fn plain() -> &'static str {
        "plain"
    }

    #[get("/~user/{name}")]
    fn tilde(name: &str) -> String {
        format!("tilde [{name}]")
    }

    #[get("/straße/{nummer}")]
    fn street(nummer: &str) -> String {
        format!("Straße [{nummer}]")
    }

    #[get("/two words/{x}")]
    fn words(x: &str) -> String {
        format!("words [{x}]")
    }

    #[get("/{{braces}}")]
    fn braces() -> &'static str {
        "braces"
    }

    #[get("/seen/{x}")]
    fn head(x: &str, head: &Head) -> String {
        format!("[{x}] {} {} {}", head.path(), head.uri(), head.original_uri())
    }

    fn app() -> App<impl Routes<()>> {
        App::new(routes![plain, tilde, street, words, braces, head, users, user])
    }

    #[tokio::test]
    async fn unreserved_characters_may_be_escaped() {
        assert_eq!(get(app(), "/%61").await, says(200, "plain"));
        assert_eq!(get(app(), "/%7Euser/%41").await, says(200, "tilde [A]"));
        assert_eq!(get(app(), "/%7e%75ser/x").await, says(200, "tilde [x]"));
        assert_eq!(get(app(), "/%41").await.0, 404);
    }

    #[tokio::test]
    async fn an_escaped_slash_is_no_slash() {
        assert_eq!(get(app(), "/users/a%2Fb").await, says(200, "user [a/b]"));
        assert_eq!(get(app(), "/users/a%2fb").await, says(200, "user [a/b]"));
        assert_eq!(get(app(), "/users/%2F").await, says(200, "user [/]"));
        assert_eq!(get(app(), "/users%2F7").await.0, 404);
        assert_eq!(get(app(), "/%2Fa").await.0, 404);
    }

    #[tokio::test]
    async fn an_escaped_percent_sign_is_unescaped_once() {
        assert_eq!(get(app(), "/users/100%25").await, says(200, "user [100%]"));
        assert_eq!(get(app(), "/users/%2561").await, says(200, "user [%61]"));
        assert_eq!(get(app(), "/users/%252F").await, says(200, "user [%2F]"));
        assert_eq!(get(app(), "/%2561").await.0, 404);
    }

    #[tokio::test]
    async fn templates_may_hold_any_text() {
        assert_eq!(get(app(), "/stra%C3%9Fe/7").await, says(200, "Straße [7]"));
        assert_eq!(get(app(), "/str%61%c3%9fe/%C3%BC").await, says(200, "Straße [ü]"));
        assert_eq!(get(app(), "/stra%C3%9E/7").await.0, 404);
        assert_eq!(get(app(), "/two%20words/a+b").await, says(200, "words [a+b]"));
        assert_eq!(get(app(), "/two+words/x").await.0, 404);
        assert_eq!(get(app(), "/%7Bbraces%7D").await, says(200, "braces"));
    }

    #[tokio::test]
    async fn a_dot_segment_is_text_like_any_other() {
        assert_eq!(get(app(), "/x/../a").await.0, 404);
        assert_eq!(get(app(), "/users/..").await, says(200, "user [..]"));
        assert_eq!(get(app(), "/users/%2E%2e").await, says(200, "user [..]"));
    }

    #[tokio::test]
    async fn the_handler_can_see_both_forms() {
        assert_eq!(
            get(app(), "/%73een/%78%2F?%71").await,
            says(200, "[x/] /seen/x%2F /seen/x%2F?%71 /%73een/%78%2F?%71")
        );
    }
}
