//! Rich Text Format (RTF 1.9.1), and the compressed form in which Exchange and Outlook carry it.

pub mod compressed;
