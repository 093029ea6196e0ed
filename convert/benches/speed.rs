//! How fast each conversion is: `cargo bench -p postrider-convert --bench speed`. Octets of the input in a second, the best of five.
//!
//! Rule: inputs are made here, so that everybody measures the same.

#![allow(clippy::expect_used)] // its own inputs are good

use std::{hint::black_box, time::Instant};

use postrider_convert::{
    html,
    rtf::{self, compressed},
    Limits,
};

/// Octets of an input.
const SIZE: usize = 8 << 20;
const ROUNDS: usize = 5;

fn measure(name: &str, input: usize, mut run: impl FnMut() -> usize) {
    let (mut best, mut output) = (f64::MAX, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        output = black_box(run());
        best = best.min(begun.elapsed().as_secs_f64());
    }
    let rate = input as f64 / best / 1e6;
    println!(
        "{name:<28} {:>8.1} MB in {:>8.1} MB out {:>8.2} ms {rate:>8.0} MB/s",
        input as f64 / 1e6,
        output as f64 / 1e6,
        best * 1e3
    );
}

/// A letter as Outlook writes it, again and again.
fn letter() -> Vec<u8> {
    let head = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}{\\f1\\froman Times;}}{\\colortbl;\\red0\\green0\\blue255;}\\fs22 ";
    let paragraph = "\\pard\\plain\\f0\\fs22 Dear Ann,\\par it was a pleasure to meet you in {\\b Gr\\'fcnwald} last week; {\\i as promised} here are the figures for the third quarter\\u8230?\\par {\\field{\\*\\fldinst HYPERLINK \"https://example.org/figures\"}{\\fldrslt\\ul\\cf1 the figures}}\\par The rest of this paragraph is plain text without anything in it, as most of a letter is, and it goes on for a while so that there is something to read.\\par\r\n";
    [head, &paragraph.repeat(SIZE / paragraph.len()), "}"].concat().into_bytes()
}

fn page() -> String {
    let row = "<tr><td style=\"padding:4px\"><b>Gr\u{fc}nwald</b></td><td>&nbsp;1,234&nbsp;&euro;</td></tr>\r\n<p class=MsoNormal>The rest of this paragraph is plain text, as most of a letter is; <a href=\"https://example.org/\">here</a> is more.</p>\r\n";
    format!("<html><head><title>t</title></head><body>{}</body></html>", row.repeat(SIZE / row.len()))
}

fn main() {
    let limits = Limits::default().with_output(1 << 30);
    let (rtf, html) = (letter(), page());
    let packed = compressed::compress(&rtf, compressed::Compression::Lzfu);
    let holder = rtf::encapsulate_html(&html, limits).expect("it is within the limits");
    measure("RTF to text", rtf.len(), || rtf::to_text(&rtf, limits).map_or(0, |text| text.output.len()));
    measure("RTF to HTML", rtf.len(), || rtf::to_html(&rtf, limits).map_or(0, |page| page.output.html.len()));
    measure("LZFu to RTF, by output", rtf.len(), || {
        compressed::decompress(&packed, limits).map_or(0, |rtf| rtf.output.len())
    });
    measure("RTF to LZFu", rtf.len(), || compressed::compress(&rtf, compressed::Compression::Lzfu).len());
    let shown = html::Page { html: html.clone(), parts: Vec::new() };
    measure("HTML to RTF", html.len(), || rtf::from_html(&shown, limits).map_or(0, |rtf| rtf.output.len()));
    measure("HTML to text", html.len(), || {
        html::to_text(&html, html::TextOptions::default(), limits).map_or(0, |text| text.output.len())
    });
    measure("HTML into RTF", html.len(), || rtf::encapsulate_html(&html, limits).map_or(0, |rtf| rtf.len()));
    measure("HTML out of RTF", holder.len(), || {
        rtf::original(&holder, limits).map_or(0, |html| match html.output {
            Some(rtf::Original::Html(html)) => html.len(),
            _ => 0,
        })
    });
}
