//! Conflicts found when an app is built, where routes known only at run time meet the others. The judge is the same that
//! judges programs while they are compiled (`check.rs`).

use std::fmt;

use super::judge::{Claim, Judge, Place, Verdict, Why, clash};

/// Two routes that cannot be in one program, or one that cannot be in any; found when an app is built.
///
/// Routes written with attributes never come to this: they are judged when the program is compiled.
///
/// ```
/// use waypost::{App, DynamicRoutes, http::Method, routes};
///
/// # fn main() -> Result<(), waypost::PatternError> {
/// let mut twice = DynamicRoutes::<()>::new();
/// twice.add(Method::GET, "/users/{id}", |_| async {})?.add(Method::GET, "/users/{name}", |_| async {})?;
/// let conflict = App::try_new(routes![..twice]).unwrap_err();
/// assert!(conflict.to_string().contains("/users/{id}"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteConflict {
    message: String,
}

impl RouteConflict {
    pub(crate) fn between(first: &str, second: &str, why: Why) -> Self {
        Self { message: format!("route conflict: {first} and {second}{}", why.text()) }
    }

    pub(crate) fn of(route: &str, why: &str) -> Self {
        Self { message: format!("route {route}{why}") }
    }
}

impl fmt::Display for RouteConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RouteConflict {}

/// What [`find_among`] has against a route: the one before it with which it clashes, or nothing but itself.
pub(crate) struct Objection {
    pub(crate) first: Option<usize>,
    pub(crate) second: usize,
    pub(crate) why: Why,
}

/// The first of `claims` that cannot stand beside those before it. Paths are full patterns in normal form.
pub(crate) fn find_among(claims: &[Claim<'_>]) -> Option<Objection> {
    let mut room = (claims.len() * 2).next_power_of_two().max(64);
    'larger: loop {
        let (mut keys, mut values) = (vec![0; room], vec![0; room]);
        let mut judge = Judge::new(&mut keys, &mut values);
        for (second, claim) in claims.iter().enumerate() {
            let start = claim.host.map_or(Place::ROOT, |host| Place::ROOT.at_host(host));
            let path = std::str::from_utf8(claim.path).unwrap_or_default();
            let verdict = match judge.read(start, path, !claim.fallback) {
                (place, Verdict::Fine) if claim.fallback => judge.claim_fallback(place),
                (place, Verdict::Fine) => judge.claim_path(place, claim.methods),
                (_, verdict) => verdict,
            };
            match verdict {
                Verdict::Fine => {}
                Verdict::Full => {
                    room *= 2;
                    continue 'larger;
                }
                Verdict::TooManyParameters | Verdict::BadPrefix => {
                    return Some(Objection { first: None, second, why: Why::TooManyParameters });
                }
                Verdict::Clash => {
                    let rival = claims[..second].iter().enumerate();
                    if let Some((first, why)) = rival.filter_map(|(i, c)| Some((i, clash(c, claim)?))).next()
                    {
                        return Some(Objection { first: Some(first), second, why });
                    }
                }
            }
        }
        return None;
    }
}
