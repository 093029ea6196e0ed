//! Bodies that were put into RTF come out as they were, and the RTF stays behind.

use crate::{
    rtf::compressed::{compress, Compression},
    tnef::{mime::Part, tags::tag, to_mime, Message, Property, Value},
    Limits,
};

fn tree(rtf: &[u8], text: Option<&str>) -> Part<'static> {
    let octets = compress(rtf, Compression::Lzfu);
    let mut properties = vec![Property::new(tag::RTF_COMPRESSED, Value::Binary(octets.into()))];
    properties.extend(text.map(|text| Property::new(tag::BODY, Value::text(text))));
    let stream = Message { properties, ..Message::default() }.to_octets();
    let tree = to_mime(&stream, Limits::default()).unwrap();
    assert!(tree.flaws.is_empty(), "{:?}", tree.flaws);
    tree.output.into_owned()
}

#[test]
fn html_that_was_put_into_rtf_is_the_body() {
    let rtf =
        br"{\rtf1\ansi\fromhtml1{\*\htmltag <p>}\htmlrtf{\b \htmlrtf0 Gr\'fc\'dfe\htmlrtf}\htmlrtf0{\*\htmltag </p>}}";
    for (text, expected) in [(None, "Grüße\n"), (Some("Hello"), "Hello")] {
        let both = tree(rtf, text);
        assert_eq!(both.media_type, "multipart/alternative");
        assert_eq!(both.parts()[0].octets(), Some(expected.as_bytes()));
        let page = &both.parts()[1];
        assert_eq!(
            (&*page.media_type, page.parameters.as_slice()),
            ("text/html", &[("charset", "utf-8".to_owned())][..])
        );
        assert_eq!(page.octets(), Some("<p>Grüße</p>".as_bytes()));
    }
}

#[test]
fn text_that_was_put_into_rtf_is_the_body() {
    let alone = tree(br"{\rtf1\ansi\fromtext{\fonttbl{\f0 Courier;}}\f0 Hello\par Ann}", None);
    assert_eq!(alone.media_type, "text/plain");
    assert_eq!(alone.octets(), Some(b"Hello\r\nAnn".as_slice()));
}
