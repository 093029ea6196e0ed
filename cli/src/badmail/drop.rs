//! `postrider badmail drop`

use std::io::{self, IsTerminal, Write};

use super::{arguments::Where, each, say};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// Removes them, when somebody has said so.
pub fn drop(place: &Where, names: &[String], yes: bool) -> Done {
    let badmail = place.open()?;
    if !yes {
        ask(names.len())?;
    }
    each(names, |name| {
        badmail.remove(name)?;
        say(&format!("{name}: removed\n"))
    })
}

/// Nobody is asked where nobody could answer: there it has to be said beforehand.
fn ask(count: usize) -> Done {
    if !io::stdin().is_terminal() {
        let text = "what is dropped is gone for good, and nobody is here to be asked: say --yes";
        return Err(Failure::new(exit::USAGE, text));
    }
    eprint!("remove {count} bad mail{} for good? [y/N] ", if count == 1 { "" } else { "s" });
    let _ = io::stderr().flush();
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    match read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        true => Ok(()),
        false => Err(Failure::new(exit::TEMPORARY, "nothing was removed")),
    }
}
