//! Work done on several processors: [`ordered`] where results are taken as they come, in order, a few of them held at a time (a million
//! lines are never all in memory because some were made faster than others), [`each`] where all of them are wanted at the end.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

/// Results that may wait on each lane: enough that none stands idle.
const AHEAD: usize = 4;

/// Makes `count` results on so many lanes and hands them over in order, on the calling thread; without a lane it makes them itself.
/// Stops at the first error.
pub fn ordered<R: Send, E>(
    count: usize,
    lanes: usize,
    make: impl Fn(usize) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    if lanes == 0 || count < 2 {
        return (0..count).try_for_each(|at| take(make(at)));
    }
    let make = &make;
    thread::scope(|scope| {
        let mut results = vec![];
        for lane in 0..lanes {
            let (give, waiting) = sync_channel(AHEAD);
            // Whoever takes has stopped: so does this lane.
            scope.spawn(move || (lane..count).step_by(lanes).try_for_each(|at| give.send(make(at))));
            results.push(waiting);
        }
        for waiting in results.iter().cycle().take(count) {
            match waiting.recv() {
                Ok(result) => take(result)?,
                // The lane panicked: the scope passes that on.
                Err(_gone) => break,
            }
        }
        Ok(())
    })
}

/// One result a thing, in the order of the things, made on so many lanes. Each takes the largest that is left, so that none stands idle
/// while there is work, nor is still at its largest when the others are done. Stops at the first error.
pub fn each<T: Sync, R: Send, E: Send>(
    things: &[T],
    lanes: usize,
    size: impl Fn(&T) -> u64,
    make: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let mut turns: Vec<(usize, &T)> = things.iter().enumerate().collect();
    turns.sort_by_key(|(_, thing)| Reverse(size(thing)));
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut done = vec![];
        while let Some((at, thing)) = turns.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = make(thing);
            if result.is_err() {
                next.store(turns.len(), Ordering::Relaxed);
            }
            done.push((*at, result));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..lanes.min(things.len())).map(|_| scope.spawn(lane)).collect();
        let mut done = lane();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_lanes_and_an_error_ends_it() {
        for lanes in [0, 1, 2, 5] {
            let mut taken = vec![];
            ordered(
                101,
                lanes,
                |at| at * 2,
                |result| {
                    taken.push(result);
                    Ok::<(), ()>(())
                },
            )
            .unwrap();
            assert_eq!(taken, (0..101).map(|at| at * 2).collect::<Vec<_>>(), "{lanes} lanes");
            let mut taken = 0;
            let stopped = ordered(
                1_000,
                lanes,
                |at| at,
                |at| {
                    if at == 7 {
                        Err(at)
                    } else {
                        taken += 1;
                        Ok(())
                    }
                },
            );
            assert_eq!((stopped, taken), (Err(7), 7), "{lanes} lanes");
        }
    }

    #[test]
    fn each_thing_has_its_result_in_its_place_whatever_its_size() {
        let things = [3_u64, 50, 7, 0, 9];
        for lanes in [0, 1, 3] {
            let made = each(&things, lanes, |thing| *thing, |thing| Ok::<_, ()>(thing * 2)).unwrap();
            assert_eq!(made, [6, 100, 14, 0, 18], "{lanes} lanes");
            let stopped = each(&things, lanes, |thing| *thing, |thing| if *thing == 7 { Err(7) } else { Ok(()) });
            assert_eq!(stopped, Err(7), "{lanes} lanes");
        }
    }

    #[test]
    fn the_others_are_done_while_one_takes_long() {
        let things: Vec<u64> = (0..21).collect();
        let (done, told) = std::sync::mpsc::channel();
        let told = std::sync::Mutex::new(told);
        let make = |thing: &u64| {
            if *thing < 20 {
                return done.send(*thing).map_err(|error| error.to_string());
            }
            // The largest is begun first, and ends when it has heard of all others.
            let wait = std::time::Duration::from_mins(2);
            (0..20).try_for_each(|_| told.lock().unwrap().recv_timeout(wait).map(|_| ()).map_err(|error| error.to_string()))
        };
        assert_eq!(each(&things, 2, |thing| *thing, make).map(|all| all.len()), Ok(21));
    }
}
