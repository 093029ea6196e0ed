//! Every wait and every number has its end.

use postrider_engine::program::MOST_WATCHED;

use super::*;

#[test]
fn who_stops_in_the_middle_of_a_line_is_given_up_and_who_has_nothing_to_say_is_not() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        tokio::time::sleep(Duration::from_secs(86_400)).await;
        program.say("{\"do\":").await;
        let begun = Instant::now();
        program.last("too_slow").await;
        assert_eq!(begun.elapsed(), Duration::from_secs(60));
    });
}

#[test]
fn who_sends_a_line_octet_by_octet_has_no_more_time_for_it() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        let begun = Instant::now();
        for _ in 0..7 {
            program.say(" ").await;
            tokio::time::sleep(9 * SECOND).await;
        }
        program.last("too_slow").await;
        assert_eq!(begun.elapsed(), 63 * SECOND, "it was over before the last octet was");
    });
}

#[test]
fn a_line_without_end_is_not_kept() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        let Program { write, .. } = &mut program;
        let _ = write.write_all(&vec![b' '; program::MAX_LINE + 1]).await;
        program.last("line_too_long").await;
    });
}

#[test]
fn who_floods_and_reads_no_answers_is_given_up() {
    run(|| async {
        let mut program = Program::new(Duration::ZERO, 4096);
        let begun = Instant::now();
        while program.write.write_all(b"{\"do\":\"ping\",\"tag\":1}\n").await.is_ok() {}
        assert_eq!(begun.elapsed(), Duration::from_secs(60));
        let mut heard = Vec::new();
        program.lines.read_to_end(&mut heard).await.unwrap();
        assert!(heard.len() <= 4096, "no more is kept for it than has room in the pipe");
    });
}

#[test]
fn so_many_are_under_way_at_once_and_the_others_wait_in_the_pipe() {
    run(|| async {
        let mut program = Program::new(Duration::from_secs(9), 1 << 20);
        let all: String = (0..2 * MOST_UNDER_WAY as u64).map(|tag| send(tag, MAIL)).collect();
        program.say(&all).await;
        tokio::time::sleep(SECOND).await;
        assert_eq!(program.posts.borrow().len(), MOST_UNDER_WAY);
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(program.posts.borrow().len(), 2 * MOST_UNDER_WAY);
    });
}

#[test]
fn a_mail_that_is_far_too_large_is_not_even_read() {
    run(|| async {
        let mut program = Program::greeted(SECOND).await;
        program.say(&send(1, MAIL)).await;
        program.say(&send_said(2, "", 1501)).await;
        assert!(program.next().await.starts_with(r#"{"is":"sent","tag":1"#), "what was begun is answered");
        program.last(r#""tag":2,"code":"too_large""#).await;
    });
}

#[test]
fn when_the_engine_stops_what_is_under_way_is_answered_and_half_a_request_is_not_done() {
    run(|| async {
        let mut program = Program::greeted(SECOND).await;
        program.say("{\"do\":\"watch\",\"tag\":3,\"id\":\"2A\"}\n").await;
        program.next().await;
        program.next().await;
        program.say(&send(1, MAIL)).await;
        program.say(&send_said(2, "Subject: h", 99)).await;
        tokio::time::sleep(SECOND / 10).await;
        program.stop.send_replace(true);
        assert!(program.next().await.starts_with(r#"{"is":"sent","tag":1"#));
        assert_eq!(program.next().await, r#"{"is":"over","tag":3,"complete":false}"#);
        program.last(r#"{"is":"bye","#).await;
        assert_eq!(program.posts.borrow().len(), 1);
    });
}

/// What answers a request: the last line of it.
async fn answer(program: &mut Program, request: &str) -> String {
    program.say(request).await;
    loop {
        let line = program.next().await;
        if !line.contains(r#""is":"recipient""#) {
            return line;
        }
    }
}

#[test]
fn watches_are_weighed_by_their_recipients_and_one_that_ends_makes_room() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        let watch = |tag: usize| format!("{{\"do\":\"watch\",\"tag\":{tag},\"id\":\"{:08X}\"}}\n", 5000);
        let most = MOST_WATCHED / 5001;
        for tag in 0..most {
            assert!(answer(&mut program, &watch(tag)).await.starts_with(r#"{"is":"listed""#), "{tag}");
        }
        assert!(answer(&mut program, &watch(most)).await.contains(r#""code":"busy""#));
        let status = watch(most).replace("watch", "status");
        assert!(answer(&mut program, &status).await.starts_with(r#"{"is":"listed""#), "asking weighs nothing");
        assert!(answer(&mut program, "{\"do\":\"stop\",\"tag\":0}\n").await.starts_with(r#"{"is":"over","tag":0"#));
        assert!(answer(&mut program, &watch(most)).await.starts_with(r#"{"is":"listed""#));
    });
}

#[test]
fn an_engine_that_has_failed_is_told_from_one_that_has_too_much_to_do() {
    run(|| async {
        let mut program = Program::greeted(Duration::ZERO).await;
        for (id, code) in [("404", "forgotten"), ("429", "busy"), ("500", "failed")] {
            for what in ["status", "watch"] {
                let request = format!("{{\"do\":\"{what}\",\"tag\":7,\"id\":\"00000{id}\"}}\n");
                let line = answer(&mut program, &request).await;
                assert!(line.contains(&format!(r#""code":"{code}""#)), "{line}");
            }
        }
    });
}
