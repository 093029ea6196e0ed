//! Reports about what real hosts say, read by programs of others: each tells who has failed, and how, in fields that
//! every program of lists understands.

use std::{
    collections::HashMap,
    fs,
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    daemon::{
        home::{route, Home},
        sink::Sink,
        within,
    },
    mail::{Mail, PLAIN},
    senders,
};

/// What hosts of this world say at RCPT, and the status that a report has of it.
const SAID: &[(&str, &str)] = &[
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the recipient's email address for typos or\r\n550-5.1.1 unnecessary spaces. For more information, go to\r\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser a1-20020a05si123 - gsmtp", "5.1.1"),
    ("550-5.7.26 This mail has been blocked because the sender is unauthenticated.\r\n550 5.7.26  DKIM = did not pass SPF [x.org] with ip: [192.0.2.1] = did not pass - gsmtp", "5.7.26"),
    ("452-4.2.2 The recipient's inbox is out of storage space. Please direct the\r\n452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp", "4.2.2"),
    ("552-5.2.2 The recipient's inbox is out of storage space and inactive.\r\n552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm - gsmtp", "5.2.2"),
    ("421-4.7.28 Gmail has detected an unusual rate of unsolicited mail.\r\n421 4.7.28 https://support.google.com/mail/?p=UnsolicitedRateLimitError - gsmtp", "4.7.28"),
    ("550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.1 AS(1450) [AM1EUR01FT003.eop-EUR01.prod.protection.outlook.com]", "5.7.1"),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [VE1EUR02FT046.eop-EUR02.prod.protection.outlook.com]", "5.4.1"),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/", "5.7.606"),
    ("451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)", "4.7.500"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "5.1.10"),
    ("550 5.1.1 <bob@hop.example>: Recipient address rejected: User unknown in virtual mailbox table", "5.1.1"),
    ("554 5.7.1 <bob@hop.example>: Relay access denied", "5.7.1"),
    ("450 4.2.0 <bob@hop.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/hop.example.html", "4.2.0"),
    ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", "4.7.25"),
    ("451 4.3.0 <bob@hop.example>: Temporary lookup failure", "4.3.0"),
    ("452 4.3.1 Insufficient system storage", "4.3.1"),
    ("550 Unrouteable address", "5.0.0"),
    ("550-Verification failed for <bob@hop.example>\r\n550-No Such User Here\r\n550 Sender verify failed", "5.0.0"),
    ("451 Temporary local problem - please try later", "4.0.0"),
    ("451-The envelope sender is greylisted\r\n451 Please try again in 300 seconds", "4.0.0"),
    ("550 sorry, no mailbox here by that name (#5.1.1 - chkuser)", "5.0.0"),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "5.0.0"),
    ("553 5.3.0 <bob@hop.example>... No such user here", "5.3.0"),
    ("550 5.1.1 <bob@hop.example>... User unknown", "5.1.1"),
    ("554 5.7.1 Message rejected as spam by Content Filtering.", "5.7.1"),
    ("554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", "5.7.9"),
    ("554 delivery error: dd Requested mail action aborted: exceeded storage allocation [-5] - mta4", "5.0.0"),
    ("550 Requested action not taken: mailbox unavailable\r\n", "5.0.0"),
    ("550 5.1.1 Der Empfänger ist unbekannt: größer als 10 €", "5.1.1"),
    ("550 5.2.1 メールボックスは無効です", "5.2.1"),
    ("550 5.7.1 blocked; reason=\"a;b\" (x=y), see <https://x.example/?q=1&r=2> ; Action: delivered", "5.7.1"),
    ("550 5.1.1", "5.1.1"),
    ("550", "5.0.0"),
    ("550 5.1.6 --report.0000000000000000-- Content-Type: text/html", "5.1.6"),
    ("571 Delivery not authorized, message refused", "5.0.0"),
    ("521 5.2.1 (AOL:E1) The address is restricted", "5.2.1"),
];

