//! Any octets as compressed RTF: what they hold, or an error, within the limits; and any octets, compressed, come out again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    rtf::compressed::{compress, decompress, Compression},
    Converted, Limits,
};

const MOST: usize = 1 << 16;

fn comes_out(octets: &[u8]) {
    for how in [Compression::Lzfu, Compression::Uncompressed] {
        let packed = compress(octets, how);
        // A reference has two octets for two at least, and eight of them a third of nine together.
        assert!(packed.len() <= 32 + octets.len() + octets.len() / 7);
        let Converted { output, flaws } = decompress(&packed, Limits::default()).expect("it was small");
        assert!(flaws.is_empty() && output == octets, "{how:?}: {flaws:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    comes_out(data);
    let Ok(Converted { output, .. }) = decompress(data, Limits::default().with_output(MOST)) else { return };
    assert!(output.len() <= MOST);
    comes_out(&output);
});
