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

pub use self::arguments::{Bounds, Convert};
use self::{
    arguments::{name, From, To},
    made::{Made, Making},
};
use crate::{
    exit,
    failure::{Done, Failure},
    page::{self, counted},
};

/// `postrider convert ...`
pub fn convert(how: &Convert) -> Done {
    let charset = how.charset()?;
    let file = input::name(how.file.as_deref());
    // What is known to be wrong is said before anything is read.
    how.from.map_or(Ok(()), |from| how.fits(from))?;
    let octets = input::octets(how.file.as_deref())?;
    let from = match how.from.or_else(|| input::form(&octets)) {
        Some(from) => from,
        None => {
            let text = format!(
                "{file}: its first octets do not say what it is: say --from rtf, compressed-rtf, html, text, tnef or mime"
            );
            return Err(Failure::new(exit::USAGE, text));
        }
    };
    how.fits(from)?;
    let making = Making {
        to: how.to,
        limits: how.bounds.limits(),
        charset,
        wrap: how.wrap.map(|columns| (columns > 0).then_some(columns)),
        is_drawn: how.drawn,
    };
    let made = making.make(from, &octets).map_err(|error| failed(&file, &error))?;
    how.bounds.tell(&file, &made.flaws)?;
    made.notes.iter().for_each(|note| say(&format!("{file}: {}", page::told(note))));
    how.put(made, &file)
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
            let more = if from == From::Tnef { "; its files are written by: postrider tnef extract" } else { "" };
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
        Limits::default().with_output(self.max_output)
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
            format!("the result has more than {most} octets: allow more with --max-output SIZE")
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
