//! `postrider convert`: RTF, compressed RTF, HTML, text, TNEF and mails, each made of the others as far as that makes sense.
//!
//! Rule: what is wrong with the input is said on standard error, and what can be read of it is written, unless `--strict` says otherwise.

mod arguments;
pub mod input;
mod made;
mod output;
pub mod whole;

use std::io::{self, Write};

use postrider::convert::{Charset, ConvertError, Flaws, Limits};

use self::{
    arguments::{name, From, To},
    made::Making,
};
pub use self::{
    arguments::{Bounds, Convert},
    made::Made,
};
use crate::{
    exit,
    failure::{Done, Failure},
    page::{self, counted},
};

/// Steps of a conversion. Whoever calls the command waits for this one file, so it is more than an engine would allow that serves many:
/// enough for the largest input, and so much that hostile input ends.
const MOST_STEPS: u64 = 1 << 36;

/// `postrider convert ...`
pub fn convert(how: &Convert) -> Done {
    let charset = how.charset()?;
    let file = input::name(how.file.as_deref());
    // What is known to be wrong is said before anything is read.
    how.from.map_or(Ok(()), |from| how.fits(from))?;
    let octets = input::octets(how.file.as_deref())?;
    let named = || how.file.as_deref().and_then(input::named);
    let from = how.from.or_else(|| input::form(&octets)).or_else(named).ok_or_else(|| unknown(&file, &octets))?;
    how.fits(from)?;
    let making = Making {
        to: how.to,
        limits: how.bounds.limits(),
        charset,
        wrap: how.wrap.map(|columns| (columns > 0).then_some(columns)),
        is_drawn: how.drawn,
    };
    let made = making.make(from, &octets).map_err(|error| match error {
        ConvertError::NotThis { .. } if octets.is_empty() => empty(&file),
        error => failed(&file, &error),
    })?;
    how.bounds.tell(&file, &made.flaws)?;
    made.notes.iter().for_each(|note| say(&format!("{file}: {}", page::told(note))));
    how.put(made, &file)
}

/// Nobody knows what these octets are.
fn unknown(file: &str, octets: &[u8]) -> Failure {
    if octets.is_empty() {
        return empty(file);
    }
    let text = format!(
        "{file}: neither its first octets nor its name say what it is: say --from rtf, compressed-rtf, html, text, tnef or mime"
    );
    Failure::new(exit::USAGE, text)
}

/// There is nothing in it.
pub fn empty(file: &str) -> Failure {
    Failure::new(exit::DATA, format_args!("{file}: it is empty: give another file"))
}

impl Convert {
    fn put(&self, made: Made, file: &str) -> Done {
        if let Some(path) = self.output.as_ref().filter(|path| !output::is_standard_output(path)) {
            return output::write(made, path);
        }
        if !made.pictures.is_empty() {
            let pictures = counted(made.pictures.len(), "picture");
            say(&format!("{file}: {pictures} left out: name a file with -o, and they are put beside it"));
        }
        output::print(&made.octets)
    }

    fn charset(&self) -> Result<Option<Charset>, Failure> {
        let Some(name) = &self.charset else { return Ok(None) };
        let known = || {
            let text = format!(
                "--charset {}: no such character set is known: write one as utf-8, windows-1252 or koi8-r",
                page::told(name)
            );
            Failure::new(exit::USAGE, text)
        };
        Charset::of_name(name).ok_or_else(known).map(Some)
    }

    /// Something of it is drawn, or can be.
    fn can_be_drawn(&self, from: From) -> bool {
        let makes_rtf = matches!(self.to, To::Rtf | To::CompressedRtf);
        matches!(from, From::Rtf | From::CompressedRtf) || (from == From::Html && makes_rtf)
    }

    /// This can be made of that, and every option is about it.
    fn fits(&self, from: From) -> Done {
        let known = made::of(from, self.wrap.is_some());
        let wrong = if !known.contains(&self.to) {
            let known: Vec<String> = known.iter().map(name).collect();
            let more = match from {
                From::Tnef => "; its files are written by: postrider tnef extract",
                From::Text if self.to == To::Text => "; or --wrap COLUMNS, for text in lines of that width",
                _ => "",
            };
            format!("no {} is made of {}: say --to {}{more}", name(&self.to), name(&from), known.join(" or "))
        } else if self.wrap.is_some() && self.to != To::Text {
            "--wrap is for --to text".into()
        } else if self.charset.is_some() && !matches!(from, From::Html | From::Text) {
            format!("--charset is for html and text: {} says itself what its characters are", name(&from))
        } else if self.drawn && !self.can_be_drawn(from) {
            "--drawn is for rtf and compressed-rtf, and for the rtf of html".into()
        } else {
            return Ok(());
        };
        Err(Failure::new(exit::USAGE, wrong))
    }
}

impl Bounds {
    /// The limits of the library.
    pub fn limits(&self) -> Limits {
        Limits::default().with_output(self.max_output).with_work(MOST_STEPS)
    }

    /// Says what was wrong with the input. That is a failure where it was to be.
    pub fn tell(&self, file: &str, flaws: &Flaws) -> Done {
        flaws.iter().for_each(|flaw| say(&format!("{file}: {}", page::told(&flaw.to_string()))));
        let more = flaws.count() - flaws.iter().count();
        if more > 0 {
            say(&format!("{file}: and {} more", counted(more, "flaw")));
        }
        if flaws.is_empty() || !self.strict {
            return Ok(());
        }
        let text = format!(
            "{file}: {}, so nothing was written; without --strict what can be read is",
            counted(flaws.count(), "flaw")
        );
        Err(Failure::new(exit::DATA, text))
    }
}

/// Why there is no result, and what to do.
pub fn failed(file: &str, error: &ConvertError) -> Failure {
    let text = match error {
        ConvertError::TooLarge { most } => {
            format!(
                "the result, with the steps between, has more than {most} octets: allow more with --max-output SIZE"
            )
        }
        ConvertError::NotThis { .. } => format!("{error}: say with --from what it is, or give another file"),
        error => format!("{error}"),
    };
    Failure::new(exit::DATA, format_args!("{file}: {text}"))
}

/// A line on standard error. Who does not listen hears nothing.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "postrider: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_input_has_steps_enough_and_who_allows_no_more_is_told_what_counts() {
        let limits = Bounds { max_output: 5, strict: false }.limits();
        assert_eq!(limits.output, 5);
        assert!(limits.work / postrider::rules::MAX_MAIL >= 64, "of an octet in base64 a mail takes a dozen");
        let text = failed("a.eml", &ConvertError::TooLarge { most: 5 }).text;
        assert!(text.contains("with the steps between, has more than 5 octets"), "{text}");
    }
}
