//! A client that writes what it is told to, and notes what comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::wire;

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What has come.
#[derive(Default, Debug)]
pub(crate) struct Seen {
    pub closed: bool,
    pub bytes: u64,
    /// HTTP/1: the beginning of all that came, and the answers in it.
    pub text: String,
    pub answers: usize,
    /// HTTP/2.
    pub gone: Option<u32>,
    pub resets: Vec<(u32, u32)>,
    pub statuses: Vec<(u32, u16)>,
    pub pongs: usize,
    pub acks: usize,
}

impl Seen {
    /// How a connection of HTTP/2 ended.
    pub(crate) fn end(&self) -> String {
        match self.gone {
            Some(wire::NO_ERROR) => "asked to leave".into(),
            Some(wire::ENHANCE_YOUR_CALM) => "GOAWAY ENHANCE_YOUR_CALM".into(),
            Some(wire::PROTOCOL_ERROR) => "GOAWAY PROTOCOL_ERROR".into(),
            Some(wire::COMPRESSION_ERROR) => "GOAWAY COMPRESSION_ERROR".into(),
            Some(code) => format!("GOAWAY {code}"),
            None => "closed".into(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ear {
    Deaf,
    Http1,
    Http2,
}

pub(crate) struct Client {
    stream: TcpStream,
    shared: Arc<(Mutex<Seen>, Condvar)>,
}

impl Client {
    /// Reads nothing, ever.
    pub(crate) fn deaf(address: SocketAddr) -> Self {
        Self::new(address, Ear::Deaf)
    }

    pub(crate) fn http1(address: SocketAddr) -> Self {
        Self::new(address, Ear::Http1)
    }

    /// Has sent the preface. Answers SETTINGS and PING.
    pub(crate) fn http2(address: SocketAddr) -> Self {
        Self::http2_with(address, &[])
    }

    pub(crate) fn http2_with(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut client = Self::new(address, Ear::Http2);
        client.greet(settings);
        client
    }

    /// Sends the preface, and a wish for responses that can be read without state.
    pub(crate) fn greet(&mut self, settings: &[(u16, u32)]) {
        let settings = [&[(1, 0)], settings].concat();
        assert!(self.send(&[wire::PREFACE, &wire::settings(&settings)].concat()));
    }

    fn new(address: SocketAddr, ear: Ear) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let shared = Arc::<(Mutex<Seen>, Condvar)>::default();
        if ear != Ear::Deaf {
            let (stream, shared) = (stream.try_clone().unwrap(), Arc::clone(&shared));
            std::thread::spawn(move || listen(stream, &shared, ear));
        }
        Self { stream, shared }
    }

    /// Whether all of it was taken.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends piece after piece, as long as they are taken; returns how many were.
    pub(crate) fn flood(&mut self, pieces: impl IntoIterator<Item = Vec<u8>>) -> usize {
        pieces.into_iter().take_while(|piece| self.send(piece)).count()
    }

    /// What the server has said, once it has said enough.
    #[track_caller]
    pub(crate) fn wait(&self, enough: impl Fn(&Seen) -> bool) -> std::sync::MutexGuard<'_, Seen> {
        let (seen, news) = &*self.shared;
        let (seen, late) =
            news.wait_timeout_while(seen.lock().unwrap(), PATIENCE, |seen| !enough(seen)).unwrap();
        assert!(!late.timed_out(), "waited in vain: {seen:?}");
        seen
    }

    /// Whether it holds already.
    pub(crate) fn has(&self, this: impl Fn(&Seen) -> bool) -> bool {
        this(&self.shared.0.lock().unwrap())
    }

    /// Waits until the server has closed, of which who does not read learns by writing.
    #[track_caller]
    pub(crate) fn wait_until_cut(&mut self, drip: &[u8]) {
        let until = Instant::now() + PATIENCE;
        self.stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
        loop {
            match self.stream.write(drip) {
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
                _ => {}
            }
            assert!(Instant::now() < until, "not cut");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn listen(mut stream: TcpStream, shared: &(Mutex<Seen>, Condvar), ear: Ear) {
    let (mut rest, mut room) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let length = stream.read(&mut room).unwrap_or(0);
        let mut seen = shared.0.lock().unwrap();
        seen.bytes += length as u64;
        seen.closed = length == 0;
        rest.extend(&room[..length]);
        if ear == Ear::Http1 {
            note_text(&mut seen, &mut rest);
        } else {
            let reply = note_frames(&mut seen, &mut rest);
            drop(seen);
            // A server that has had enough does not want it.
            let _ = stream.write_all(&reply);
        }
        shared.1.notify_all();
        if length == 0 {
            return;
        }
    }
}

fn note_text(seen: &mut Seen, rest: &mut Vec<u8>) {
    const MARK: &[u8] = b"HTTP/1.1 ";
    if seen.text.len() < 4096 {
        seen.text += &String::from_utf8_lossy(&rest[..rest.len().min(4096)]);
    }
    seen.answers += rest.windows(MARK.len()).filter(|window| *window == MARK).count();
    // The beginning of a mark may be there.
    rest.drain(..rest.len().saturating_sub(MARK.len() - 1));
}

fn note_frames(seen: &mut Seen, rest: &mut Vec<u8>) -> Vec<u8> {
    let (mut at, mut reply) = (0, Vec::new());
    while let Some((head, more)) = rest[at..].split_at_checked(9) {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let Some(payload) = more.get(..length) else { break };
        let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
        let code = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        match (head[3], head[4] & wire::ACK != 0) {
            (wire::HEADERS, _) => seen.statuses.push((stream, wire::status(payload))),
            (wire::RST_STREAM, _) => seen.resets.push((stream, code(0))),
            (wire::GOAWAY, _) => seen.gone = Some(code(4)),
            (wire::PING, true) => seen.pongs += 1,
            (wire::PING, false) => reply.extend(wire::frame(wire::PING, wire::ACK, 0, payload)),
            (wire::SETTINGS, true) => seen.acks += 1,
            (wire::SETTINGS, false) => reply.extend(wire::frame(wire::SETTINGS, wire::ACK, 0, &[])),
            _ => {}
        }
        at += 9 + length;
    }
    rest.drain(..at);
    reply
}
