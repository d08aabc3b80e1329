//! What is wrong with a parameter, as an error of the request.

use crate::error::{Error, Part};
use crate::extract::values::{self, PairsError};

impl values::Error {
    /// 400, naming the parameter and the part of the request it stands in.
    pub(super) fn at(self, part: Part) -> Error {
        let place = self.name.map(std::borrow::Cow::into_owned);
        Error::bad_request("a parameter is not what is expected here").issue(part, place, self.detail)
    }
}

impl PairsError {
    /// 400, naming the parameter where there is one.
    pub(super) fn at(self, part: Part) -> Error {
        Error::bad_request("the parameters could not be read").issue(part, None, self.to_string())
    }
}
