//! One path: who answers which method there, and where its parameters lie.

use http::{HeaderValue, Method};

use super::entry::Entry;
use super::slash::TrailingSlash;
use super::table::{NAMES, slot};
use crate::request::Captures;

/// One path and who answers which method there.
pub(super) struct Path {
    /// By [`slot`], with HEAD filled from GET and what is left from a route for any method.
    answers: [Option<Answer>; STANDARD],
    extensions: Vec<(Method, Answer)>,
    any: Option<Answer>,
    /// The first route of the path that was listed.
    pub(super) first: u32,
    pub(super) allow: HeaderValue,
    parameters: Box<[Parameter]>,
}

/// Where a parameter is, as the pattern knows it: what lies between parameters is literal, so its length is fixed.
///
/// That is cheaper to follow than matchit's own parameters, which are checked for UTF-8 whenever they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameter {
    /// Literal bytes since the parameter before, or since the start.
    before: usize,
    /// Literal bytes to the end of its segment.
    after: usize,
    /// Whether the path ends with its segment, or with itself, as a catch-all does: then nothing is searched.
    last: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) id: u32,
    pub(super) slash: TrailingSlash,
}

/// How many methods have a [`slot`].
const STANDARD: usize = NAMES.len() - 1;
const GET: usize = 0;
const HEAD: usize = 5;
const OPTIONS: usize = 6;

impl Path {
    pub(super) fn new(pattern: &str, routes: &[Entry]) -> Self {
        let (mut answers, mut extensions, mut any) = ([None; STANDARD], Vec::new(), None);
        for route in routes {
            let answer = Answer { id: route.id, slash: route.slash };
            for (slot, free) in answers.iter_mut().enumerate() {
                if route.methods.set.has(slot) {
                    *free = Some(answer);
                }
            }
            if route.methods.set.is_any() {
                any = Some(answer);
            }
            extensions.extend(route.methods.extensions.iter().map(|method| (method.clone(), answer)));
        }
        // RFC 9110 §9.3.2: HEAD is GET without the content.
        answers[HEAD] = answers[HEAD].or(answers[GET]);
        let allow = allow(&answers, &extensions);
        for answer in &mut answers {
            *answer = answer.or(any);
        }
        Self {
            answers,
            extensions,
            any,
            first: routes.iter().map(|route| route.id).min().unwrap_or(u32::MAX),
            allow,
            parameters: parameters(pattern),
        }
    }

    /// Whether any of its routes is known in both forms.
    pub(super) fn has_policy(&self) -> bool {
        self.answers.iter().flatten().any(|answer| answer.slash != TrailingSlash::Strict)
    }

    #[inline]
    pub(super) fn answer(&self, method: &Method) -> Option<Answer> {
        match slot(method) {
            Some(slot) => self.answers[slot],
            None => self
                .extensions
                .iter()
                .find(|(known, _)| known == method)
                .map(|(_, answer)| *answer)
                .or(self.any),
        }
    }

    /// Notes where the parameters are in a path that matched.
    #[inline]
    pub(super) fn capture(&self, path: &str, captures: &mut Captures) {
        let mut at = 0;
        for parameter in &self.parameters {
            let start = at + parameter.before;
            let rest = path.as_bytes().get(start..).unwrap_or_default();
            let slash = if parameter.last { None } else { rest.iter().position(|&byte| byte == b'/') };
            at = start + slash.unwrap_or(rest.len()).saturating_sub(parameter.after);
            captures.push(start..at);
        }
    }
}

fn parameters(pattern: &str) -> Box<[Parameter]> {
    let mut parameters = Vec::new();
    let mut rest = pattern;
    while let Some((before, (_, tail))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let slash = tail.find('/');
        parameters.push(Parameter {
            before: before.len(),
            after: slash.unwrap_or(tail.len()),
            last: slash.is_none(),
        });
        rest = tail;
    }
    parameters.into()
}

/// The value of `Allow` (RFC 9110 §10.2.1). OPTIONS is always there, because it is always answered.
fn allow(answers: &[Option<Answer>; STANDARD], extensions: &[(Method, Answer)]) -> HeaderValue {
    let standard = (0..STANDARD).filter(|&slot| answers[slot].is_some() || slot == OPTIONS);
    let mut names: Vec<_> = standard.map(|slot| NAMES[slot]).collect();
    names.extend(extensions.iter().map(|(method, _)| method.as_str()));
    // Methods are tokens (RFC 9110 §9.1), which are always valid in a field value.
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}
