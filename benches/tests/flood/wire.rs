//! Frames of HTTP/2 (RFC 9113 section 4.1) and header blocks (RFC 7541), written by hand.

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flags. ACK and END_STREAM are the same bit.
pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const WITH_PRIORITY: u8 = 32;

/// Error codes (section 7).
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const STREAM_CLOSED: u32 = 5;
pub(crate) const FRAME_SIZE_ERROR: u32 = 6;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const COMPRESSION_ERROR: u32 = 9;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Each a setting's number and value.
pub(crate) fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (setting, value) in values {
        payload.extend(setting.to_be_bytes());
        payload.extend(value.to_be_bytes());
    }
    frame(SETTINGS, 0, 0, &payload)
}

pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(crate) fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
}

pub(crate) fn ping() -> Vec<u8> {
    frame(PING, 0, 0, b"at work!")
}

/// An integer with a prefix of 7 bits, the first octet's other bit clear (RFC 7541 section 5.1).
fn integer(mut value: usize) -> Vec<u8> {
    if value < 127 {
        return vec![u8::try_from(value).unwrap()];
    }
    let mut octets = vec![127];
    value -= 127;
    while value >= 128 {
        octets.push(u8::try_from(value % 128 + 128).unwrap());
        value /= 128;
    }
    octets.push(u8::try_from(value).unwrap());
    octets
}

fn literal(first: u8, name: &str, value: &str) -> Vec<u8> {
    [&[first], &*integer(name.len()), name.as_bytes(), &integer(value.len()), value.as_bytes()].concat()
}

/// A field that is not to be remembered.
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    literal(0, name, value)
}

/// A field that gets an index: 62, until the next.
pub(crate) fn indexed(name: &str, value: &str) -> Vec<u8> {
    literal(0x40, name, value)
}

/// The field that got an index last.
pub(crate) const LAST_INDEXED: u8 = 0x80 | 62;

/// The fields that every request has; `method` is 2 for GET, 3 for POST.
pub(crate) fn head(method: u8, path: &str) -> Vec<u8> {
    [&[0x80 | method, 0x86, 0x04], &*integer(path.len()), path.as_bytes(), &[0x01, 1, b'a']].concat()
}

pub(crate) fn headers(flags: u8, stream: u32, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, flags, stream, block)
}

/// A whole request.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    headers(END_STREAM | END_HEADERS, stream, &head(2, path))
}

/// A GET with further fields.
pub(crate) fn get_with(stream: u32, fields: &[u8]) -> Vec<u8> {
    headers(END_STREAM | END_HEADERS, stream, &[&head(2, "/hello"), fields].concat())
}

/// The head of a request whose body is to come.
pub(crate) fn post(stream: u32) -> Vec<u8> {
    headers(END_HEADERS, stream, &head(3, "/echo"))
}

/// The status in a response's header block, of a peer that was told to remember no fields.
pub(crate) fn status(block: &[u8]) -> u16 {
    // Its first words may say that the table is empty.
    let mut block = block;
    while let [update, rest @ ..] = block
        && update >> 5 == 1
    {
        block = rest;
    }
    match block {
        [first @ 0x88..=0x8e, ..] => [200, 204, 206, 304, 400, 404, 500][usize::from(first - 0x88)],
        [0x08 | 0x18 | 0x48, length, text @ ..] if length & 0x80 == 0 => {
            std::str::from_utf8(&text[..usize::from(*length)]).unwrap().parse().unwrap()
        }
        [0x08 | 0x18 | 0x48, length, text @ ..] => digits(&text[..usize::from(length & 0x7f)]),
        _ => panic!("no status: {block:?}"),
    }
}

/// Three digits in the Huffman code: 0, 1 and 2 have five bits, the others six.
fn digits(octets: &[u8]) -> u16 {
    let mut bits = octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| u16::from(octet >> bit & 1)));
    let mut take = |count| (0..count).fold(0, |value, _| value << 1 | bits.next().unwrap());
    (0..3).fold(0, |number, _| {
        let code = take(5);
        number * 10 + if code <= 2 { code } else { (code << 1 | take(1)) - 0b01_1001 + 3 }
    })
}

#[test]
fn reads_a_status() {
    assert_eq!(status(&[0x20, 0x88]), 200);
    assert_eq!(status(b"\x48\x03431"), 431);
    // 408 and 431: 011010 00000 011110, 011010 011001 00001, filled up with ones.
    assert_eq!(status(&[0x48, 0x83, 0b0110_1000, 0b0000_1111, 0b0111_1111]), 408);
    assert_eq!(status(&[0x08, 0x83, 0b0110_1001, 0b1001_0000, 0b1111_1111]), 431);
}
