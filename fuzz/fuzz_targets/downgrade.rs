//! Any octets as a mail for hosts that take less: what comes out is what they take, within the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    mail::{ascii, ascii_eight_bit, eight_bit, seven_bit, SignedMail, Tree},
    Limits,
};

const MOST: usize = 1 << 20;

fn limits() -> Limits {
    Limits::default().with_output(MOST).with_work(1 << 22).with_depth(16)
}

// The first octet says what may be done with what is signed.
fuzz_target!(|data: &[u8]| {
    let Some((first, mail)) = data.split_first() else { return };
    let signed = match first % 3 {
        0 => SignedMail::Leave,
        1 => SignedMail::LeaveDkim,
        _ => SignedMail::Convert,
    };
    if let Ok(Some(converted)) = seven_bit(mail, signed, limits()) {
        let output = converted.output;
        assert!(output.len() <= MOST);
        assert!(output.is_ascii() && !output.contains(&0), "a host of seven bits does not take it");
    }
    for convert in [eight_bit, ascii, ascii_eight_bit] {
        if let Ok(Some(converted)) = convert(mail, signed, limits()) {
            assert!(converted.output.len() <= MOST);
        }
    }
    for convert in [ascii, ascii_eight_bit] {
        if let Ok(Some(converted)) = convert(mail, signed, limits()) {
            let tree = Tree::read(&converted.output, Limits::default()).expect("any octets are a mail").output;
            let header = tree.octets(tree.root().header.clone());
            // A text without any header is no header.
            assert!(header.is_ascii() || tree.root().body.is_empty(), "a host without SMTPUTF8 does not take it");
        }
    }
});
