use postrider::{rules::NewMail, Engine};

fn commit(engine: &Engine, mail: NewMail) {
    let ticket = engine.prepare(mail);
    let _ = engine.redeem_blocking(&ticket);
}

fn main() {
    let _ = commit;
}
