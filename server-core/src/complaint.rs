//! Compile errors with names in them: text joined in a constant.

/// Ends the constant's evaluation, and so the compilation, with these words joined.
#[track_caller]
pub(crate) const fn complain(parts: &[&str]) -> ! {
    let mut buffer = [0; 512];
    let mut length = 0;
    let mut parts = parts;
    while let [part, rest @ ..] = parts {
        let mut bytes = part.as_bytes();
        while let [byte, others @ ..] = bytes {
            if length < buffer.len() {
                buffer[length] = *byte;
                length += 1;
            }
            bytes = others;
        }
        parts = rest;
    }
    match std::str::from_utf8(buffer.split_at(length).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("this handler's arguments do not fit together"),
    }
}
