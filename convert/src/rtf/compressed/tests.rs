//! The examples of the specification, what is damaged, and both ways.

use proptest::prelude::*;

use super::*;

/// \[MS-OXRTFCP\] 4.1.1 and 4.1.2.
const SIMPLE: &[u8] =
    b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
const CROSSING: &[u8] = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4bQA\0\x04 WXYZ\rn}\x01\x0e\xb0";

fn all(octets: &[u8]) -> (Vec<u8>, Flaws) {
    let Converted { output, flaws } = decompress(octets, Limits::default()).unwrap();
    (output, flaws)
}

#[test]
fn the_examples_of_the_specification_are_read_as_it_says() {
    let table: [(&[u8], &[u8]); 3] = [
        (SIMPLE, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
        (CROSSING, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (
            b"\x2e\0\0\0\x22\0\0\0MELA\0\0\0\0{\\rtf1\\ansi\\ansicpg1252\\pard test}",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard test}",
        ),
    ];
    for (octets, rtf) in table {
        assert_eq!(all(octets), (rtf.to_vec(), Flaws::default()), "{octets:x?}");
    }
}

#[test]
fn the_first_example_is_written_as_the_specification_writes_it() {
    assert_eq!(compress(b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", Compression::Lzfu), SIMPLE);
    assert_eq!(compress(b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", Compression::Lzfu), CROSSING);
}

#[test]
fn what_is_cut_short_is_given_as_far_as_it_goes() {
    let whole = all(SIMPLE).0;
    for end in 0..SIMPLE.len() {
        match decompress(&SIMPLE[..end], Limits::default()) {
            Err(error) => assert!(end < HEADER && matches!(error, ConvertError::NotThis { .. }), "{end}: {error}"),
            Ok(Converted { output, flaws }) => {
                assert!(whole.starts_with(&output) && flaws.has(Trouble::Truncated), "{end}: {output:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_is_told_and_a_claim_of_size_takes_no_memory() {
    let changed = |at: usize, octet: u8| {
        let mut octets = SIMPLE.to_vec();
        octets[at] = octet;
        octets
    };
    assert!(all(&changed(12, 0)).1.has(Trouble::Checksum));
    assert!(all(&[SIMPLE, b"padding"].concat()).1.has(Trouble::Trailing));
    let claims = all(&changed(6, 0x7F));
    assert!(claims.1.has(Trouble::Truncated) && claims.0.capacity() < 10_000);
    let nowhere = b"\x12\0\0\0\x04\0\0\0LZFu\0\0\0\0\x01\xf0\x02\0\0\0";
    let (output, flaws) = all(nowhere);
    assert!(flaws.has(Trouble::OutOfBounds) && output == b"    ", "{output:?} {flaws:?}");
    for (octets, limits) in [(SIMPLE, Limits::default().with_output(20)), (SIMPLE, Limits::default().with_work(5))] {
        assert!(decompress(octets, limits).is_err());
    }
}

proptest! {
    #[test]
    fn what_is_packed_is_unpacked_to_the_octet(
        parts in proptest::collection::vec(("[a-f\\\\{}]{0,40}", 0usize..6), 0..200),
    ) {
        let rtf: String = parts.iter().map(|(part, times)| part.repeat(*times)).collect();
        for how in [Compression::Lzfu, Compression::Uncompressed] {
            let packed = compress(rtf.as_bytes(), how);
            let Converted { output, flaws } = decompress(&packed, Limits::default()).unwrap();
            prop_assert_eq!((&*output, flaws), (rtf.as_bytes(), Flaws::default()));
        }
    }

    #[test]
    fn any_octets_have_an_end(octets in proptest::collection::vec(any::<u8>(), 0..300), raw in 0u32..4000) {
        let mut header = SIMPLE[..HEADER].to_vec();
        header[4..8].copy_from_slice(&raw.to_le_bytes());
        let given = decompress(&[&header[..], &octets].concat(), Limits::default()).unwrap();
        prop_assert!(given.output.len() <= raw as usize);
        let _ = decompress(&octets, Limits::default());
    }
}
