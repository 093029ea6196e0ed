//! What does not compile: each mistake of a sink that cost a mail somewhere (`mistakes/`), and its twin of the same name
//! that differs in one line (`twins/`) and does compile. What concerns custody (mails, leases, slips) stands in `src/moved.rs` in the same way.
//!
//! Rule: a case fails for its own reason, so its message is compared too. The messages are those of one compiler; with
//! another one only the fact is.

mod compiler;

/// They compile, or nothing here does.
#[allow(dead_code, clippy::type_complexity)]
mod twins {
    mod add_recipients_where_there_is_no_mail;
    mod answer_for_another_event;
    mod answer_twice;
    mod answer_without_the_mail;
    mod bind_to_an_event_it_does_not_know;
    mod change_recipients_before_they_are_resolved;
    mod change_what_a_command_does_not_have;
    mod copy_the_mail;
    mod edit_a_mail_that_is_on_disk;
    mod edit_a_mail_that_is_still_coming_in;
    mod forge_an_event;
    mod keep_a_part;
    mod put_off_what_a_client_waits_for;
    mod refuse_a_recipient_when_the_client_is_gone;
    mod say_yes_where_the_service_says_no;
    mod use_after_the_verdict;
}

#[test]
fn mistakes_do_not_compile_though_their_twins_do() {
    compiler::mistakes_do_not_compile();
}
