//! The streams in what was given: it is one, or it is a mail in which there are some.
//!
//! Rule: of a mail all of them are looked at, in its order, whatever is signed. One that cannot be read is a flaw, as long as another
//! can be.

use std::borrow::Cow;

use postrider::convert::{
    mail::tnef_parts,
    tnef::{self, mime::Part},
    ConvertError, Converted, Flaws, Limits, Trouble,
};

use crate::{
    convert::{self, input, whole, Made},
    exit,
    failure::Failure,
};

/// What people are told to give.
const REMEDY: &str = "give a winmail.dat, or a mail that has one";

/// One stream.
pub struct Stream<'i> {
    pub octets: Cow<'i, [u8]>,
    /// The name that it has in its mail.
    pub name: Option<String>,
    /// Where it stands.
    at: usize,
}

/// All streams of an input.
pub struct Streams<'i> {
    pub all: Vec<Stream<'i>>,
    /// What is wrong with the mail around them.
    pub flaws: Flaws,
    /// How much each of them may take.
    pub limits: Limits,
    file: String,
}

impl<'i> Streams<'i> {
    /// Those in these octets, of which there is one at least.
    pub fn find(file: &str, octets: &'i [u8], limits: Limits) -> Result<Self, Failure> {
        let of = |all, flaws, limits| Streams { all, flaws, limits, file: file.to_owned() };
        if octets.is_empty() {
            return Err(convert::empty(file));
        }
        if input::is_tnef(octets) {
            let one = Stream { octets: octets.into(), name: None, at: 0 };
            return Ok(of(vec![one], Flaws::default(), limits));
        }
        // What stands before the header of a mail is nothing here, so nothing is said of it.
        let mail = whole::read(octets, limits, &mut Made::default()).map_err(|error| match error {
            ConvertError::NotThis { .. } => none(file, "this is no TNEF, and no mail"),
            error => failed(file, &error),
        })?;
        let Converted { output, flaws } = tnef_parts(mail, limits).map_err(|error| failed(file, &error))?;
        if output.is_empty() {
            return Err(none(file, "it is no TNEF, and read as a mail it has none"));
        }
        // The same steps for the whole of them.
        let limits = limits.with_work(limits.work / output.len() as u64);
        let stream =
            |part: postrider::convert::mail::TnefPart<'i>| Stream { octets: part.octets, name: part.name, at: part.at };
        Ok(of(output.into_iter().map(stream).collect(), flaws, limits))
    }

    /// What `read` makes of each, with its place. One that is none is left out, with a flaw, unless all are none.
    pub fn each<'s, T>(
        &'s self,
        flaws: &mut Flaws,
        mut read: impl FnMut(&'s Stream<'i>) -> Result<T, ConvertError>,
    ) -> Result<Vec<T>, Failure> {
        let (mut made, mut unread) = (Vec::new(), None);
        for stream in &self.all {
            match read(stream) {
                Ok(one) => made.push(one),
                Err(error @ ConvertError::NotThis { .. }) => {
                    flaws.note(Trouble::Malformed, stream.at, "TNEF");
                    unread.get_or_insert(error);
                }
                Err(error) => return Err(failed(&self.file, &error)),
            }
        }
        match unread {
            Some(error) if made.is_empty() => Err(failed(&self.file, &error)),
            _ => Ok(made),
        }
    }

    /// The mail that each of them is.
    pub fn trees(&self, flaws: &mut Flaws) -> Result<Vec<Part<'_>>, Failure> {
        let mut found = Flaws::default();
        let trees = self.each(flaws, |stream| {
            let tree = tnef::to_mime(&stream.octets, self.limits)?;
            found.extend(tree.flaws);
            Ok(tree.output)
        });
        flaws.extend(found);
        trees
    }
}

fn none(file: &str, what: &str) -> Failure {
    Failure::new(exit::DATA, format_args!("{file}: {what}: {REMEDY}"))
}

/// Why there is nothing to be seen, and what to do.
pub fn failed(file: &str, error: &ConvertError) -> Failure {
    match error {
        ConvertError::NotThis { .. } => none(file, &error.to_string()),
        error => convert::failed(file, error),
    }
}
