//! Any octets as a stream of TNEF: the model, which is a good stream again, and the mail that it means, or an error; within
//! the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_convert::{
    tnef::{from_mime, mime, read, to_mime},
    Converted, Limits,
};

const MOST: usize = 1 << 18;

fn limits() -> Limits {
    Limits::default().with_output(MOST).with_work(1 << 20).with_depth(16)
}

/// What is written is read back, whatever it was read from.
fn model(octets: &[u8]) {
    let Ok(Converted { output: message, flaws }) = read(octets, limits()) else { return };
    assert!(flaws.iter().count() <= flaws.count());
    let written = message.to_octets();
    let again = read(&written, Limits::default()).expect("it is TNEF");
    assert!(again.flaws.is_empty(), "{:?}", again.flaws);
    assert!(again.output.to_octets() == written, "it is another stream");
}

/// The mail is written, and makes a good stream.
fn mail(octets: &[u8]) {
    let Ok(Converted { output: tree, .. }) = to_mime(octets, limits()) else { return };
    if let Ok(mail) = mime::write(&tree, limits()) {
        assert!(mail.len() <= MOST);
        assert_eq!(Ok(mail), mime::write(&tree, limits()));
    }
    let Ok(Converted { output: message, .. }) = from_mime(&tree, limits()) else { return };
    let again = read(&message.to_octets(), Limits::default()).expect("it is TNEF").flaws;
    assert!(again.is_empty(), "{again:?}");
}

fuzz_target!(|data: &[u8]| {
    model(data);
    mail(data);
});
