//! upload.

use crate::arena::Arena;

#[test]
fn upload() {
    let arena = Arena::start();
    let mut http = arena.connect();
    let body: Vec<u8> = (0..20 * 1024 * 1024).map(|at| (at % 251) as u8).collect();
    for length in [0, 1, 500 * 1024, 2 * 1024 * 1024, 10 * 1024 * 1024, body.len()] {
        http.send_body("POST", "/upload", "", &body[..length]).says(&length.to_string());
    }
    let pieces: Vec<_> = body[..5_000_001].chunks(70_000).collect();
    http.post_chunked("/upload", &pieces).says("5000001");
}
