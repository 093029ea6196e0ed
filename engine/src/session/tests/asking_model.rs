//! Sinks that change nothing, and any edits: the dialogue stays what it was, whatever comes and however it is cut.

use proptest::prelude::*;

use super::{
    model_test::{client, small},
    *,
};
use crate::{events::KINDS, Address};

/// Cases for each property: most are over after a few lines.
const CASES: u32 = 500;

/// Answers what the numbers say, one for each kind and native reply: the same question gets the same answer.
struct Fixed(Vec<u8>, u64);

impl Sinks for Fixed {
    fn asked(&self, asked: &Asked) -> CommandEdits {
        let native = asked.said.native.as_ref().map_or(0, |reply| usize::from(reply.code));
        let mut edits = CommandEdits::default();
        match self.0[(asked.kind as usize + native + asked.said.recipients.len()) % self.0.len()] {
            0 => edits = refused(550, "No"),
            1 => edits = refused(250, "Yes"),
            2 => edits.argument = Some("FROM:<c@d>".into()),
            3 => edits.argument = Some("TO:<x@here.example>".into()),
            4 => edits.added.extend(asked.said.recipient.clone().map(Into::into)),
            5 => edits.added.push(Address::parse("added@o").unwrap().into()),
            6 => edits.dropped.extend(asked.said.recipients.numbers().next()),
            7 => edits.dialogue.closes = asked.said.argument.len().is_multiple_of(4),
            8 => edits.dialogue.appended.push("more".into()),
            _ => {}
        }
        edits
    }

    fn oversize(&self, mail: &mut Oversize) {
        mail.allow(self.1);
    }
}

/// What a session does with all events listened to.
fn listening<'a>(settings: &SessionSettings, sinks: &dyn Sinks, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut dialogue = Dialogue::with(settings, KINDS.into_iter().collect(), sinks);
    pieces.flat_map(|piece| dialogue.send(piece)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sinks_that_change_nothing_change_nothing((octets, is_lmtp) in client(), is_lenient in any::<bool>()) {
        let settings = small(if is_lenient { lenient() } else { settings() }, is_lmtp);
        let mut found = listening(&settings, &Idle, [&octets[..]].into_iter());
        found.retain(|event| !matches!(event, Event::Ask(..) | Event::Oversize(_)));
        prop_assert_eq!(found, events(&settings, [&octets[..]]), "{}", octets.escape_ascii());
    }

    #[test]
    fn whatever_sinks_do_any_split_of_the_octets_gives_the_same_actions(
        (octets, is_lmtp) in client(),
        is_lenient in any::<bool>(),
        answers in prop::collection::vec(0u8..14, 20),
        allowed in 30u64..80,
        cut in 2usize..20,
    ) {
        let settings = small(if is_lenient { lenient() } else { settings() }, is_lmtp);
        let sinks = Fixed(answers, allowed);
        let whole = listening(&settings, &sinks, [&octets[..]].into_iter());
        prop_assert_eq!(&listening(&settings, &sinks, octets.chunks(1)), &whole, "{}", octets.escape_ascii());
        prop_assert_eq!(&listening(&settings, &sinks, octets.chunks(cut)), &whole, "{}", octets.escape_ascii());
    }

    #[test]
    fn whatever_sinks_do_each_command_gets_one_reply_and_each_recipient_that_was_told_another(
        (octets, is_lmtp) in client(),
        answers in prop::collection::vec(0u8..14, 20),
    ) {
        let settings = small(settings(), is_lmtp);
        let found = listening(&settings, &Fixed(answers, 60), [&octets[..]].into_iter());
        // Between two questions stands the reply to the first, but for content and what comes without being asked.
        let mut due = false;
        for event in &found {
            match event {
                Event::Ask(..) => {
                    prop_assert!(!due, "{found:?}");
                    due = true;
                }
                Event::Reply(_) => due = false,
                _ => {}
            }
        }
        for event in &found {
            if let Event::Mail(names, ..) = event {
                prop_assert!(names.len() <= 2 + settings.limits.recipients, "{names:?}");
                prop_assert!(names.len() > 2 , "{names:?}");
            }
        }
    }
}
