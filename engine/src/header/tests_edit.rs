//! What an edit changes, and that it changes nothing else.

use std::{io, sync::Arc};

use bytes::Bytes;
use mail_parser::MessageParser;
use proptest::prelude::*;

use super::*;
use crate::{Content, Piece, SideFile};

struct Side(Vec<u8>);

impl SideFile for Side {
    fn name(&self) -> &str {
        "side"
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.0[(offset as usize).min(self.0.len())..];
        let n = rest.len().min(buffer.len()).min(7);
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

fn side(octets: &[u8]) -> Piece {
    Piece::Side(Arc::new(Side(octets.to_vec())), 0..octets.len() as u64)
}

fn octets(content: &Content) -> Vec<u8> {
    content.all(usize::MAX).unwrap().to_vec()
}

fn memory(content: &Content) -> Vec<(*const u8, usize)> {
    let place = |piece: &Piece| match piece {
        Piece::Memory(octets) => (octets.as_ptr(), octets.len()),
        Piece::Side(..) => (std::ptr::null(), 0),
    };
    content.pieces().iter().map(place).collect()
}

fn edited(before: &'static str, edit: impl FnOnce(&mut HeaderEditor<'_>) -> Result<(), HeaderError>) -> String {
    let mut content = Content::new(before);
    content.edit_header(edit).unwrap();
    String::from_utf8(octets(&content)).unwrap()
}

#[test]
fn fields_are_put_where_they_were_wanted() {
    let after = edited("A: 1\r\nB: 2\r\n\r\nbody", |header| {
        header.add("Top", "t")?;
        header.append("Last", "l")?;
        header.insert(2, "Middle", "m")?;
        header.insert(99, "End", "")
    });
    assert_eq!(after, "Top: t\r\nA: 1\r\nMiddle: m\r\nB: 2\r\nLast: l\r\nEnd:\r\n\r\nbody");
}

#[test]
fn the_nth_field_of_a_name_is_changed_and_keeps_its_name_as_it_is_written() {
    let after = edited("X-a: 1\r\nB: 2\r\nx-A: 3\r\n 4\r\n\r\n", |header| {
        assert!(header.change("X-A", 1, "new")?);
        assert!(!header.change("X-A", 2, "none")?);
        let longer = |field: RawField<'_>| field.is("b").then(|| format!("{}!", field.text()));
        assert_eq!(header.change_where(longer)?, 1);
        Ok(())
    });
    assert_eq!(after, "X-a: 1\r\nB: 2!\r\nx-A: new\r\n\r\n");
}

#[test]
fn all_fields_of_a_name_are_removed_and_counted() {
    let after = edited("A: 1\r\nBcc: x,\r\n y\r\nC: 3\r\nbcc: z\r\n\r\nBcc: body", |header| {
        assert_eq!((header.remove("BCC"), header.remove("BCC"), header.len()), (2, 0, 2));
        assert_eq!(header.remove_where(|field| field.text() == "3"), 1);
        assert_eq!(header.first("a").unwrap().text(), "1");
        Ok(())
    });
    assert_eq!(after, "A: 1\r\n\r\nBcc: body");
}

#[test]
fn a_mail_without_header_or_empty_line_stays_in_order() {
    let table = [
        ("no header", "X: y\r\n\r\nno header"),
        (" folded: nothing\r\n", "X: y\r\n\r\n folded: nothing\r\n"),
        ("\r\nbody", "X: y\r\n\r\nbody"),
        ("", "X: y\r\n"),
        ("A: b", "A: b\r\nX: y\r\n"),
        ("A: b\r\nno field\r\n", "A: b\r\nX: y\r\nno field\r\n"),
    ];
    for (before, after) in table {
        assert_eq!(edited(before, |header| header.append("X", "y")), after, "{before:?}");
    }
    assert_eq!(
        edited("A: b\r\n\r\nbody", |header| {
            header.remove("A");
            Ok(())
        }),
        "\r\nbody"
    );
    assert_eq!(edited("A: b", |header| header.add("X", "y")), "X: y\r\nA: b");
}

#[test]
fn what_is_not_touched_stays_the_memory_that_it_was() {
    let mut content = Content::new("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\nbody");
    content.prepend("R: x\r\n");
    let (trace, mail) = (memory(&content)[0].0, memory(&content)[1].0);
    content.edit_header(|header| header.change("B", 0, "new").map(drop)).unwrap();
    let after = memory(&content);
    assert_eq!((after[0], after[1]), ((trace, 6), (mail, 6)));
    assert_eq!(after[3], (mail.wrapping_add(12), 18), "fields and body are one slice");
    assert_eq!(after.len(), 4);
}

#[test]
fn an_edit_that_changes_nothing_or_fails_leaves_the_very_pieces() {
    let mut content = Content::new("A: 1\r\n b\r\n\r\nbody");
    content.prepend("R: x\r\n\ty");
    let (pieces, before) = (memory(&content), octets(&content));
    content.edit_header(|header| Ok(header.remove("Bcc"))).unwrap();
    let refused = content.edit_header(|header| {
        header.remove("A");
        header.add("Bad name", "x")
    });
    assert!(matches!(refused, Err(HeaderError::Name(_))));
    HeaderEditor::of(&mut content).unwrap().apply();
    assert_eq!((memory(&content), octets(&content)), (pieces, before));
}

#[test]
fn a_header_that_goes_on_in_a_side_file_is_edited_too() {
    let mut content = Content::from_pieces(vec![Piece::Memory("A: 1\r\nB".into()), side(b": 2\r\nC: 3\r\n\r\nbody")]);
    content.edit_header(|header| header.change("C", 0, "x").map(drop)).unwrap();
    assert_eq!(octets(&content), b"A: 1\r\nB: 2\r\nC: x\r\n\r\nbody");
    assert!(matches!(&content.pieces()[3], Piece::Side(_, range) if *range == (11..17)));
    let endless = format!("A: {}", "x".repeat(MAX_HEADER));
    let mut content = Content::from_pieces(vec![side(endless.as_bytes())]);
    assert!(matches!(HeaderEditor::of(&mut content), Err(HeaderError::Read(_))));
}

#[test]
fn what_is_no_field_is_refused_with_its_reason() {
    let refused = |name: &str, value: &str| {
        let mut content = Content::new("A: b\r\n\r\n");
        content.edit_header(|header| header.add(name, value)).unwrap_err().to_string()
    };
    for name in ["", "a b", "a:", "ä", "a\r\nB"] {
        assert!(refused(name, "x").contains("is no name of a field"), "{name:?}");
    }
    assert!(refused(&"n".repeat(77), "x").contains("more than 76"));
    assert!(refused("A", "a\r\nBcc: x").contains("NUL at 1"));
    assert!(refused("A", "a\0").contains("NUL at 1") && refused("A", "\n").contains("NUL at 0"));
    assert!(refused("A", &"x ".repeat(40_000)).contains("more than 65536"));
    assert!(refused("A", &"x".repeat(998)).contains("without a blank"));
    let mut content = Content::new("A: b\r\n\r\n");
    let mut editor = HeaderEditor::of(&mut content).unwrap();
    let long = "x ".repeat(30_000);
    let refusals = (0..20).filter(|_| editor.add("A", &long).is_err()).count();
    let written: usize = editor.fields().map(|field| field.octets().len()).sum();
    assert!(refusals > 0 && written <= MAX_HEADER);
}

#[test]
fn long_values_are_folded_at_blanks_and_unfold_to_what_they_were() {
    let value = "word  and\tanother, ".repeat(30);
    let mut content = Content::new("\r\nbody");
    content.edit_header(|header| header.add("Subject", &value)).unwrap();
    let header = content.header(10_000).unwrap();
    assert!(header.split(|octet| *octet == b'\n').all(|line| line.len() <= 79));
    assert_eq!(fields(&header).next().unwrap().text(), value.trim());
}

#[test]
fn text_beyond_ascii_becomes_encoded_words_unless_the_mail_is_smtputf8() {
    let table = [
        ("From", "Jörg Müller <j@x.org>", "From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <j@x.org>\r\n"),
        ("Subject", "[team] Grüße an alle", "Subject: [team] =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alle\r\n"),
        ("Subject", "例え", "Subject: =?utf-8?B?5L6L44GI?=\r\n"),
    ];
    for (name, value, written) in table {
        let field = |utf8: bool| {
            let mut content = Content::new("\r\n");
            content.edit_header(|header| header.utf8(utf8).add(name, value)).unwrap();
            String::from_utf8(content.header(1000).unwrap().to_vec()).unwrap()
        };
        assert_eq!(field(false), written);
        assert_eq!(field(true), format!("{name}: {value}\r\n"));
    }
}

/// What an edit is, and what it does to a list of fields.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize),
    Change(&'static str, usize),
    Remove(&'static str),
}

impl Edit {
    fn run(&self, header: &mut HeaderEditor<'_>) {
        match self {
            Edit::Insert(index) => header.insert(*index, "New", "n").unwrap(),
            Edit::Change(name, nth) => drop(header.change(name, *nth, "c").unwrap()),
            Edit::Remove(name) => drop(header.remove(name)),
        }
    }

    fn model(&self, fields: &mut Vec<Vec<u8>>) {
        let is = |field: &[u8], name: &str| field.starts_with(format!("{name}:").as_bytes());
        match self {
            Edit::Insert(index) => fields.insert((*index).min(fields.len()), b"New: n\r\n".to_vec()),
            Edit::Change(name, nth) => {
                if let Some(field) = fields.iter_mut().filter(|field| is(field, name)).nth(*nth) {
                    *field = format!("{name}: c\r\n").into_bytes();
                }
            }
            Edit::Remove(name) => fields.retain(|field| !is(field, name)),
        }
    }
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let name = prop::sample::select(vec!["A", "B", "New"]);
    let edit = prop_oneof![
        (0usize..9).prop_map(Edit::Insert),
        (name.clone(), 0usize..3).prop_map(|(name, nth)| Edit::Change(name, nth)),
        name.prop_map(Edit::Remove),
    ];
    prop::collection::vec(edit, 0..5)
}

proptest! {
    #[test]
    fn whatever_is_edited_the_rest_comes_out_as_it_came_in(
        fields in prop::collection::vec("(A|B|C)\\: ?[a-z:]{0,6}\r\n([ \t][a-z:]{0,4}\r\n){0,2}", 1..7),
        body in "(\r\n[A: \r\nx]{0,20})?",
        cuts in prop::collection::vec((0usize..12, any::<bool>()), 0..6),
        edits in edits(),
    ) {
        let whole = Bytes::from(fields.concat() + &body);
        let (mut content, mut from) = (Content::default(), 0);
        for (length, in_memory) in cuts.into_iter().chain([(usize::MAX, true)]) {
            let to = from + length.min(whole.len() - from);
            content.push(if in_memory { Piece::Memory(whole.slice(from..to)) } else { side(&whole[from..to]) });
            from = to;
        }
        let before = memory(&content);
        let body_piece = content.pieces().last().cloned();
        let mut expected: Vec<Vec<u8>> = fields.iter().map(|field| field.clone().into_bytes()).collect();
        content.edit_header(|header| { edits.iter().for_each(|edit| edit.run(header)); Ok(()) }).unwrap();
        edits.iter().for_each(|edit| edit.model(&mut expected));
        let expected = [expected.concat(), body.clone().into_bytes()].concat();
        prop_assert_eq!(octets(&content), expected);
        if edits.is_empty() {
            prop_assert_eq!(memory(&content), before);
        }
        if let (Some(Piece::Memory(old)), Some(Piece::Memory(new))) = (body_piece, content.pieces().last()) {
            let end = |octets: &Bytes| octets.as_ptr().wrapping_add(octets.len());
            let is_body = old.len() >= body.len() && body.len() > 2;
            prop_assert!(!is_body || end(&old) == end(new));
        }
    }

    #[test]
    fn any_text_is_read_back_as_it_was_written(value in "[a-z ]{0,30}|([a-z]{1,9} |[ä-üあ-ん=?_<\"]{1,30} ){0,30}") {
        let mut content = Content::new("\r\n");
        content.edit_header(|header| header.add("Subject", &value)).unwrap();
        let all = octets(&content);
        prop_assert!(all.is_ascii());
        for line in all.split(|octet| *octet == b'\n') {
            prop_assert!(line.len() <= 79 && (line.len() <= 77 || !line.windows(8).any(|part| part == b"=?utf-8?")));
        }
        let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let read = MessageParser::new().parse(&all).unwrap().subject().unwrap_or("").to_owned();
        prop_assert_eq!(normal(&read), normal(&value));
    }

    #[test]
    fn no_name_or_value_makes_more_than_one_field(name in "\\PC{0,8}|[A-Za-z: \r\n-]{0,8}", value in "\\PC{0,40}|[ -~\t\r\n]{0,90}") {
        let mut content = Content::new("Z: z\r\n\r\n");
        if content.edit_header(|header| header.add(&name, &value)).is_ok() {
            let header = content.header(10_000).unwrap();
            let names: Vec<&[u8]> = fields(&header).map(|field| field.name()).collect();
            prop_assert_eq!(names, [name.as_bytes(), b"Z"]);
        }
    }
}
