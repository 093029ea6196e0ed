//! What a content shares, how it is read, and where it ends.

use proptest::prelude::*;

use super::*;

/// A side file that gives three octets at a time.
struct Fake(Vec<u8>);

impl SideFile for Fake {
    fn name(&self) -> &str {
        "fake"
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.0[(offset as usize).min(self.0.len())..];
        let n = rest.len().min(buffer.len()).min(3); // short reads are legal
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

#[test]
fn an_edit_shares_what_it_does_not_touch() {
    let before = Content::new("Subject: x\r\n\r\nbody");
    let mut after = before.clone();
    after.prepend("Received: from a\r\n");
    let (Piece::Memory(old), Piece::Memory(new)) = (&before.pieces()[0], &after.pieces()[1]) else {
        panic!("both are in memory");
    };
    assert_eq!((before.pieces().len(), old.as_ptr()), (1, new.as_ptr()));
}

#[test]
fn the_head_runs_over_memory_and_side_file_and_stops_at_its_limit() {
    let side: Arc<dyn SideFile> = Arc::new(Fake(b"0123456789".to_vec()));
    let mut content = Content::new("ab");
    content.push(Piece::Side(side, 2..8));
    assert_eq!(content.len(), 8);
    assert_eq!(content.head(100).unwrap(), b"ab234567");
    assert_eq!(content.head(5).unwrap(), b"ab234");
    assert_eq!(content.octets_in_memory(), 2);
}

#[test]
fn a_side_file_that_is_too_short_is_an_error_not_a_short_mail() {
    let side: Arc<dyn SideFile> = Arc::new(Fake(b"01".to_vec()));
    let content = Content::from_pieces(vec![Piece::Side(side, 0..8)]);
    assert_eq!(content.head(100).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

fn side(octets: &[u8]) -> Piece {
    Piece::Side(Arc::new(Fake(octets.to_vec())), 0..octets.len() as u64)
}

fn bytes_of(piece: &Piece) -> &Bytes {
    match piece {
        Piece::Memory(octets) => octets,
        Piece::Side(..) => panic!("it is in memory"),
    }
}

fn joined(content: &Content) -> Vec<u8> {
    content.head(usize::MAX).unwrap()
}

#[test]
fn chunks_of_memory_are_its_own_memory_and_none_is_larger_than_the_limit() {
    let content = Content::new(vec![b'x'; 2 * MAX_CHUNK + 5]);
    let chunks: Vec<Bytes> = content.chunks(3..).map(Result::unwrap).collect();
    assert_eq!(chunks.iter().map(Bytes::len).collect::<Vec<_>>(), [MAX_CHUNK, MAX_CHUNK, 2]);
    assert_eq!(chunks[0].as_ptr(), bytes_of(&content.pieces()[0])[3..].as_ptr());
    let content = Content::from_pieces(vec![side(&vec![b'y'; MAX_CHUNK + 1])]);
    let chunks: Vec<usize> = content.chunks(..).map(|chunk| chunk.unwrap().len()).collect();
    assert_eq!(chunks, [MAX_CHUNK, 1]);
}

#[test]
fn chunks_end_at_the_first_error() {
    let short: Arc<dyn SideFile> = Arc::new(Fake(b"01".to_vec()));
    let content = Content::from_pieces(vec![Piece::Side(short, 0..8), Piece::Memory("tail".into())]);
    let mut chunks = content.chunks(..);
    assert_eq!(chunks.next().unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(chunks.next().is_none());
    assert_eq!(content.all(100).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn all_of_one_piece_is_not_copied_and_too_much_is_refused() {
    let content = Content::from_pieces(vec![Piece::Memory(Bytes::new()), Piece::Memory("0123".into())]);
    assert_eq!(content.all(4).unwrap().as_ptr(), bytes_of(&content.pieces()[1]).as_ptr());
    let error = content.all(3).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(error.to_string(), "there are more than 3 octets");
    assert_eq!(Content::from_pieces(vec![side(b"abcdefg"), side(b"hi")]).all(9).unwrap(), "abcdefghi");
}

#[test]
fn a_header_in_one_piece_is_that_memory_and_one_over_seams_is_joined() {
    let content = Content::new("A: b\r\nC: d\r\n\r\nbody");
    let header = content.header(100).unwrap();
    assert_eq!((&header[..], header.as_ptr()), (&b"A: b\r\nC: d\r\n"[..], bytes_of(&content.pieces()[0]).as_ptr()));
    assert_eq!(content.body_from().unwrap(), 14);
    let pieces = vec![Piece::Memory("R: x\r\n".into()), Piece::Memory("A: b\r".into()), side(b"\n c\r\n\r\nbody")];
    let content = Content::from_pieces(pieces);
    assert_eq!(content.header(100).unwrap(), "R: x\r\nA: b\r\n c\r\n");
    assert_eq!(content.body_from().unwrap(), 18);
}

#[test]
fn a_header_may_be_as_long_as_the_limit_and_not_longer() {
    for content in [Content::new("A: b\r\n\r\nbody"), Content::from_pieces(vec![side(b"A: b\r\n\r\nbody")])] {
        assert_eq!(content.header(6).unwrap(), "A: b\r\n");
        assert_eq!(content.header(5).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
    let endless = Content::new(vec![b'x'; crate::header::MAX_HEADER + 9]);
    assert_eq!(endless.body_from().unwrap_err().kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn a_new_body_stands_behind_the_old_header_and_an_empty_line() {
    let table = [
        ("A: b\r\n\r\nold", "A: b\r\n\r\nnew"),
        ("A: b\r\nold", "A: b\r\n\r\nnew"),
        ("A: b", "A: b\r\n\r\nnew"),
        ("\r\nold", "\r\nnew"),
        ("old", "\r\nnew"),
        ("", "\r\nnew"),
    ];
    for (before, after) in table {
        let mut content = Content::new(before);
        content.replace_body("new").unwrap();
        assert_eq!(joined(&content), after.as_bytes(), "{before:?}");
    }
}

#[test]
fn a_new_body_leaves_the_memory_of_the_header_where_it_is() {
    let mut content = Content::new("A: b\r\n\r\nold");
    let header = bytes_of(&content.pieces()[0]).as_ptr();
    content.replace_body(Content::from_pieces(vec![side(b"new")])).unwrap();
    assert_eq!((bytes_of(&content.pieces()[0]).as_ptr(), content.len()), (header, 11));
}

/// The same octets, cut into pieces of both kinds.
fn cut(octets: &[u8], cuts: &[(usize, bool)]) -> Content {
    let mut content = Content::default();
    let mut from = 0;
    for (length, in_memory) in cuts.iter().copied().chain([(octets.len(), true)]) {
        let to = (from + length).min(octets.len());
        content.push(if in_memory { Piece::Memory(octets[from..to].to_vec().into()) } else { side(&octets[from..to]) });
        from = to;
    }
    content
}

proptest! {
    #[test]
    fn however_it_is_cut_a_content_reads_the_same(
        text in "([aA]:? ?[b\r\n]{0,3}|\r\n|[ \tx:]){0,12}",
        cuts in prop::collection::vec((0usize..6, any::<bool>()), 0..6),
        range in (0u64..40, 0u64..40),
    ) {
        let octets = text.as_bytes();
        let content = cut(octets, &cuts);
        let header = crate::header::header_len(octets);
        prop_assert_eq!(&content.header(1000).unwrap()[..], &octets[..header]);
        prop_assert_eq!(content.body_from().unwrap() as usize, crate::header::body_start(octets));
        prop_assert_eq!(&content.all(1000).unwrap()[..], octets);
        let to = (range.1 as usize).min(octets.len());
        let from = (range.0 as usize).min(to);
        prop_assert_eq!(joined(&content.slice(range.0..range.1)), octets[from..to].to_vec());
        let chunks: Vec<u8> = content.chunks(range.0..range.1).flat_map(|chunk| chunk.unwrap()).collect();
        prop_assert_eq!(chunks, octets[from..to].to_vec());
    }
}
