//! Mail to mail exchangers: the daemon asks a DNS server, and goes where it is told.

use std::time::Duration;

use crate::daemon::{
    client::Client,
    home::Home,
    load::content,
    names::{Names, Says},
    process::Daemon,
    sink::{Sink, Taken},
    within,
};

/// A daemon that asks this server; all exchangers listen on the port of the sink.
struct World {
    home: Home,
    daemon: Daemon,
    names: Names,
    sink: Sink,
}

impl World {
    fn new() -> Self {
        let (names, sink) = (Names::start(), Sink::start());
        let rest = format!(
            "[dns]\nservers = [\"{}\"]\nmx_port = {}\n[delivery.timeouts]\nresolve = \"1 s\"\nconnect = \"2 s\"\n\
             [[route]]\ndomain = \"*\"\nto = \"mx\"\nretry = [\"300 ms\"]\nthen = \"300 ms\"\njitter = 0\n",
            names.address, sink.port
        );
        let home = Home::new("segment_size = \"1 MiB\"", &rest);
        names.say("home.example", Says::Exchangers(vec![(10, "mx.home.example.")]));
        names.say("mx.home.example", Says::Address([127, 0, 0, 1].into()));
        World { daemon: home.start(), home, names, sink }
    }

    fn send(&self, to: &[&str]) {
        let mut client = Client::connect(self.daemon.address).expect("the daemon listens");
        let mail = content("exchangers", 1000);
        client.send("me@home.example", to, &mail).expect("the daemon answers").expect("it takes the mail");
    }

    fn takes(&self, count: usize) -> Vec<Taken> {
        let mut taken = Vec::new();
        let came = within(Duration::from_secs(20), || {
            taken.extend(self.sink.taken());
            taken.len() >= count
        });
        assert!(came, "{} of {count} came\n{}", taken.len(), self.home.log_tail());
        taken
    }

    fn ends(self) {
        assert_eq!(self.daemon.drain(), Some(0), "{}", self.home.log_tail());
    }
}

/// For whom it is. The daemon adds ORCPT, which is not asked for here.
fn recipients(taken: &Taken) -> Vec<&str> {
    taken.recipients.iter().filter_map(|recipient| recipient.split(' ').next()).collect()
}

fn text(taken: &Taken) -> String {
    String::from_utf8_lossy(&taken.content).into_owned()
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn mail_goes_to_the_next_exchanger_when_the_best_one_is_not_there() {
    let world = World::new();
    world.names.say("a.example", Says::Exchangers(vec![(20, "backup.a.example."), (10, "dead.a.example.")]));
    world.names.say("dead.a.example", Says::Address([127, 0, 0, 9].into()));
    world.names.say("backup.a.example", Says::Address([127, 0, 0, 1].into()));
    world.send(&["u@a.example"]);
    assert_eq!(recipients(&world.takes(1)[0]), ["<u@a.example>"]);
    world.ends();
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn what_the_dns_is_certain_of_is_reported_at_once_and_what_it_is_not_waits() {
    let world = World::new();
    world.names.say("null.example", Says::Exchangers(vec![(0, ".")]));
    world.names.say("late.example", Says::Failure);
    world.names.say("slow.example", Says::Silence);
    world.send(&["u@null.example", "u@missing.example", "u@late.example", "u@slow.example"]);
    let mut reports: Vec<String> = world.takes(2).iter().map(text).collect();
    reports.sort_by_key(|report| report.contains("null MX"));
    assert!(reports[0].contains("550 5.1.2 the domain missing.example does not exist"), "{}", reports[0]);
    assert!(reports[1].contains("556 5.1.10 null.example takes no mail"), "{}", reports[1]);
    world.names.say("late.example", Says::Exchangers(vec![(10, "mx.home.example.")]));
    world.names.say("slow.example", Says::Exchangers(vec![(10, "mx.home.example.")]));
    let mut to = Vec::new();
    while to.len() < 2 {
        let taken = world.takes(1); // together, if it was the same attempt
        to.extend(taken.iter().flat_map(recipients).map(str::to_owned));
    }
    to.sort();
    assert_eq!(to, ["<u@late.example>", "<u@slow.example>"]);
    world.ends();
}

#[test]
#[ignore = "needs seconds; .ci/run runs it"]
fn a_hundred_domains_of_one_provider_are_one_queue_and_few_connections() {
    let world = World::new();
    let domains: Vec<String> = (0..100).map(|n| format!("d{n}.example")).collect();
    for domain in &domains {
        world.names.say(domain, Says::Exchangers(vec![(10, "mx2.provider.example."), (10, "mx1.provider.example.")]));
    }
    for host in ["mx1.provider.example", "mx2.provider.example"] {
        world.names.say(host, Says::Address([127, 0, 0, 1].into()));
    }
    for domain in &domains {
        world.send(&[&format!("u@{domain}")]);
    }
    world.takes(100);
    let opened = world.home.log().matches("opening the queue").count();
    assert_eq!(opened, 1, "{}", world.home.log_tail());
    assert!(world.sink.connections() <= 20, "{} connections for 100 mails", world.sink.connections());
    world.ends();
}
