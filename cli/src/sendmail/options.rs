//! The command line of sendmail, which is forty years old and like no other: what programs pass, and what is meant by it.
//!
//! Rule: what would change where a mail goes, or whether it does, is understood or refused; what only says how an old sendmail
//! should work is passed over. Behind the first recipient there are no more options.

use std::path::PathBuf;

use postrider::{Notify, Ret};

/// Under which name the command was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// `sendmail`, or `postrider sendmail`.
    Sendmail,
    /// `mailq`
    Mailq,
    /// `newaliases`
    Newaliases,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Send the mail on standard input.
    #[default]
    Mail,
    /// Speak SMTP on standard input and output.
    Smtp,
    /// List what waits.
    Queue,
    /// Check the alias files, and have them read.
    Aliases,
}

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is to be done.
    pub mode: Mode,
    /// The sender of the envelope as it was given, empty for the null one; `None`: whoever calls.
    pub sender: Option<String>,
    /// The name that goes into a missing From.
    pub full_name: Option<String>,
    /// Recipients are in the header, too.
    pub from_header: bool,
    /// A line with a lone dot is a line like others.
    pub ignores_dots: bool,
    /// When the sender is told.
    pub notify: Option<Notify>,
    /// How much of the mail a report returns.
    pub ret: Option<Ret>,
    /// The sender's name for the mail.
    pub envid: Option<String>,
    /// Say under which number it was taken.
    pub says_id: bool,
    /// Say nothing of what went wrong: the code is enough.
    pub is_quiet: bool,
    /// The file of settings.
    pub settings: Option<PathBuf>,
    /// The recipients as they were given.
    pub recipients: Vec<String>,
}

/// A command line that cannot be understood: what is wrong, and what to do.
pub type Wrong = String;

const DAEMON: &str = "the daemon is not started so; start it with: postrider serve";
const QUEUE_RUN: &str =
    "no queue is run by hand: the daemon tries mail again by itself; see what waits with: postrider sendmail -bp";
const WITHOUT_HYPHEN: &str = "options go before recipients, and a recipient that begins with - goes behind --";

/// Reads what stands behind the name of the command.
///
/// # Errors
/// [`Wrong`]
pub fn read(called: Called, arguments: impl IntoIterator<Item = String>) -> Result<Options, Wrong> {
    let mut options = Options { mode: called.mode(), ..Options::default() };
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.strip_prefix('-') {
            Some("-") => {
                options.recipients.extend(rest.by_ref());
                break;
            }
            Some("-help" | "-version") => return Err("see: postrider help sendmail".into()),
            Some(letters) if !letters.is_empty() => options.cluster(letters, &mut rest)?,
            _ => {
                options.recipients.push(argument);
                options.only_recipients(rest.by_ref())?;
            }
        }
    }
    options.checked()
}

impl Called {
    fn mode(self) -> Mode {
        match self {
            Called::Sendmail => Mode::Mail,
            Called::Mailq => Mode::Queue,
            Called::Newaliases => Mode::Aliases,
        }
    }
}

impl Options {
    /// What stands behind the first recipient. An option here was meant as one, and would be a mail for nobody.
    fn only_recipients(&mut self, rest: &mut dyn Iterator<Item = String>) -> Result<(), Wrong> {
        for one in rest {
            if one.starts_with('-') && one != "--" {
                return Err(format!("{} is no recipient: {WITHOUT_HYPHEN}", shown(&one)));
            }
            self.recipients.extend((one != "--").then_some(one));
        }
        Ok(())
    }

    /// Letters that stand behind one hyphen: `-ti` is `-t -i`, and `-tfann@example.org` is `-t -f ann@example.org`.
    fn cluster(&mut self, letters: &str, rest: &mut dyn Iterator<Item = String>) -> Result<(), Wrong> {
        let mut behind = letters.chars();
        while let Some(letter) = behind.next() {
            if self.flag(letter) {
                continue;
            }
            let attached = behind.as_str().to_owned();
            if !takes_value(letter) {
                return self.odd(letter, &attached);
            }
            let value = match attached.is_empty() {
                true => rest.next().ok_or_else(|| format!("-{letter} needs a value behind it"))?,
                false => attached,
            };
            return self.value(letter, value);
        }
        Ok(())
    }

    /// An option without a value. `false`: it is none.
    fn flag(&mut self, letter: char) -> bool {
        match letter {
            't' => self.from_header = true,
            'i' => self.ignores_dots = true,
            'v' => self.says_id = true,
            'I' => self.mode = Mode::Aliases,
            // Submission by a gateway, by a user agent; do not expand aliases; the sender is to get it, too; tab and From_ of old
            // mailers: none of them has a meaning here.
            'G' | 'U' | 'n' | 'm' | 'c' | 'x' => {}
            _ => return false,
        }
        true
    }

