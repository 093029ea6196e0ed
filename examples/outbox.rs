//! A mail and a row in one transaction: an order that was committed is confirmed by exactly one mail, one that was rolled
//! back by none, wherever the program is killed.
//!
//! Copy this file into a new crate that depends on `postrider`, `rusqlite` (with `bundled`) and `tracing-subscriber`. Any
//! database with transactions will do. How it works:
//!
//! 1. [`Engine::prepare`] puts the mail on disk, unsent, and gives a ticket.
//! 2. The ticket is written into a table of the program's own, by the transaction that writes the order.
//! 3. After the commit, and again at each start, the tickets of all rows that are not marked are redeemed, then marked.
//!    Redeeming takes effect once, so a crash between the two does no harm. A ticket that nobody has any more, because the
//!    transaction was rolled back, is swept after `send.ticket_life` (30 days), and its mail with it.
//!
//! ```text
//! outbox SPOOL DATABASE SMART-HOST ORDERS [--roll-back ORDER,ORDER...] [--kill-at STEP@ORDER]
//! ```
//!
//! It places orders 1 to ORDERS, but for those that are there, and prints what becomes of their mails. `--kill-at` is for
//! tests: it ends by SIGKILL at a [`Step`] of an order.

use std::{env, error::Error, process::Command, thread, time::Duration};

use postrider::{Engine, NewMail, RedeemError, Settings, Ticket};
use rusqlite::{Connection, OptionalExtension};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long attempts that are under way may take when the program ends.
const DRAIN: Duration = Duration::from_secs(25);
/// A customer waits for the mail: seconds between the first tries, and then as usual.
const SOON: [u64; 6] = [1, 2, 4, 8, 16, 32];

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, customer TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS outbox (
        ticket TEXT PRIMARY KEY,
        number INTEGER NOT NULL REFERENCES orders,
        state TEXT NOT NULL DEFAULT 'open' -- then 'redeemed' or 'expired'
    );";

/// Where a crash would hurt, if it could.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    BeforePrepare,
    BeforeInsert,
    BeforeCommit,
    BeforeRedeem,
    BeforeMark,
    AfterMark,
}

const STEPS: [(&str, Step); 6] = [
    ("before-prepare", Step::BeforePrepare),
    ("before-insert", Step::BeforeInsert),
    ("before-commit", Step::BeforeCommit),
    ("before-redeem", Step::BeforeRedeem),
    ("before-mark", Step::BeforeMark),
    ("after-mark", Step::AfterMark),
];

struct Shop {
    engine: Engine,
    database: Connection,
    kill_at: Option<(Step, i64)>,
}

impl Shop {
    /// The order and the promise of its mail, or neither.
    fn place(&mut self, number: i64, rolls_back: bool) -> Result<()> {
        let kill_at = self.kill_at;
        let customer = format!("customer-{number}@example.org");
        let transaction = self.database.transaction()?;
        transaction.execute("INSERT INTO orders (number, customer) VALUES (?1, ?2)", (number, &customer))?;
        reached(kill_at, Step::BeforePrepare, number);
        let ticket = self.engine.prepare(confirmation(number, &customer)).blocking()?;
        reached(kill_at, Step::BeforeInsert, number);
        transaction.execute("INSERT INTO outbox (ticket, number) VALUES (?1, ?2)", (ticket.to_string(), number))?;
        reached(kill_at, Step::BeforeCommit, number);
        match rolls_back {
            true => transaction.rollback()?,
            false => transaction.commit()?,
        }
        reached(kill_at, Step::BeforeRedeem, number);
        Ok(())
    }

    /// Sends what was committed. At the start it finds what a crash has left open.
    fn send_outbox(&self) -> Result<()> {
        let mut open =
            self.database.prepare("SELECT ticket, number FROM outbox WHERE state = 'open' ORDER BY number")?;
        let rows = open.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (text, number) in rows.collect::<rusqlite::Result<Vec<(String, i64)>>>()? {
            let state = match self.engine.redeem_blocking(&text.parse()?) {
                Ok(_) => "redeemed",
                Err(RedeemError::TicketExpired) => "expired", // the program was off for a month: somebody has to look
                Err(error) => return Err(error.into()),
            };
            reached(self.kill_at, Step::BeforeMark, number);
            self.database.execute("UPDATE outbox SET state = ?2 WHERE ticket = ?1", (&text, state))?;
            reached(self.kill_at, Step::AfterMark, number);
        }
        Ok(())
    }

