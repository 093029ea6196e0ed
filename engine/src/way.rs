//! The way of a recipient: which route its mail takes, whether that is known at once or somebody has to be asked.
//!
//! Rule: a question always has an answer. What cannot be found out is a way too, on which mail waits or is refused.

use std::sync::Arc;

use crate::{BoxFuture, Next, Recipient, Route, Routes};

/// The way of one recipient.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// It is known.
    Known(Arc<Route>),
    /// Ask for this; recipients of one mail with the same question share the answer.
    Ask(Arc<str>),
}

/// Finds the ways of recipients. Shared by all who ask, so it has no state but what others own.
pub trait Wayfinder: Send + Sync + 'static {
    /// What is known at once; quick, and asks nobody.
    fn way(&self, recipient: &Recipient) -> Way;

    /// Answers a question of [`Wayfinder::way`], within a limited time.
    fn ask(&self, question: Arc<str>) -> BoxFuture<'static, Arc<Route>>;
}

/// A table of routes knows everything at once.
impl Wayfinder for Routes {
    fn way(&self, recipient: &Recipient) -> Way {
        Way::Known(Arc::clone(self.route(recipient)))
    }

    fn ask(&self, _: Arc<str>) -> BoxFuture<'static, Arc<Route>> {
        Box::pin(std::future::ready(Arc::new(Route::new(Next::Keep)))) // never asked
    }
}
