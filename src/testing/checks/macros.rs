//! Checks as a test writes them. The first argument is a [`Peer`](crate::testing::Peer), a
//! [`TestEngine`](crate::testing::TestEngine), or any [`Witness`](crate::testing::Witness).

/// A mail was delivered to this address: some peer took it. `subject`, `contains` and `times` say which, and how often.
///
/// ```
/// # use postrider::{assert_delivered, testing::{draft, TestEngine}};
/// # let engine = TestEngine::start();
/// # engine.send(draft("me@example.com", ["ann@example.org"], "Subject: Hello\r\n\r\nHi!\r\n")).unwrap();
/// assert_delivered!(engine, "ann@example.org");
/// assert_delivered!(engine, "ann@example.org", subject = "Hello", contains = "Hi!", times = 1);
/// ```
#[macro_export]
macro_rules! assert_delivered {
    ($witness:expr, $to:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::DeliveryCheck::to($to)$(.$key($value))*.assert(&$witness)
    };
}

/// No mail was delivered to this address; with `subject` or `contains`, no such mail.
#[macro_export]
macro_rules! assert_not_delivered {
    ($witness:expr, $to:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::DeliveryCheck::to($to)$(.$key($value))*.times(0).assert(&$witness)
    };
}

/// Nobody got a mail twice. Mails are told apart by their `Message-ID`, or by their octets if they have none.
#[macro_export]
macro_rules! assert_no_duplicates {
    ($witness:expr $(,)?) => {
        $crate::testing::assert_no_duplicates(&$witness)
    };
}

/// A sender was told this about an address by a report (RFC 3464): that it has failed, is delayed, delivered, relayed or
/// expanded. The report itself has to reach a peer.
///
/// ```no_run
/// # use postrider::{assert_reported, testing::TestEngine};
/// # let engine = TestEngine::start();
/// assert_reported!(engine, "ann@example.org", "delayed");
/// assert_reported!(engine, "ann@example.org", "failed", status = "5.1.1", times = 1);
/// ```
#[macro_export]
macro_rules! assert_reported {
    ($witness:expr, $about:expr, $action:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::testing::ReportCheck::new($about, $action)$(.$key($value))*.assert(&$witness)
    };
}

/// A sender was told that mail to this address has failed: [`assert_reported!`](crate::assert_reported) with `failed`.
#[macro_export]
macro_rules! assert_failed {
    ($witness:expr, $about:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::assert_reported!($witness, $about, "failed" $(, $key = $value)*)
    };
}
