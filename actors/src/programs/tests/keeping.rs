//! What becomes of content that is too large for memory, or cannot be kept.

use bytes::Bytes;
use postrider_engine::Piece;

use super::*;

/// Keeps side files in memory.
struct Aside;

impl Staging for Aside {
    fn begin(&self) -> BoxFuture<'static, Result<Box<dyn Staged>, StagingError>> {
        Box::pin(async { Ok(Box::new(File(Vec::new())) as Box<dyn Staged>) })
    }
}

struct File(Vec<u8>);

impl Staged for File {
    fn append(&mut self, octets: Bytes) -> BoxFuture<'_, Result<(), StagingError>> {
        self.0.extend_from_slice(&octets);
        Box::pin(async { Ok(()) })
    }

    fn seal(self: Box<Self>) -> BoxFuture<'static, Result<Piece, StagingError>> {
        Box::pin(async { Ok(Piece::Memory(self.0.into())) })
    }
}

#[test]
fn a_header_that_goes_on_in_the_side_file_is_looked_at_to_its_end() {
    run(|| async {
        let mut program = Program::with(Duration::ZERO, 1 << 16, Arc::new(Aside), 20);
        program.next().await;
        let first = "A: b\nB: the side file begins here\n";
        program.say(&send(1, &format!("{first}Subject: \u{fc}\n\nhello\n"))).await;
        assert!(program.next().await.starts_with(r#"{"is":"sent","tag":1"#));
        assert!(program.posts.borrow()[0].envelope.smtputf8);
        let wrong = [first.as_bytes(), b"Subject: \xfc\n\nhello\n"].concat();
        program.say(send_said(2, "", wrong.len()).as_str()).await;
        program.write.write_all(&wrong).await.unwrap();
        let answer = program.next().await;
        assert!(answer.contains("The header is neither ASCII nor UTF-8"), "{answer}");
    });
}

#[test]
fn a_disk_that_is_full_is_told_from_one_that_fails_and_both_are_temporary() {
    run(|| async {
        for (error, said) in [
            (StagingError::NoSpace, r#""code":"no_space","temporary":true"#),
            (StagingError::Failed("a bad disk".into()), r#""code":"rejected","temporary":true"#),
        ] {
            let mut program = Program::with(Duration::ZERO, 1 << 16, Arc::new(NoStaging(error)), 20);
            program.next().await;
            program.say(&send(1, "Subject: it is too large for memory\n\nhello\n")).await;
            let answer = program.next().await;
            assert!(answer.contains(said) && !answer.contains("a bad disk"), "{answer}");
        }
    });
}

#[test]
fn users_of_one_socket_have_keys_of_their_own_and_operators_have_those_of_the_engine() {
    run(|| async {
        let mut keys = Vec::new();
        for user in [1000, 1001, 1000, 0, 990] {
            let mut program = Program::of(
                Some(user),
                Some(990),
                (Duration::ZERO, 1 << 16, Arc::new(NoStaging(StagingError::NoSpace)), 1 << 20),
            );
            program.next().await;
            program.say(&send(1, MAIL).replacen('{', r#"{"key":"welcome/42","#, 1)).await;
            let answer = program.next().await;
            assert!(answer.contains(r#""is":"sent""#), "{answer}");
            keys.push(program.keys.borrow()[0].unwrap());
        }
        assert_eq!(keys[0], keys[2], "each finds its own again");
        assert!(keys[0] != keys[1] && keys[0] != keys[3] && keys[1] != keys[3]);
        assert_eq!((keys[3], keys[4]), (KeyHash::of("welcome/42"), KeyHash::of("welcome/42")));
    });
}
