//! What does not compile: each line here is a failure of some mail system that cannot be written against these types.
//!
//! Each case stands beside a twin that differs in that one thing and does compile, so that it fails for its own reason.
//!
//! A mail that was handed in is gone (an object used after its `Send` merged two mails):
//! ```
//! # use postrider_engine::{Draft, Entry, Mail};
//! fn submit(draft: Draft) -> Entry {
//!     let mail = Mail::received(draft);
//!     println!("{}", mail.draft().content.len());
//!     Entry { new: vec![mail], facts: vec![] }
//! }
//! ```
//! ```compile_fail,E0382
//! # use postrider_engine::{Draft, Entry, Mail};
//! fn submit(draft: Draft) -> Entry {
//!     let mail = Mail::received(draft);
//!     let entry = Entry { new: vec![mail], facts: vec![] };
//!     println!("{}", mail.draft().content.len());
//!     entry
//! }
//! ```
//!
//! A mail cannot be in two hands (copies of one message were delivered and deleted apart from each other):
//! ```
//! # use postrider_engine::Draft;
//! # fn copy<T: Clone>(of: &T) -> T { of.clone() }
//! fn again(draft: &Draft) -> Draft { copy(draft) }
//! ```
//! ```compile_fail,E0277
//! # use postrider_engine::{Mail, Received};
//! # fn copy<T: Clone>(of: &T) -> T { of.clone() }
//! fn again(mail: &Mail<Received>) -> Mail<Received> { copy(mail) }
//! ```
//!
//! Only what is on disk goes on to delivery:
//! ```
//! # use postrider_engine::{Advanced, Hop, Mail, Slip};
//! fn carry(mail: Mail<Advanced>) -> Vec<Slip> { mail.split(|_| Hop::new("mx")) }
//! ```
//! ```compile_fail,E0599
//! # use postrider_engine::{Hop, Mail, Received, Slip};
//! fn carry(mail: Mail<Received>) -> Vec<Slip> { mail.split(|_| Hop::new("mx")) }
//! ```
//!
//! A stage runs once: who ended it has no mail left to end it with again:
//! ```
//! # use postrider_engine::{Advanced, Committed, Mail};
//! fn end(mail: Mail<Committed>) -> Mail<Advanced> { mail.unchanged() }
//! ```
//! ```compile_fail,E0382
//! # use postrider_engine::{Advanced, Committed, Mail};
//! fn end(mail: Mail<Committed>) -> [Mail<Advanced>; 2] { [mail.unchanged(), mail.unchanged()] }
//! ```
//!
//! An attempt ends once:
//! ```
//! # use postrider_engine::{Lease, Outcomes};
//! fn end(lease: Lease) { lease.settle(Outcomes::new()); }
//! ```
//! ```compile_fail,E0382
//! # use postrider_engine::{Lease, Outcomes};
//! fn end(lease: Lease) { lease.settle(Outcomes::new()); lease.settle(Outcomes::new()); }
//! ```
//!
//! The final dot is to be had only when "attempting" is written, and who has it can no longer say "nothing was sent":
//! ```
//! # use postrider_engine::InDoubt;
//! fn dot(doubt: &InDoubt) -> &'static [u8] { doubt.final_dot() }
//! ```
//! ```compile_fail,E0599
//! # use postrider_engine::Lease;
//! fn dot(lease: &Lease) -> &'static [u8] { lease.final_dot() }
//! ```
//! ```
//! # use postrider_engine::{InDoubt, Outcomes};
//! fn end(doubt: InDoubt) { doubt.answered(Outcomes::new()); }
//! ```
//! ```compile_fail,E0599
//! # use postrider_engine::{InDoubt, Outcomes};
//! fn end(doubt: InDoubt) { doubt.settle(Outcomes::new()); }
//! ```
//!
//! What is on its way is edited by nobody (a sink changed a message that was already delivered):
//! ```
//! # use postrider_engine::{Content, Draft};
//! fn edit(draft: &mut Draft) { draft.content = Content::new("x"); }
//! ```
//! ```compile_fail,E0594
//! # use postrider_engine::{Content, Slip};
//! fn edit(slip: &mut Slip) { slip.draft.content = Content::new("x"); }
//! ```
//!
//! A promise is not forged: only a receipt of the spool makes a mail committed, and nobody makes one up:
//! ```compile_fail,E0451
//! # use postrider_engine::{Entry, Receipt};
//! fn forge(entry: Entry) -> Receipt { Receipt { ids: vec![], entry } }
//! ```
