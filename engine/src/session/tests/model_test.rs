//! The session against the model, and against itself with the octets cut elsewhere.

use proptest::prelude::*;

use super::*;

/// Cases for each property: most are over after a few lines.
const CASES: u32 = 500;

/// Limits so small that every one is met.
pub(super) fn small(mut settings: SessionSettings, is_lmtp: bool) -> SessionSettings {
    settings.lmtp = is_lmtp;
    settings.relay.networks = settings.bare_newlines_from.clone();
    let limits = &mut settings.limits;
    (limits.message_size, limits.drain, limits.recipients) = (40, 30, 2);
    (limits.mails, limits.errors, limits.received, limits.command_line) = (3, 6, 2, 50);
    settings
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        2 => Just("HELO c"),
        1 => Just("LHLO c"),
        6 => Just("MAIL FROM:<>"),
        2 => Just("MAIL FROM:<> BODY=BINARYMIME"),
        1 => Just("MAIL FROM:<> BODY=8BITMIME"),
        1 => Just("MAIL FROM:<> SIZE=41"),
        6 => Just("RCPT TO:<x@here.example>"),
        1 => Just("RCPT TO:<y@sub.here.example>"),
        1 => Just("RCPT TO:<x@other.example>"),
        6 => Just("DATA"),
        1 => Just("RSET"),
        1 => Just("NOOP"),
        1 => Just("ETRN a.example"),
        1 => Just("QUIT"),
        1 => Just("garbage"),
        1 => Just("NO\rOP"),
        1 => Just("NOOP\n"),
        1 => Just("\0"),
        1 => Just("longer than a line of a command may be, by a little"),
    ];
    line.prop_map(|line| [line.as_bytes(), b"\r\n"].concat())
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => Just(b"\r\n" as &[u8]),
        4 => Just(b"." as &[u8]),
        3 => Just(b"x" as &[u8]),
        2 => Just(b"\r\n.\r\n" as &[u8]),
        1 => Just(b"\r\n.\r\r\n" as &[u8]),
        1 => Just(b"\n.\r\n" as &[u8]),
        2 => Just(b"Received: \r\n" as &[u8]),
        1 => Just(b"\r" as &[u8]),
        1 => Just(b"\n" as &[u8]),
        1 => Just(b"\0" as &[u8]),
        1 => Just(b"\t" as &[u8]),
        1 => Just("ä".as_bytes()),
        1 => Just(b"NOOP\r\n" as &[u8]),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// A chunk that mostly says its true size.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    (text(), any::<bool>(), prop_oneof![8 => Just(0usize), 1 => 1..4usize, 1 => Just(90)]).prop_map(
        |(text, last, lie)| {
            let last = if last { " LAST" } else { "" };
            [format!("BDAT {}{last}\r\n", text.len() + lie).into_bytes(), text].concat()
        },
    )
}

/// Octets in pieces: of a client that mostly knows what it does, and whether it is to speak LMTP.
pub(super) fn client() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let open = Just(b"MAIL FROM:<>\r\nRCPT TO:<x@here.example>\r\n".to_vec());
    let data = text().prop_map(|text| [b"DATA\r\n", &text[..], b"\r\n.\r\n"].concat());
    let part = prop_oneof![4 => command(), 4 => open, 4 => data, 4 => chunk(), 1 => text()];
    (any::<u8>(), any::<bool>(), prop::collection::vec(part, 0..10)).prop_map(|(helo, is_lmtp, parts)| {
        let hello: &[u8] = match (helo < 240, is_lmtp) {
            (true, true) => b"LHLO c\r\n",
            (true, false) => b"HELO c\r\n",
            (false, _) => b"",
        };
        ([hello, &parts.concat()].concat(), is_lmtp)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_session_does_what_the_model_does((octets, is_lmtp) in client(), is_lenient in any::<bool>()) {
        let settings = small(if is_lenient { lenient() } else { settings() }, is_lmtp);
        let expected = model::run(&settings, is_lenient, &octets);
        prop_assert_eq!(events(&settings, [&octets[..]]), expected, "{}", octets.escape_ascii());
    }

    #[test]
    fn any_split_of_the_octets_gives_the_same_actions(
        (octets, is_lmtp) in client(),
        is_lenient in any::<bool>(),
        cuts in prop::collection::vec(1usize..12, 1..40),
    ) {
        let settings = small(if is_lenient { lenient() } else { settings() }, is_lmtp);
        let whole = events(&settings, [&octets[..]]);
        let (mut rest, mut pieces) = (&octets[..], Vec::new());
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        prop_assert_eq!(&events(&settings, pieces), &whole, "{}", octets.escape_ascii());
        prop_assert_eq!(&events(&settings, octets.chunks(1)), &whole, "{}", octets.escape_ascii());
    }

    #[test]
    fn any_octets_are_taken_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        events(&small(settings(), false), [&octets[..]]);
    }
}