    fn is_placed(&self, number: i64) -> Result<bool> {
        let query = "SELECT 1 FROM orders WHERE number = ?1";
        Ok(self.database.query_row(query, [number], |_| Ok(())).optional()?.is_some())
    }

    /// What becomes of each mail, when it is known: a ticket has the mail's number.
    fn print_outcomes(&self) -> Result<()> {
        let mut sent = self.database.prepare("SELECT ticket, number FROM outbox ORDER BY number")?;
        let rows = sent.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (text, number) in rows.collect::<rusqlite::Result<Vec<(String, i64)>>>()? {
            let ticket: Ticket = text.parse()?;
            for recipient in self.engine.receipt_blocking(ticket.id())?.outcome_blocking()? {
                println!("order {number}: {} {}", recipient.address, recipient.status);
            }
        }
        Ok(())
    }
}

fn confirmation(number: i64, customer: &str) -> NewMail {
    NewMail::new()
        .from("The Shop <orders@shop.example.com>")
        .to(customer)
        .subject(format!("Your order {number}"))
        .text("Thank you. It is on its way.\n")
}

/// A test wants the program dead here: no destructor runs, nothing is flushed.
fn reached(kill_at: Option<(Step, i64)>, step: Step, number: i64) {
    if kill_at == Some((step, number)) {
        let killed = Command::new("sh").args(["-c", "kill -KILL $PPID"]).status();
        println!("still alive at {step:?}: {killed:?}");
        thread::sleep(Duration::MAX);
    }
}

struct Arguments {
    spool: String,
    database: String,
    smart_host: String,
    orders: i64,
    roll_back: Vec<i64>,
    kill_at: Option<(Step, i64)>,
}

impl Arguments {
    fn parse(mut from: impl Iterator<Item = String>) -> Result<Self> {
        const USAGE: &str = "outbox SPOOL DATABASE SMART-HOST ORDERS [--roll-back ORDER,...] [--kill-at STEP@ORDER]";
        let mut positional = || from.next().ok_or(USAGE);
        let (spool, database, smart_host) = (positional()?, positional()?, positional()?);
        let orders = positional()?.parse()?;
        let mut arguments = Arguments { spool, database, smart_host, orders, roll_back: Vec::new(), kill_at: None };
        while let Some(name) = from.next() {
            let value = from.next().ok_or(USAGE)?;
            match name.as_str() {
                "--roll-back" => {
                    arguments.roll_back = value.split(',').map(str::parse).collect::<std::result::Result<_, _>>()?;
                }
                "--kill-at" => {
                    let (name, number) = value.split_once('@').ok_or(USAGE)?;
                    let step = STEPS.iter().find(|(step, _)| *step == name).ok_or(USAGE)?;
                    arguments.kill_at = Some((step.1, number.parse()?));
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(arguments)
    }
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse(env::args().skip(1))?;
    let mut settings = Settings::embedded(&arguments.spool).with_smart_hosts(&[&arguments.smart_host])?;
    settings.delivery.retry.first.splice(0..0, SOON.map(Duration::from_secs));
    let engine = Engine::builder(settings).start()?;
    let database = Connection::open(&arguments.database)?;
    database.execute_batch(TABLES)?;
    let mut shop = Shop { engine, database, kill_at: arguments.kill_at };
    shop.send_outbox()?;
    for number in 1..=arguments.orders {
        if !shop.is_placed(number)? {
            shop.place(number, arguments.roll_back.contains(&number))?;
            shop.send_outbox()?;
        }
    }
    println!("all orders are placed");
    shop.print_outcomes()?;
    println!("{:?}", shop.engine.drain_blocking(DRAIN));
    Ok(())
}
