//! Records can grow new fields, and no octets make reading them fail otherwise than with an error.

use postrider_engine::{Door, Fact, How, QueueId, RcptNo, Spool, Standing, Success};
use proptest::prelude::*;

use super::{
    super::{
        faulty::FaultyFiles,
        fields::{put, SKIPPABLE},
        record::{put_record, record_at, BadRecord, MAIL, MEMO},
        record_fact::{put_fact, read_fact},
        record_mail::{put_again, put_mail, read_head, DOOR},
        record_memo::{read_memo, read_recipients},
        *,
    },
    harness::*,
};

#[test]
fn a_field_of_a_later_version_is_passed_over_if_it_may_be_and_refuses_the_record_if_not() {
    for (tag, fits) in [(100 | SKIPPABLE, true), (100, false)] {
        let mut mail = Vec::new();
        put_mail(&mut mail, QueueId(7), &draft(2, "text"), None);
        let mut later = mail[record::HEADER + 8..].to_vec();
        put(&mut later, tag, b"from the future");
        let head = read_head(QueueId(7), &later);
        assert_eq!(head.err(), (!fits).then_some(BadRecord::UnknownField(tag)));
        let mut moved = Vec::new();
        put_again(&mut moved, QueueId(7), &later, &Standing::new([].into_iter()));
        assert!(memchr::memmem::find(&moved, b"from the future").is_some(), "a move keeps what it does not know");
        let fact = read_fact(7, QueueId(7), &later[later.len() - 20..]);
        assert_eq!(fact.is_ok(), fits);
    }
}

#[test]
fn every_field_of_an_envelope_is_known_to_whoever_moves_its_record() {
    let mut mail = draft(2, "text");
    (mail.envelope.generation, mail.envelope.door, mail.envelope.smtputf8) = (3, Door::Sink, true);
    mail.envelope.priority = postrider_engine::QueuePriority::Low;
    (mail.envelope.not_before, mail.envelope.expires) = (Some(postrider_engine::Moment(5_000)), None);
    (mail.envelope.ret, mail.envelope.envid) = (Some(postrider_engine::Ret::Full), Some("x".into()));
    mail.envelope.properties.insert("a".into(), "b".into());
    let mut octets = Vec::new();
    put_mail(&mut octets, QueueId(7), &mail, None);
    assert!(read_head(QueueId(7), record_at(&octets, 0).unwrap().fields).is_ok());
}

/// The kind and the fields of a fact as they are written.
fn written(fact: &Fact) -> (u16, Vec<u8>) {
    let mut octets = Vec::new();
    put_fact(&mut octets, fact);
    let record = record_at(&octets, 0).unwrap();
    (record.kind, record.fields.to_vec())
}

#[test]
fn every_end_and_every_warning_is_read_as_it_was_written() {
    let good = [Success::Delivered, Success::Relayed, Success::Expanded];
    let warned = Fact::Warned { mail: QueueId(7), recipients: vec![RcptNo(1)] };
    let discarded = Fact::Finished { mail: QueueId(7), recipients: vec![RcptNo(1)], how: How::Discarded };
    let until = postrider_engine::Moment(9);
    let tickets = [
        Fact::Redeemed { mail: QueueId(7), until },
        Fact::Swept { mail: QueueId(7), until },
        Fact::Unkeyed { mail: QueueId(7), until },
    ];
    let ends = [delivered(7, &[1]), failed(7, &[0, 2]), warned, scheduled(7, &[1], 2), discarded];
    let ends = ends.into_iter().chain(tickets);
    for fact in good.into_iter().map(|how| confirmed(7, &[0, 3], how)).chain(ends) {
        let (kind, fields) = written(&fact);
        let read = read_fact(kind, QueueId(7), &fields).unwrap();
        assert_eq!(format!("{read:?}"), format!("{fact:?}"));
    }
}

#[test]
fn the_octets_of_a_spool_of_an_earlier_version_mean_what_they_meant() {
    for (how, meaning) in [(0, How::Delivered), (2, How::Expanded)] {
        let mut fields = Vec::new();
        put(&mut fields, 1, &5_u32.to_le_bytes());
        put(&mut fields, 2, &[how]);
        let Fact::Finished { recipients, how, .. } = read_fact(2, QueueId(7), &fields).unwrap() else {
            panic!("an end")
        };
        assert_eq!((recipients, how), (vec![RcptNo(5)], meaning));
    }
    assert!(matches!(read_fact(9, QueueId(7), &[]), Ok(Fact::Released { .. })));
    assert!(matches!(read_fact(15, QueueId(7), &[]), Err(BadRecord::UnknownKind(15))));
    assert_eq!((written(&failed(7, &[0])).0, written(&Fact::Released { mail: QueueId(7) }).0), (2, 9));
}

