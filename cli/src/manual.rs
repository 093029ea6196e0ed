//! What is made of the command line's description: manual pages and completions.

use std::{io, path::Path};

use clap::CommandFactory;

use crate::{arguments::Arguments, exit, failure::Done, failure::Failure};

/// Completions for this shell, on standard output.
pub fn completions(shell: clap_complete::Shell) -> Done {
    let mut octets = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "postrider", &mut octets);
    io::Write::write_all(&mut io::stdout(), &octets).map_err(|error| Failure::new(exit::IO, error))
}

/// One page for each command.
pub fn pages(folder: &Path) -> Done {
    clap_mangen::generate_to(Arguments::command(), folder).map_err(|error| {
        let text = format!("{}: {error}; name a folder that is there and can be written", folder.display());
        Failure::new(exit::CANNOT_CREATE, text)
    })
}