    fn value(&mut self, letter: char, value: String) -> Result<(), Wrong> {
        match letter {
            'f' | 'r' => self.sender = Some(value),
            'F' => self.full_name = Some(value),
            'b' => self.mode(&value)?,
            'N' => self.notify = Some(notify(&value)?),
            'R' => self.ret = Some(ret(&value)?),
            'V' => self.envid = Some(value),
            'B' => body(&value)?,
            'C' => self.settings = Some(value.into()),
            'o' => self.short(&value)?,
            'O' => self.long(&value)?,
            'e' => self.errors(&value)?,
            _ => {} // -A, -D, -h, -L, -p and -X: see docs/sendmail.md
        }
        Ok(())
    }

    /// Options that are neither: their value, if there is one, is attached.
    fn odd(&self, letter: char, attached: &str) -> Result<(), Wrong> {
        match letter {
            'd' => Ok(()),
            'q' => Err(format!("-q{}: {QUEUE_RUN}", shown(attached))),
            _ => Err(format!("there is no option -{}; see: postrider help sendmail", letter.escape_debug())),
        }
    }

    fn mode(&mut self, value: &str) -> Result<(), Wrong> {
        self.mode = match value {
            "m" => Mode::Mail,
            "s" => Mode::Smtp,
            "p" => Mode::Queue,
            "i" => Mode::Aliases,
            "d" | "D" | "l" => return Err(format!("-b{value}: {DAEMON}")),
            _ => return Err(format!("-b{}: there is -bm, -bs, -bp and -bi", shown(value))),
        };
        Ok(())
    }

    /// `-oi`, `-oem` and all the letters that an old sendmail had.
    fn short(&mut self, value: &str) -> Result<(), Wrong> {
        match value.strip_prefix('e') {
            Some(mode) => self.errors(mode),
            None => {
                self.ignores_dots |= value == "i";
                Ok(())
            }
        }
    }

    /// `-O IgnoreDots`, `-O ErrorMode=q`, and all the names that sendmail has.
    fn long(&mut self, value: &str) -> Result<(), Wrong> {
        let (name, value) = value.split_once('=').unwrap_or((value, "true"));
        if name.eq_ignore_ascii_case("ErrorMode") {
            return self.errors(value);
        }
        if name.eq_ignore_ascii_case("IgnoreDots") {
            self.ignores_dots = !value.to_ascii_lowercase().starts_with(['f', 'n', '0']);
        }
        Ok(())
    }

    /// How errors are told: a mail that was not taken cannot be told of by mail, so all but "say nothing" are one.
    fn errors(&mut self, mode: &str) -> Result<(), Wrong> {
        match mode {
            "m" | "e" | "p" | "w" | "b" => self.is_quiet = false,
            "q" => self.is_quiet = true,
            _ => return Err(format!("-oe{}: there is -oem, -oee, -oep, -oew and -oeq", shown(mode))),
        }
        Ok(())
    }

    fn checked(self) -> Result<Self, Wrong> {
        if self.mode == Mode::Mail && self.recipients.is_empty() && !self.from_header {
            return Err("there is no recipient: name some behind the options, or use -t for those of the header".into());
        }
        Ok(self)
    }
}

fn takes_value(letter: char) -> bool {
    "ABCDFLNORVXbefhopr".contains(letter)
}

fn notify(value: &str) -> Result<Notify, Wrong> {
    let mut notify = Notify::NEVER;
    if value.eq_ignore_ascii_case("never") {
        return Ok(notify);
    }
    for word in value.split(',').map(|word| word.trim().to_ascii_lowercase()) {
        match &*word {
            "success" => notify.success = true,
            "failure" => notify.failure = true,
            "delay" => notify.delay = true,
            _ => return Err(format!("-N {}: write never, or success, failure and delay with commas", shown(value))),
        }
    }
    Ok(notify)
}

fn ret(value: &str) -> Result<Ret, Wrong> {
    match &*value.to_ascii_lowercase() {
        "hdrs" => Ok(Ret::Headers),
        "full" => Ok(Ret::Full),
        _ => Err(format!("-R {}: write hdrs or full", shown(value))),
    }
}

/// Whether it is 7-bit or 8-bit is found out; what is neither would not come through as it is.
fn body(value: &str) -> Result<(), Wrong> {
    match &*value.to_ascii_uppercase() {
        "7BIT" | "8BITMIME" => Ok(()),
        _ => Err(format!("-B {}: write 7BIT or 8BITMIME, and encode what is binary", shown(value))),
    }
}

/// As much as an error shows.
const EXCERPT: usize = 80;

fn shown(text: &str) -> String {
    text.chars().take(EXCERPT).flat_map(char::escape_debug).collect()
}
