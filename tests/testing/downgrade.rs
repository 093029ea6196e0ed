//! Peers that take less than the mail needs: it is converted for them, by the whole engine, and the spool keeps it as it came.

use postrider::{
    assert_delivered, assert_failed, assert_not_delivered,
    rules::Convertible,
    testing::{draft, At, Extension, TestEngine},
};

use crate::HOUR;

const FOREIGN: &str = "Subject: Grüße\r\nMessage-ID: <1@home.example>\r\n\r\nfür Dich\r\n";
const SIGNED: &str = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nfür Dich\r\n--b--\r\n";

fn seven_bits() -> Vec<Extension> {
    vec![Extension::Pipelining, Extension::Size(0), Extension::EnhancedStatusCodes]
}

fn send(engine: &TestEngine, to: &str, content: &str) {
    let mut draft = draft("me@home.example", [to], content);
    draft.envelope.smtputf8 = true;
    engine.send(draft).expect("it is taken");
}

#[test]
fn a_peer_of_seven_bits_gets_seven_bits_and_the_next_one_what_came() {
    let engine = TestEngine::start();
    engine.peer().offers(seven_bits()).once(At::End, (451, "4.3.0 later"));
    send(&engine, "ann@example.org", FOREIGN);
    engine.peer().offers(Extension::all());
    engine.advance(HOUR);
    assert_delivered!(engine, "ann@example.org", times = 1, contains = "Subject: Grüße\r\n");
    assert_delivered!(engine, "ann@example.org", times = 1, contains = "\r\n\r\nfür Dich\r\n");

    let engine = TestEngine::start();
    engine.peer().offers(seven_bits());
    send(&engine, "ann@bücher.example", FOREIGN);
    let taken = engine.peer().taken();
    let text = String::from_utf8(taken[0].content.clone()).unwrap();
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"), "{text}");
    assert!(text.ends_with("Content-Transfer-Encoding: quoted-printable\r\n\r\nf=C3=BCr Dich\r\n"), "{text}");
    assert_eq!(taken[0].recipients[0].address, "ann@xn--bcher-kva.example");
    assert_eq!(taken[0].parameters, [format!("SIZE={}", taken[0].content.len())]);
}

#[test]
fn what_is_signed_fails_there_unless_the_settings_allow_it() {
    let table = [
        (Convertible::Unsigned, false),
        (Convertible::Intact, false),
        (Convertible::Never, false),
        (Convertible::Always, true),
    ];
    for (which, is_delivered) in table {
        let engine = TestEngine::builder()
            .with(|settings| settings.routes.iter_mut().for_each(|route| route.delivery.downgrade = which))
            .start();
        engine.peer().offers(seven_bits());
        send(&engine, "ann@example.org", SIGNED);
        engine.advance(HOUR);
        if is_delivered {
            assert_delivered!(engine, "ann@example.org", contains = "f=C3=BCr Dich");
        } else {
            assert_not_delivered!(engine, "ann@example.org");
            // Where nothing is converted, its report, which returns the mail, is not either.
            if which != Convertible::Never {
                assert_failed!(engine, "ann@example.org", status = "5.6.3");
            }
        }
    }
}
