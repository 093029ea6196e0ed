//! RTF: what LibreOffice and unrtf read in ours, and what we read in LibreOffice's.
//!
//! Rule: words and what stands before items are compared, one after the other; white space is not, as each program has its own.

use postrider_convert::{
    html::{self, InlinePart, Page},
    rtf, Limits,
};

use crate::programs::{libreoffice, unrtf};

const RTF: &str = "Rich Text Format";
const TEXT: &str = "txt:Text (encoded):UTF8";
const HTML: &str = "HTML (StarWriter)";

/// Pages, and what of them the programs are to see.
const PAGES: [&str; 7] = [
    "<p>Gr\u{fc}\u{df}e, <b>Ann</b> &amp; <i>Bob</i>: {a} \\ \u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} \u{65e5}\u{672c} \u{1f600}.<p>x<sup>2</sup> H<sub>2</sub>O<br>end",
    "<h1>Title</h1><blockquote>said <u>so</u><blockquote>before</blockquote></blockquote><hr><pre>a  b\n  c</pre>",
    "<ul><li>one<li>two<ol><li>x<li>y<ol type=a><li>deep</ol></ol><li>three</ul><ol start=4><li>four<li>five</ol><p>between<ol><li>again<li value=9>nine</ol>",
    "<ol type=A><li>a<li>b</ol><ol type=i><li>a<li>b</ol><ol type=I start=9><li>c</ol>",
    "<table border=1><tr><th>h1<th>h2<tr><td>a<td>b<br>b2<tr><td colspan=2>wide</table><table><tr><td>out<table><tr><td>1<td>2</table><td>more</table>after",
    "see <a href='https://a.example/?x=1&amp;y=2'>our page</a>, <span style='color:#ff0000;background:#ffff00;font:bold 20px Georgia, serif'>red</span> <s>gone</s><span style='display:none'>hidden</span>",
    "<div align=right>right</div><div style='margin-left:2em;text-indent:-1em'>moved</div><p>picture: <img src='cid:p' width=40> done</p>",
];

fn page(html: &str) -> Page {
    let octets = include_bytes!("../fixtures/picture.png").to_vec();
    Page { html: html.into(), parts: vec![InlinePart { content_id: "p".into(), media_type: "image/png", octets }] }
}

fn documents() -> Vec<Vec<u8>> {
    let limits = Limits::default();
    let made = PAGES.iter().map(|html| rtf::from_html(&page(html), limits).unwrap().output);
    let held = rtf::encapsulate_html(PAGES[0], limits).unwrap();
    let plain = rtf::from_text("Gr\u{fc}\u{df}e,\n\n\tit {costs} 5 \u{20ac} \\ \u{1f600}\n-- \nAnn", limits).unwrap();
    made.chain([held, plain]).collect()
}

/// The words of a text, without where its links lead.
fn words(text: &str) -> Vec<String> {
    let mut pieces = text.trim_start_matches('\u{feff}').split(" <http");
    let first = pieces.next().unwrap().to_owned();
    let text = pieces.fold(first, |text, piece| text + piece.split_once('>').unwrap().1);
    text.split_whitespace().map(str::to_owned).collect()
}

/// The words of a page, with bullets as documents have them, and without what only text draws.
fn words_of(page: &str) -> Vec<String> {
    let options = html::TextOptions::default().with_footnotes(false);
    let said = html::to_text(page, options, Limits::default()).unwrap().output;
    let is_drawn = |word: &String| word.chars().all(|one| matches!(one, '=' | '-' | '>')) && word != "--";
    let bullet = |word: String| if word == "*" { "\u{2022}".to_owned() } else { word };
    words(&said).into_iter().filter(|word| !is_drawn(word)).map(bullet).collect()
}

fn ours(rtf: &[u8]) -> String {
    let converted = rtf::to_text(rtf, Limits::default()).unwrap();
    assert!(converted.flaws.is_empty(), "{:?}", converted.flaws);
    converted.output
}

