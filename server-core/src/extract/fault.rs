//! What is wrong with a parameter, as an error of the request.

use crate::error::{Error, Part};
use crate::extract::values::{self, PairsError};

impl values::Error {
    /// 400, naming the parameter and the part of the request it stands in.
    pub(super) fn at(self, part: Part) -> Error {
        let name = self.name.map(std::borrow::Cow::into_owned);
        let place = name.map(|name| if part == Part::Body { pointer(&name) } else { name });
        Error::bad_request("a parameter is not what is expected here").issue(part, place, self.detail)
    }
}

/// The RFC 6901 pointer to a form's field.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl PairsError {
    /// 400, naming the parameter where there is one.
    pub(super) fn at(self, part: Part) -> Error {
        Error::bad_request("the parameters could not be read").issue(part, None, self.to_string())
    }
}
