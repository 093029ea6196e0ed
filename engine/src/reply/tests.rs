//! What replies look like on the wire, and what is read from there.

use bytes::BytesMut;
use proptest::prelude::*;

use super::*;

fn written(reply: &Reply) -> String {
    let mut out = Vec::new();
    reply.write_to(&mut out);
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Option<Result<Reply, ReplyError>> {
    ReplyReader::new().next(&mut BytesMut::from(text))
}

#[test]
fn every_line_of_a_reply_has_the_code_and_the_enhanced_code() {
    assert_eq!(written(&Reply::plain(220, "host ESMTP")), "220 host ESMTP\r\n");
    assert_eq!(written(&Reply::new(550, 7, 1, "No\nand no")), "550-5.7.1 No\r\n550 5.7.1 and no\r\n");
    assert_eq!(written(&Reply::plain(250, "")), "250 \r\n");
}

#[test]
fn a_text_can_not_end_its_line() {
    let reply = Reply::new(550, 0, 0, "x").with_text("a\r\r\0b\x0bc");
    assert_eq!(written(&reply), "550 5.0.0 a   b c\r\n");
}

#[test]
fn a_long_text_goes_on_in_a_further_line() {
    let reply = Reply::new(550, 0, 0, "").with_text("ä".repeat(600));
    let text = written(&reply);
    assert!(text.lines().all(|line| line.len() + 2 <= REPLY_LINE));
    assert_eq!(text.matches('ä').count(), 600);
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn replies_are_read_as_peers_write_them() {
    let table = [
        ("250 2.1.0 Ok\r\n", Reply::new(250, 1, 0, "Ok")),
        ("250 Ok\n", Reply::plain(250, "Ok")),
        ("250\r\n", Reply::plain(250, "")),
        ("354 \r\n", Reply::plain(354, "")),
        ("550 4.1.1 other class\r\n", Reply::plain(550, "4.1.1 other class")),
        ("550 5.1.1\r\n", Reply::new(550, 1, 1, "")),
        ("550 5.1.1\x00x\r\n", Reply::new(550, 1, 1, "x")),
        ("550 5.1.1.1 x\r\n", Reply::plain(550, "5.1.1.1 x")),
        ("250-host\r\n250-SIZE 1\n250 DSN\r\n", Reply::plain(250, "host\nSIZE 1\nDSN")),
        ("550-5.7.1 a\r\n550-b\r\n550 5.7.1 c\r\n", Reply::new(550, 7, 1, "a\nb\nc")),
        ("554 a\rb\x07c\r\n", Reply::plain(554, "a b c")),
    ];
    for (text, reply) in table {
        assert_eq!(read(text), Some(Ok(reply)), "{text:?}");
    }
}

#[test]
fn what_is_no_reply_is_an_error() {
    let table = [
        ("hello\r\n", ReplyError::Syntax),
        ("\r\n", ReplyError::Syntax),
        ("25\r\n", ReplyError::Syntax),
        ("150 x\r\n", ReplyError::Syntax),
        ("650 x\r\n", ReplyError::Syntax),
        ("250_x\r\n", ReplyError::Syntax),
        ("250-a\r\n251 b\r\n", ReplyError::CodesDiffer),
    ];
    for (text, error) in table {
        assert_eq!(read(text), Some(Err(error)), "{text:?}");
    }
    assert_eq!(read(&"2".repeat(MAX_REPLY_LINE)), Some(Err(ReplyError::LineTooLong)));
    assert_eq!(read(&"250-x\r\n".repeat(MAX_REPLY_LINES + 1)), Some(Err(ReplyError::TooLong)));
    assert_eq!(read(&format!("250-{}\r\n", "x".repeat(1000)).repeat(40)), Some(Err(ReplyError::TooLong)));
}

#[test]
fn what_follows_a_reply_is_left_in_place() {
    let mut reader = ReplyReader::new();
    let mut input = BytesMut::from("250-a\r\n250 b\r\n354 go\r\n22");
    assert_eq!(reader.next(&mut input), Some(Ok(Reply::plain(250, "a\nb"))));
    assert_eq!(&input[..], b"354 go\r\n22");
    assert_eq!(reader.next(&mut input), Some(Ok(Reply::plain(354, "go"))));
    assert_eq!(reader.next(&mut input), None);
    assert_eq!(&input[..], b"22");
}

#[test]
fn after_an_error_nothing_is_read_any_more() {
    let mut reader = ReplyReader::new();
    let mut input = BytesMut::from("what\r\n250 ok\r\n");
    assert_eq!(reader.next(&mut input), Some(Err(ReplyError::Syntax)));
    assert_eq!(reader.next(&mut input), Some(Err(ReplyError::Syntax)));
}

/// All replies that these pieces give.
fn read_pieces(pieces: &[&[u8]]) -> Vec<Result<Reply, ReplyError>> {
    let (mut reader, mut input, mut replies) = (ReplyReader::new(), BytesMut::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(reply) = reader.next(&mut input) {
            let failed = reply.is_err();
            replies.push(reply);
            if failed {
                return replies;
            }
        }
    }
    replies
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(220|250|354|550)[ -](5\\.1\\.1 |2\\.0\\.0 )?[a-z]{0,6}\r\n",
        1 => "[0-9]{0,4}[ -]?[a-z\r\0]{0,6}\r?\n",
        1 => Just("250\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_split_gives_the_same_replies(lines in prop::collection::vec(line(), 0..8), cut in 1usize..9) {
        let octets = lines.concat().into_bytes();
        let whole = read_pieces(&[&octets]);
        prop_assert_eq!(read_pieces(&octets.chunks(cut).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn any_octets_are_read_to_an_end(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        read_pieces(&[&octets]);
    }

    #[test]
    fn what_we_write_we_read(code in 200u16..600, enhanced in any::<bool>(), text in "[a-zA-Z][ -~]{0,600}[a-z](\n[a-z]{1,9}){0,4}") {
        let mut reply = Reply::new(code, 1, 2, "");
        if !enhanced {
            reply.enhanced = None;
        }
        let reply = reply.with_text(text);
        let octets = written(&reply);
        let found = read(&octets).unwrap().unwrap();
        prop_assert_eq!((found.code, found.enhanced), (reply.code, reply.enhanced));
        let joined = |text: &str| text.replace(['\n', ' '], "");
        prop_assert_eq!(joined(&found.text), joined(&reply.text));
    }
}
