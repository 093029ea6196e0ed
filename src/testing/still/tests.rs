//! Time stands still, and passes exactly.

use std::{sync::mpsc::Receiver, thread};

use tokio::time::sleep;

use super::*;

const BEGIN: Moment = Moment(1_000_000);

/// A runtime without an engine, and what its tasks tell.
fn running() -> (Keeper, mpsc::Sender<u64>, Receiver<u64>) {
    let (still, keeper) = still(BEGIN).unwrap();
    thread::spawn(move || still.system().run());
    let (tell, told) = mpsc::channel();
    (keeper, tell, told)
}

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn a_timer_fires_when_its_time_has_come_and_not_a_millisecond_before_or_after() {
    let (keeper, tell, told) = running();
    let clock = keeper.clock;
    keeper.handle.spawn(async move {
        for n in 1.. {
            sleep(millis(n % 5 + 1)).await;
            let _ = tell.send(clock.now().0);
        }
    });
    let mut last = BEGIN.0;
    for step in [1, 1, 1, 1, 3, 64, 65, 4095, 4096, 4097, 100_000, 1] {
        let now = keeper.pass(millis(step)).unwrap();
        last += step;
        assert_eq!(now.0, last);
        assert!(told.try_iter().all(|at| at <= now.0), "a timer fired too late");
        thread::sleep(millis(2));
        assert_eq!(told.try_iter().count(), 0, "a timer fired while time stood still");
    }
}

#[test]
fn timers_fire_in_their_order() {
    let (keeper, tell, told) = running();
    for n in [500, 3, 70_000, 64, 1] {
        let tell = tell.clone();
        keeper.handle.spawn(async move {
            sleep(millis(n)).await;
            let _ = tell.send(n);
        });
    }
    keeper.pass(millis(70_000));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 3, 64, 500, 70_000]);
}

#[test]
fn a_blocking_task_is_waited_for_and_what_comes_of_it_too() {
    let (keeper, tell, told) = running();
    keeper.handle.spawn(async move {
        sleep(millis(10)).await;
        actors(async move {
            for n in 0..5 {
                let _ = spawn_blocking(|| thread::sleep(millis(5))).await;
                let _ = tell.send(n);
            }
        });
    });
    assert_eq!(keeper.pass(millis(10)).unwrap(), BEGIN + millis(10));
    assert_eq!(told.try_iter().count(), 5);
}

/// A task of the system's own, as those of actors are.
fn actors(task: impl Future<Output = ()> + Send + 'static) {
    // The system registered its arbiter on this thread.
    actix_rt::Arbiter::current().spawn(task);
}

#[test]
fn a_crowd_of_tasks_that_wake_each_other_comes_to_rest() {
    let (keeper, tell, told) = running();
    keeper.handle.spawn(async move {
        for n in 0..500 {
            let tell = tell.clone();
            actors(async move {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                let _ = tell.send(n);
            });
        }
    });
    assert_eq!(keeper.pass(Duration::ZERO), Some(BEGIN));
    assert_eq!(told.try_iter().count(), 500);
}

#[test]
fn a_part_of_a_millisecond_is_a_whole_one_and_what_is_too_long_is_cut() {
    assert_eq!(whole(Duration::from_nanos(1)), millis(1));
    assert_eq!(whole(millis(7)), millis(7));
    assert_eq!(whole(Duration::MAX), LONGEST);
}

#[test]
fn after_a_crash_all_is_dropped_and_no_time_passes() {
    struct Dropped(mpsc::Sender<u64>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(7);
        }
    }
    let (mut keeper, tell, told) = running();
    let dropped = Dropped(tell);
    keeper.handle.spawn(async move {
        sleep(millis(10)).await;
        drop(dropped);
    });
    keeper.pass(Duration::ZERO);
    keeper.crash();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [7]);
    assert_eq!(keeper.pass(millis(1)), None);
}
