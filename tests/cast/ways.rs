//! The ways of a test: each domain is a hop.

use std::sync::Arc;

use postrider::rules::{BoxFuture, Hop, Next, Recipient as Addressee, Route, Way, Wayfinder};

use crate::world::SECOND;

/// Each domain is a hop. What is below `ask.` has to be asked for, and takes a second.
pub struct ByDomain;

impl ByDomain {
    fn route(domain: &str) -> Arc<Route> {
        let mut route = Route::new(Next::Keep);
        route.hop = Hop::new(domain);
        Arc::new(route)
    }
}

impl Wayfinder for ByDomain {
    fn way(&self, recipient: &Addressee) -> Way {
        match recipient.address.domain() {
            domain if domain.starts_with("ask.") => Way::Ask(domain.into()),
            domain => Way::Known(ByDomain::route(domain)),
        }
    }

    fn ask(&self, question: Arc<str>) -> BoxFuture<'static, Arc<Route>> {
        Box::pin(async move {
            tokio::time::sleep(SECOND).await;
            assert!(!question.ends_with(".panic"), "as told");
            ByDomain::route(&question)
        })
    }
}

/// As [`ByDomain`], but mail for the first goes to the second.
pub struct Led(pub &'static str, pub &'static str);

impl Wayfinder for Led {
    fn way(&self, recipient: &Addressee) -> Way {
        match recipient.address.domain() == self.0 {
            true => Way::Known(ByDomain::route(self.1)),
            false => ByDomain.way(recipient),
        }
    }

    fn ask(&self, question: Arc<str>) -> BoxFuture<'static, Arc<Route>> {
        ByDomain.ask(question)
    }
}
