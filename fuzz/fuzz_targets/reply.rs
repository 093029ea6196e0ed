//! Any octets, in any pieces: the reply reader ends, keeps its limits, and reads the same as from one piece.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use postrider_engine::{Reply, ReplyError, ReplyReader, MAX_REPLY, REPLY_LINE};

/// Everything that is read up to the first error, and how many octets that leaves.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Reply>, Option<ReplyError>, BytesMut) {
    let (mut reader, mut input, mut replies) = (ReplyReader::new(), BytesMut::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while let Some(result) = reader.next(&mut input) {
            match result {
                Ok(reply) => replies.push(reply),
                Err(error) => return (replies, Some(error), input),
            }
        }
    }
    (replies, None, input)
}

fn check(reply: &Reply) {
    assert!((200..600).contains(&reply.code));
    assert!(!reply.text.chars().any(|c| c.is_control() && c != '\n'));
    // A replacement character has three octets where the peer sent one.
    assert!(reply.text.len() <= 3 * MAX_REPLY);
    let mut out = Vec::new();
    reply.write_to(&mut out);
    let (again, error, _) = read([&out[..]].into_iter());
    assert_eq!(error, None);
    assert_eq!((again.len(), again[0].code), (1, reply.code));
    // A text that goes on in a further line may go on with what looks like a code.
    if reply.text.lines().all(|line| line.len() < REPLY_LINE - 32) {
        assert_eq!(again[0].enhanced, reply.enhanced);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, octets)) = data.split_first() else { return };
    let (replies, error, rest) = read([octets].into_iter());
    let (by_pieces, same_error, same_rest) = read(octets.chunks(usize::from(cut).max(1)));
    assert_eq!((&replies, error), (&by_pieces, same_error));
    assert!(error.is_some() || rest == same_rest);
    replies.iter().for_each(check);
});