fn utf8(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// White space as one blank.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
#[ignore = "needs LibreOffice; .ci/run runs it"]
fn libreoffice_reads_in_our_documents_what_we_read_and_counts_as_we_do() {
    let documents = documents();
    for (rtf, theirs) in documents.iter().zip(libreoffice(&documents, "rtf", RTF, TEXT)) {
        assert_eq!(words(&utf8(&theirs)), words(&ours(rtf)), "{}", utf8(rtf));
    }
}

#[test]
#[ignore = "needs LibreOffice; .ci/run runs it"]
fn libreoffice_sees_a_paragraph_for_each_block_of_a_page_that_is_held() {
    let blocks = "<html><body><dl><dt>T<dd>D<dt>U<dd>E</dl><p>one<p>two<h2>h</h2>x<div>d</div>y<hr>z<pre>a\nb</pre>";
    let lists = "<ul><li>one<li>two<ul><li>deep</ul></ul><ol><li>first<li><a href='https://a.example/'>second</a></ol>";
    let table = "<table><tr><td>a<td>b</table><p>x<br></p>\n<p>y";
    let held = rtf::encapsulate_html(&[blocks, lists, table].concat(), Limits::default()).unwrap();
    let expected = "T,D,U,E,one,two,h,x,d,y,z,a,b,\u{2022} one,\u{2022} two,\u{2022} deep,1. first,2. second,a\tb,x,y";
    let text = utf8(&libreoffice(&[held], "rtf", RTF, TEXT)[0]).replace('\u{a0}', " ");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    assert_eq!(lines, expected.split(',').collect::<Vec<_>>());
}

#[test]
#[ignore = "needs LibreOffice; .ci/run runs it"]
fn libreoffice_sees_the_look_of_our_documents() {
    let looks: [&[&str]; 7] = [
        &["<b>Ann</b>", "<i>Bob</i>", "<sup><font face=\"Arial, serif\">2</font></sup>", "<sub>", "<br/> end"],
        &["24pt\"><b>Title</b>", "<u>so</u>", "margin-left: 0.5in", "margin-left: 1in", "border-bottom: 1px solid", "Courier New"],
        &["<ul> <li>", "<ol type=\"a\">", "<ol start=\"4\">", "<ol start=\"9\">"],
        &["<ol type=\"A\">", "<ol type=\"i\">", "<ol type=\"I\" start=\"9\">"],
        &["<td colspan=\"2\"", "border: 1px solid #000000", "<p align=\"center\">", "<b>h2</b>"],
        &[
            "<a href=\"https://a.example/?x=1&amp;y=2\"><font color=\"#0563c1\">",
            "<u>our page</u>",
            "<font color=\"#ff0000\"><font face=\"Georgia, serif\"><font size=\"4\" style=\"font-size: 15pt\"><b><span style=\"background: #ffff00\">red",
            "<strike><font face=\"Arial, serif\">gone</font></strike>",
        ],
        &["<p align=\"right\"", "margin-left: 0.33in; text-indent: -0.17in", ".png\"", "width=\"40\" height=\"20\""],
    ];
    let pages = libreoffice(&documents(), "rtf", RTF, "html:HTML (StarWriter)");
    for (page, looks) in pages.iter().zip(looks) {
        let page = flat(&utf8(page));
        for look in looks {
            assert!(page.contains(look), "{look}: {page}");
        }
    }
    assert_eq!(pages[4].windows(3).filter(|tag| tag == b"<td").count(), 7);
}

#[test]
#[ignore = "needs LibreOffice; .ci/run runs it"]
fn we_read_in_documents_of_libreoffice_what_their_pages_say() {
    // LibreOffice shows what stands in a line and is hidden (`display:none`).
    let whole = |html: &&str| format!("<!DOCTYPE html><meta charset=utf-8><body>{}", html.replace("hidden", ""));
    let pages: Vec<String> = PAGES.iter().map(whole).collect();
    let documents: Vec<_> = pages.iter().map(|page| page.clone().into_bytes()).collect();
    for (page, theirs) in pages.iter().zip(libreoffice(&documents, "html", HTML, "rtf:Rich Text Format")) {
        assert_eq!(words(&ours(&theirs)), words_of(page), "{}", utf8(&theirs));
        let again = rtf::to_html(&theirs, Limits::default()).unwrap();
        assert!(again.flaws.is_empty(), "{:?}", again.flaws);
        // Lists of a page that was RTF have numbers, and no letters.
        if !page.contains("<ol type") {
            assert_eq!(words_of(&again.output.html), words_of(page), "{}", again.output.html);
        }
    }
}

#[test]
#[ignore = "needs unrtf; .ci/run runs it"]
fn unrtf_reads_in_our_documents_what_we_read() {
    for rtf in documents() {
        let page = unrtf(&rtf);
        // It takes each half of a character beyond U+FFFF for one, and says "hyperlink" for the text of a link.
        let ours = ours(&rtf).replace('\u{1f600}', "\u{fffd}\u{fffd}").replace("our page", "hyperlink");
        assert_eq!(words_of(&page), words(&ours), "{page}");
    }
}
