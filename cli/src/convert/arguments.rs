//! What `postrider convert` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What is converted, and how.
#[derive(Args, Debug)]
pub struct Convert {
    /// What the input is; without it its first octets say so, else the end of the name of the file
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<From>,
    /// What to make of it
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: To,
    /// The file; without it, and for -, standard input
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write into this file, and pictures of a page into files beside it; without it, and for -, to standard output, and pictures are
    /// left out. What is there is replaced when all of the new file is there
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The character set of text or HTML, as utf-8 or windows-1252; a byte order mark goes before it
    #[arg(long, value_name = "NAME")]
    pub charset: Option<String>,
    /// Make text in lines of so many columns; 0: a paragraph is one line. Without it 78 for what was HTML, and other lines stay
    #[arg(long, value_name = "COLUMNS")]
    pub wrap: Option<usize>,
    /// Convert what the RTF shows, also where it holds the HTML or text that it was made of. Of HTML: make RTF that looks like the
    /// page (fonts, colours, lists, tables), and does not hold it
    #[arg(long)]
    pub drawn: bool,
    /// How much it may take.
    #[command(flatten)]
    pub bounds: Bounds,
}

/// How much a conversion may take, and what is taken for a failure.
#[derive(Args, Clone, Debug)]
pub struct Bounds {
    /// Make no more than this, in octets or with a unit (KiB, MiB, GiB)
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub max_output: usize,
    /// Where something is wrong with the input, write nothing, and end with 65
    #[arg(long)]
    pub strict: bool,
}

/// What can be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// Rich Text Format
    Rtf,
    /// What Outlook and Exchange keep of it (PidTagRtfCompressed)
    CompressedRtf,
    /// A page
    Html,
    /// Plain text
    Text,
    /// winmail.dat
    Tnef,
    /// A mail with its parts: its text is that of its body, and as a mail it has what its winmail.dat holds
    #[value(alias = "eml")]
    Mime,
}

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// Rich Text Format
    Rtf,
    /// What Outlook and Exchange keep of it (PidTagRtfCompressed)
    CompressedRtf,
    /// A page, in UTF-8
    Html,
    /// Plain text, in UTF-8
    Text,
    /// A mail with its parts
    #[value(alias = "eml")]
    Mime,
}

/// A format as the command line has it.
pub fn name(of: &impl ValueEnum) -> String {
    of.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn size(text: &str) -> Result<usize, &'static str> {
    const REMEDY: &str = "write octets, or a number with its unit, as 64MiB";
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(REMEDY),
    };
    number.parse::<usize>().ok().and_then(|number| number.checked_mul(1 << shift)).ok_or(REMEDY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_octets_or_has_its_unit() {
        let table = [("100", Some(100)), ("2KiB", Some(2048)), ("3 MiB", Some(3 << 20)), ("1GiB", Some(1 << 30))];
        let none = ["", "MiB", "1kB", "-1", "1.5MiB", "99999999999999999999", "99999999999999999GiB"];
        for (text, expected) in table.into_iter().chain(none.map(|text| (text, None))) {
            assert_eq!(size(text).ok(), expected, "{text}");
        }
    }
}
