use super::*;

fn board(lines: usize) -> Arc<Board> {
    let (head, idle, body) = (TICK * 4, TICK * 20, TICK * 8);
    Board::new(Limits { head, idle, body, lines })
}

fn is_gone(line: &Line) -> bool {
    line.doing().0 == Doing::Gone
}

#[test]
fn who_is_silent_for_too_long_is_cut_off_and_who_works_is_not() {
    let board = board(9);
    let [idle, slow, works, form] = [(); 4].map(|()| board.open());
    slow.read_some();
    works.work();
    form.receive_form();
    (0..3).for_each(|_| board.look());
    assert!(!is_gone(&slow));
    board.look();
    assert!(is_gone(&slow) && !is_gone(&idle));
    (0..15).for_each(|_| board.look());
    assert!(!is_gone(&idle));
    board.look();
    assert!(is_gone(&idle) && !is_gone(&works) && !is_gone(&form));
}

#[test]
fn bytes_that_drip_in_do_not_prolong_the_time_for_a_head() {
    let board = board(9);
    let line = board.open();
    for _ in 0..4 {
        line.read_some();
        assert!(!is_gone(&line));
        board.look();
    }
    assert!(is_gone(&line));
}

#[test]
fn taking_an_answer_slowly_is_not_silence() {
    let board = board(9);
    let line = board.open();
    line.answered();
    for _ in 0..100 {
        line.wrote_some();
        board.look();
    }
    assert!(!is_gone(&line));
}

#[test]
fn room_is_made_by_whoever_has_waited_longest() {
    let board = board(3);
    let [works, old] = [(); 2].map(|()| board.open());
    works.work();
    board.look();
    let young = board.open();
    board.make_room();
    assert!(is_gone(&old) && !is_gone(&young) && !is_gone(&works));
    drop(old);
    assert_eq!(board.count(), 2);
}

#[test]
fn a_slow_sender_makes_room_only_when_nobody_waits() {
    let board = board(2);
    let [form, idle] = [(); 2].map(|()| board.open());
    form.receive_form();
    board.make_room();
    assert!(is_gone(&idle) && !is_gone(&form));
    drop(idle);
    board.make_room();
    assert!(is_gone(&form));
}
