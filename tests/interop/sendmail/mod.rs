//! Programs that send by calling sendmail: each calls the built `postrider sendmail`, and a daemon drops what it takes into a folder.
//!
//! Rule: a program is believed nothing but its exit code; what it has sent is read from the drop folder, to the octet.

mod clients;
mod cron;
mod git;
mod php;
mod place;
mod python;
mod scripts;