/// As long as a line of a reply is allowed to be, and without an end where one would fold.
fn long_lines() -> [(String, &'static str); 2] {
    let words = "all work and no play ".repeat(11);
    [(format!("550 5.4.6 {words}end"), "5.4.6"), (format!("550 5.7.1 {}", "x".repeat(240)), "5.7.1")]
}

fn said() -> Vec<(String, &'static str)> {
    SAID.iter().map(|(said, status)| ((*said).trim_end().to_owned(), *status)).chain(long_lines()).collect()
}

/// Whether programs of others find in each report who has failed: a line for each, as bounces.py wants it.
fn read_by_others(lines: &str) {
    let mut command = Command::new("/usr/bin/python3"); // the one that Debian's packages are for
    command.arg("tests/interop/peers/bounces.py").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("python3 is installed (see .ci/packages)");
    child.stdin.take().expect("its input is a pipe").write_all(lines.as_bytes()).expect("it reads its input");
    let output = child.wait_with_output().expect("it ends");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
}

#[test]
#[ignore = "needs python3-flufl.bounce; .ci/run runs it"]
fn whatever_hosts_say_programs_of_others_find_in_the_report_who_has_failed() {
    let said = said();
    // Who hears 421 has a hop of its own: it is about all mail, and the others would hear nothing.
    let domain = |at: usize| if said[at].0.starts_with("421") { "busy.example" } else { "hop.example" };
    let name = |at: usize| format!("r{at}@{}", domain(at));
    let refusals: HashMap<String, Vec<u8>> =
        said.iter().enumerate().map(|(at, (text, _))| (name(at), format!("{text}\r\n").into_bytes())).collect();
    let (hop, reports) = (Sink::refusing(refusals), Sink::start());
    let retry = "retry = [\"300 ms\"]\nthen = \"300 ms\"\ngive_up = \"2 s\"\njitter = 0\n";
    let own = format!("{retry}queue = \"own\"");
    let routes = route("hop.example", hop.port, retry)
        + &route("busy.example", hop.port, &own)
        + &route("from.example", reports.port, "");
    let home = Home::new("segment_size = \"4 MiB\"", &routes);
    let daemon = home.start();
    let names: Vec<String> = (0..said.len()).map(name).collect();
    for (at, name) in names.iter().enumerate() {
        senders::smtplib(daemon.address, &[name], "BODY=8BITMIME", &Mail::new(&format!("m{at}"), PLAIN));
    }
    // And one for three: each has the words that were said to it.
    let many: Vec<&str> = names.iter().skip(9).take(3).map(String::as_str).collect();
    senders::smtplib(daemon.address, &many, "BODY=8BITMIME", &Mail::new("many", PLAIN));
    let mut all = Vec::new();
    within(Duration::from_secs(60), || {
        all.extend(reports.taken());
        all.len() > said.len()
    });
    assert_eq!(all.len(), said.len() + 1, "{}", home.log_tail());
    let mut lines = String::new();
    for (at, report) in all.iter().enumerate() {
        let path = home.path(&format!("{at}.eml"));
        fs::write(&path, &report.content).expect("the folder is ours");
        let text = String::from_utf8_lossy(&report.content);
        let told = names.iter().enumerate().filter(|(_, name)| text.contains(&format!("rfc822; {name}\r\n")));
        let told: Vec<String> = told.map(|(at, name)| format!("{name}={}=failed", said[at].1)).collect();
        assert!(!told.is_empty(), "{text}");
        lines.push_str(&format!("{} {}\n", path.display(), told.join(" ")));
    }
    let unknown: Vec<&String> = names.iter().filter(|name| !lines.contains(&format!("{name}="))).collect();
    assert!(unknown.is_empty(), "no report of {unknown:?}");
    read_by_others(&lines);
    assert_eq!(daemon.drain(), Some(0), "{}", home.log_tail());
}