#[test]
fn each_door_is_read_back_as_it_was_written_and_keeps_its_number() {
    for (door, number) in [(Door::Smtp, 1), (Door::Library, 2), (Door::Report, 3), (Door::Lmtp, 4), (Door::List, 5)] {
        let mut out = Vec::new();
        let mut mail = draft(1, "text");
        mail.envelope.door = door;
        put_mail(&mut out, QueueId(7), &mail, None);
        let mut field = Vec::new();
        put(&mut field, DOOR, &[number]);
        assert!(memchr::memmem::find(&out, &field).is_some(), "{door:?}: old spools are to be read");
        let mut spool = try_open(std::sync::Arc::new(FaultyFiles::new())).unwrap();
        let id = spool.mail(mail);
        let place = spool.kept(id.0).unwrap().place;
        assert_eq!(wait(spool.reader().fetch(id, place)).unwrap().envelope.door, door);
    }
}

#[test]
fn one_wrong_bit_anywhere_is_noticed() {
    let mut octets = Vec::new();
    put_mail(&mut octets, QueueId(7), &draft(2, "text"), None);
    assert!(record_at(&octets, 0).is_ok());
    for bit in 0..octets.len() * 8 {
        let mut wrong = octets.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert!(record_at(&wrong, 0).is_err(), "bit {bit}");
    }
}

/// Octets that are near to what makes sense.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let field = (0..20_u8, prop::collection::vec(any::<u8>(), 0..24)).prop_map(|(tag, octets)| {
        let mut field = Vec::new();
        put(&mut field, tag, &octets);
        field
    });
    prop_oneof![
        prop::collection::vec(field, 0..8).prop_map(|fields| fields.concat()),
        prop::collection::vec(any::<u8>(), 0..64)
    ]
}

proptest! {
    #[test]
    fn reading_is_total(kind in 0..15_u16, fields in near(), mode in 0..2_u8) {
        let id = QueueId(1);
        match kind {
            MAIL => drop(read_head(id, &fields)),
            MEMO => {
                let place = postrider_engine::Place { segment: 1, offset: 0, length: 1 };
                drop(read_memo(id, &fields, place));
                drop(read_recipients(kind, &fields));
            }
            kind => drop::<Result<Fact, _>>(read_fact(kind, id, &fields)),
        }
        let mut record = Vec::new();
        put_record(&mut record, kind, id, |out| out.extend_from_slice(&fields));
        let mut pieces = vec![mode, kind as u8, fields.len() as u8];
        pieces.extend_from_slice(&fields);
        let _ = recover_octets(&pieces);
        record.insert(0, mode);
        let _ = recover_octets(&record);
    }
}

#[test]
fn the_seeds_of_the_fuzzer_are_logs_with_mail() {
    let files = FaultyFiles::new();
    let mut spool = try_open(std::sync::Arc::new(files.clone())).unwrap();
    spool.mail(draft(2, "text"));
    spool.facts(vec![failed(1, &[0]), scheduled(1, &[1], 2), confirmed(1, &[1], Success::Relayed)]);
    drop(spool);
    let name = segment::segment_name(1);
    let octets = files.octets(&name).unwrap();
    let mut seed = vec![0];
    seed.extend(unsalted(&octets));
    assert_eq!(recover_octets(&seed).unwrap(), 1);
    if let Some(folder) = std::env::var_os("SPOOL_SEEDS") {
        std::fs::write(std::path::Path::new(&folder).join("segment"), &seed).unwrap();
        std::fs::write(std::path::Path::new(&folder).join("pieces"), pieces(&octets)).unwrap();
    }
}

/// The frames of a segment as those of the spool with the random number 0.
fn unsalted(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (frame, body) in each(octets) {
        let mut octets = Vec::new();
        frame::begin(&mut octets);
        octets.extend_from_slice(body);
        let length = frame::finish(&mut octets, frame::Frame { salt: 0, ..frame }, 0, u64::MAX);
        out.extend_from_slice(&octets[..length]);
    }
    out
}

fn each(octets: &[u8]) -> Vec<(frame::Frame, &[u8])> {
    let mut frames = Vec::new();
    for at in memchr::memmem::find_iter(octets, &frame::MAGIC) {
        let salt = u64::from_le_bytes(octets[at + 8..at + 16].try_into().unwrap());
        if let frame::Found::Header(frame, _) = frame::look(&octets[at..], salt, 1) {
            frames.push((frame, &octets[at + frame::HEADER..][..frame.length as usize]));
        }
    }
    frames
}

/// The records of a segment as pieces.
fn pieces(octets: &[u8]) -> Vec<u8> {
    let mut out = vec![1];
    for (_, body) in each(octets) {
        for record in record::records(body).flatten().filter(|record| record.fields.len() < 256) {
            out.extend([record.kind as u8, record.fields.len() as u8]);
            out.extend_from_slice(record.fields);
        }
    }
    out
}
