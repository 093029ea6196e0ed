//! Any octets as a file of a pickup folder: a mail within its limits, or a reason; and a mail that is written as a file again
//! is the same mail.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_engine::{
    pickup::{envelope_lines, read_file, Dots, FileForm, FileRules},
    Draft, Making, Moment, QueuePriority,
};

const MAKING: Making<'_> = Making { now: Moment(1_795_132_800_000), host: "mail.example.org", unique: 7 };
const MOST: usize = 5;

fn rules(form: FileForm, dots: Dots) -> FileRules {
    FileRules { form, dots, recipients: MOST, ..FileRules::default() }
}

fn content(draft: &Draft) -> Vec<u8> {
    draft.content.all(1 << 24).expect("it is in memory").to_vec()
}

fn check(draft: &Draft, form: FileForm) {
    let octets = content(draft);
    assert!((1..=MOST).contains(&draft.envelope.recipients.len()));
    assert_eq!(draft.envelope.priority, QueuePriority::Normal);
    assert!(octets.ends_with(b"\r\n") && !octets.contains(&0));
    assert!(octets.split(|octet| *octet == b'\n').rev().skip(1).all(|line| line.ends_with(b"\r")), "a bare LF");
    let above = envelope_lines(&draft.envelope).expect("a file has said it");
    let again = read_file(&[above.as_bytes(), &octets].concat(), &rules(form, Dots::Plain), &MAKING);
    let again = again.unwrap_or_else(|problem| panic!("it was a mail: {problem}"));
    assert_eq!(again.envelope.sender, draft.envelope.sender);
    // Whoever was named twice has left a gap in the numbers.
    let recipients = |draft: &Draft| draft.envelope.recipients.iter().map(|(_, one)| one.clone()).collect::<Vec<_>>();
    assert_eq!(recipients(&again), recipients(draft));
    assert_eq!(content(&again), octets);
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, octets)) = data.split_first() else { return };
    let form = if how & 1 == 0 { FileForm::Pickup } else { FileForm::Replay };
    let dots = if how & 2 == 0 { Dots::Plain } else { Dots::Stuffed };
    match read_file(octets, &rules(form, dots), &MAKING) {
        Ok(draft) => check(&draft, form),
        Err(problem) => assert!(!problem.text.is_empty() && problem.text.len() < 1000, "{problem}"),
    }
});
