//! Whole mails: what becomes of each structure, and of octets that are no good mail.

mod alternative;
mod any;
mod plain;
mod signed;
