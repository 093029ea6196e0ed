//! What does not compile: mistakes of a program that sends (`mistakes/`), and for each its twin of the same name (`twins/`),
//! which differs in a line or two and does compile. A mail that was sent and used again was merged with the next one in the ancestor
//! (KB922738); here it is gone.
//!
//! Rule: a case fails for its own reason, so its message is compared too. The messages are those of one compiler; with
//! another one only the fact is.

#[path = "../engine/tests/compiler/mod.rs"]
mod compiler;

/// They compile, or nothing here does.
#[allow(dead_code)]
mod twins {
    mod redeem_what_is_not_prepared;
    mod send_a_copy;
    mod send_the_same_mail_twice;
    mod use_a_mail_again_after_it_was_sent;
}

#[test]
fn mistakes_do_not_compile_though_their_twins_do() {
    compiler::mistakes_do_not_compile();
}
