//! What peers send (RFC 6455 section 5).

use super::*;

#[tokio::test(start_paused = true)]
async fn messages_come_back() {
    let served = serve();
    let mut wire = served.open("/echo").await;
    for length in [0, 1, 125, 126, 127, 2047, 2048, 0xFFFF, 0x1_0000, 300_000] {
        let content: Vec<u8> = (0..length).map(|at: u32| at.to_le_bytes()[0] & 0x7F).collect();
        for kind in [TEXT, BINARY] {
            let (mut read, mut write) = tokio::io::split(&mut wire.stream);
            let sent = frame(kind, &content);
            let mut head = vec![0; sent.len() - 4];
            let (sent, read) = tokio::join!(
                tokio::io::AsyncWriteExt::write_all(&mut write, &sent),
                tokio::io::AsyncReadExt::read_exact(&mut read, &mut head)
            );
            sent.unwrap();
            read.unwrap();
            assert_eq!(head[0], kind);
            assert!(head.ends_with(&content), "{length}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_request_is_read() {
    let served = serve();
    let mut wire = served.channel.connect(1 << 16);
    let request = format!("GET /echo HTTP/1.1\r\n{FIELDS}\r\n");
    wire.send([request.as_bytes(), &frame(TEXT, b"early"), &frame(TEXT, b"bird")[..3]].concat()).await;
    assert_eq!(wire.reply_to_head().await.status, 101);
    assert_eq!(wire.frame().await, text("early"));
    wire.send(&frame(TEXT, b"bird")[3..]).await;
    assert_eq!(wire.frame().await, text("bird"));
}

#[tokio::test(start_paused = true)]
async fn every_byte_may_come_alone() {
    let served = serve();
    let mut wire = served.open_with_room("/echo", 1).await;
    let sent = [frame(TEXT, "größe".as_bytes()), frame(PING, b"?"), frame(BINARY, &[7; 200])].concat();
    let (mut read, mut write) = tokio::io::split(&mut wire.stream);
    let mut back = vec![0; 2 + 7 + 2 + 1 + 4 + 200];
    let (sent, read) = tokio::join!(
        tokio::io::AsyncWriteExt::write_all(&mut write, &sent),
        tokio::io::AsyncReadExt::read_exact(&mut read, &mut back)
    );
    sent.unwrap();
    read.unwrap();
    assert_eq!(back[..9], *[b"\x81\x07", "größe".as_bytes()].concat());
    assert_eq!(back[9..12], *b"\x8A\x01?");
}

#[tokio::test(start_paused = true)]
async fn a_message_may_have_many_frames_and_others_between_them() {
    let served = serve();
    let mut wire = served.open("/echo").await;
    let parts = [
        // The second byte of a letter in a frame of its own.
        frame(0x01, b"gr\xC3"),
        frame(PING, b"one"),
        frame(0x00, b"\xB6"),
        frame(PONG, b"nobody asked"),
        frame(0x00, b""),
        frame(0x80, "ße".as_bytes()),
        frame(0x02, b"\xFF"),
        frame(PING, b""),
        frame(0x80, b"\xFE"),
    ];
    wire.send(parts.concat()).await;
    assert_eq!(wire.frame().await, (PONG, b"one".to_vec()));
    assert_eq!(wire.frame().await, text("größe"));
    assert_eq!(wire.frame().await, (PONG, Vec::new()));
    assert_eq!(wire.frame().await, (BINARY, b"\xFF\xFE".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn pings_and_pongs_are_told_to_who_asks() {
    let served = serve();
    let mut wire = served.open("/control").await;
    wire.send([frame(PING, b"a"), frame(PONG, b"b"), frame(TEXT, b"c")].concat()).await;
    assert_eq!(wire.frame().await, (PONG, b"a".to_vec()));
    for told in [r#"Ping(b"a")"#, r#"Pong(b"b")"#, r#"Text("c")"#] {
        assert_eq!(wire.frame().await, text(told));
    }
}

#[tokio::test(start_paused = true)]
async fn violations_are_told_and_end_it() {
    let unmasked = b"\x81\x05hello".to_vec();
    let frames: &[(&str, Vec<u8>, u16)] = &[
        ("unmasked", unmasked, 1002),
        ("first reserved bit", frame(TEXT | 0x40, b"a"), 1002),
        ("second reserved bit", frame(TEXT | 0x20, b"a"), 1002),
        ("third reserved bit", frame(TEXT | 0x10, b"a"), 1002),
        ("reserved bit of a Ping", frame(PING | 0x40, b"a"), 1002),
        ("data opcode", frame(0x83, b"a"), 1002),
        ("control opcode", frame(0x8B, b"a"), 1002),
        ("continuation of nothing", frame(0x80, b"a"), 1002),
        ("continuation of a whole message", [frame(TEXT, b""), frame(0x80, b"a")].concat(), 1002),
        ("message in a message", [frame(0x01, b"a"), frame(TEXT, b"b")].concat(), 1002),
        ("fragmented Ping", frame(0x09, b"a"), 1002),
        ("fragmented Close", frame(0x08, &1000u16.to_be_bytes()), 1002),
        ("long Ping", frame(PING, &[b'a'; 126]), 1002),
        ("long Close", frame(CLOSE, &[&1000u16.to_be_bytes()[..], &[b'a'; 124]].concat()), 1002),
        ("half a code", frame(CLOSE, b"a"), 1002),
        ("text", frame(TEXT, b"a\xFFb"), 1007),
        ("text that ends in the middle", frame(TEXT, b"gr\xC3"), 1007),
        ("overlong", frame(TEXT, b"\xC0\x80"), 1007),
        ("surrogate", frame(TEXT, b"\xED\xA0\x80"), 1007),
        ("text in frames", [frame(0x01, b"gr\xC3"), frame(0x80, b"\xC3")].concat(), 1007),
        ("text in frames that ends", [frame(0x01, b"gr"), frame(0x80, b"\xC3")].concat(), 1007),
        ("reason", frame(CLOSE, b"\x03\xE8\xFF"), 1007),
    ];
    for (what, bytes, code) in frames {
        let mut served = serve();
        let mut wire = served.open("/echo").await;
        wire.send(bytes).await;
        if what.contains("whole message") {
            assert_eq!(wire.frame().await, text(""));
        }
        let (first, content) = wire.frame().await;
        assert_eq!((first, &content[..2]), (CLOSE, &code.to_be_bytes()[..]), "{what}: {content:?}");
        assert!(served.seen().await.starts_with(&format!("the peer was told {code}: ")), "{what}");
        // What else it sends is nobody's.
        wire.send(frame(TEXT, b"more")).await;
        wire.send(close(*code, "")).await;
        drop(wire.stream);
        served.closed().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_not_kept() {
    for (what, bytes, code) in [
        (
            "as large as may be",
            [frame(0x02, &[1; 16]), frame(0x00, &[1; 16]), frame(0x00, &[1; 16]), frame(0x80, &[1; 16])]
                .concat(),
            None,
        ),
        ("a frame", frame(BINARY, &[1; 17]), Some(1009)),
        // Told by its head: nobody waits for the rest.
        ("the head of a frame", frame(BINARY, &[1; 70_000])[..14].to_vec(), Some(1009)),
        ("as long as can be said", b"\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0".to_vec(), Some(1009)),
        (
            "a message",
            [
                frame(0x02, &[1; 16]),
                frame(0x00, &[1; 16]),
                frame(0x00, &[1; 16]),
                frame(0x00, &[1; 16]),
                frame(0x80, &[1]),
            ]
            .concat(),
            Some(1009),
        ),
    ] {
        let served = serve();
        let mut wire = served.open("/small").await;
        wire.send(bytes).await;
        match code {
            None => assert_eq!(wire.frame().await, (BINARY, vec![1; 64]), "{what}"),
            Some(code) => wire.refused_with(code).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_mebibyte_is_the_most_unless_said() {
    let served = serve();
    let mut wire = served.open_with_room("/echo", 4 << 20).await;
    wire.send(frame(BINARY, &vec![1; 1 << 20])).await;
    assert_eq!(wire.frame().await, (BINARY, vec![1; 1 << 20]));
    wire.send(frame(BINARY, &vec![1; (1 << 20) + 1])).await;
    wire.refused_with(1009).await;
}
