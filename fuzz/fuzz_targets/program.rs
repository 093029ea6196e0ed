//! Any line of a program by the socket: a request within its limits, or a problem; what is written again is the same request.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrider_engine::{
    program::{line, Answer, Request, MAX_KEY},
    Moment,
};

const NOW: Moment = Moment(1_795_132_800_000);
const MOST: usize = 5;

fuzz_target!(|data: &[u8]| {
    if let Some(answer) = Answer::parse(data) {
        assert_eq!(Answer::parse(&line(&answer)), Some(answer));
    }
    let Ok(framed) = Request::parse(data) else { return };
    let Ok(request) = framed.request else { return };
    let again = Request::parse(&line(&request)).expect("it was a line");
    assert_eq!(again.request.expect("it was a request"), request);
    if let Request::Send(send) = request {
        let key = send.key_hash();
        assert!(send.key.as_ref().is_none_or(|text| text.len() <= MAX_KEY || key.is_err()));
        if let Ok(envelope) = send.envelope(NOW, MOST) {
            assert!((1..=MOST).contains(&envelope.recipients.len()));
            assert!(envelope.recipients.iter().all(|(_, one)| !one.address.as_str().chars().any(char::is_control)));
        }
    }
});
