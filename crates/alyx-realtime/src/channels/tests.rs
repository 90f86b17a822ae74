//! What members of a channel get, in which order, and what happens when one is slow or leaves.

use super::*;

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn shown(name: &'static str) -> Shown {
    Shown { entry: text(name), news: text("came"), farewell: text("left") }
}

/// Everything that waits, with `missed` where something was.
#[track_caller]
fn check(letters: &mut Letters, expected: &[&str]) {
    let mut found = Vec::new();
    while let Some(delivery) = now(letters) {
        found.push(match delivery {
            Delivery::Letter(letter) => String::from_utf8(letter.text.to_vec()).unwrap(),
            Delivery::Missed(_) => "missed".to_owned(),
        });
    }
    assert_eq!(found, expected);
}

fn now(letters: &mut Letters) -> Option<Delivery> {
    let mut next = std::pin::pin!(letters.next());
    match next.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(delivery) => Some(delivery),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_broadcast_goes_to_all_others_and_is_made_once() {
    let channels = Channels::default();
    let posts: Vec<_> = (0..3).map(|_| Post::new(8)).collect();
    let members: Vec<_> = posts.iter().map(|(post, _)| channels.join("lobby", post)).collect();
    let elsewhere = Post::new(8);
    let _other = channels.join("other", &elsewhere.0);
    let mut made = 0;
    channels.broadcast("lobby", Some(members[0].number()), || {
        made += 1;
        text("hello")
    });
    channels.broadcast("nobody", None, || unreachable!("nobody is there"));
    let mut ends: Vec<_> = posts.into_iter().map(|(_, letters)| letters).collect();
    check(&mut ends[0], &[]);
    check(&mut ends[1], &["hello"]);
    check(&mut ends[2], &["hello"]);
    let (_, mut end) = elsewhere;
    check(&mut end, &[]);
    assert_eq!((made, channels.figures()), (1, (2, 4)));
    drop(members);
    assert_eq!(channels.figures(), (1, 1), "a channel without members is none");
}

#[test]
fn a_slow_member_hears_what_came_before_and_then_how_much_it_missed() {
    let channels = Channels::default();
    let ((slow, mut letters), (sender, _end)) = (Post::new(2), Post::new(8));
    let (slow, sender) = (channels.join("lobby", &slow), channels.join("lobby", &sender));
    for word in ["1", "2", "3", "4", "5"] {
        channels.broadcast("lobby", Some(sender.number()), || text(word));
    }
    assert!(matches!(now(&mut letters), Some(Delivery::Letter(letter)) if letter.text == "1"));
    channels.broadcast("lobby", Some(sender.number()), || text("6"));
    check(&mut letters, &["2", "missed"]);
    assert_eq!(slow.resume(), (4, None), "6 had room, but 3 would have stood behind it");
    channels.broadcast("lobby", Some(sender.number()), || text("7"));
    check(&mut letters, &["7"]);
    assert_eq!(slow.resume().0, 0);
}

#[test]
fn large_messages_fill_a_post_sooner() {
    let channels = Channels::default();
    let (post, mut letters) = Post::new(100);
    let member = channels.join("lobby", &post);
    let large = Bytes::from(vec![b'x'; 3 * 1024 * 1024]);
    for _ in 0..3 {
        channels.broadcast("lobby", None, || large.clone());
    }
    assert!(matches!(now(&mut letters), Some(Delivery::Letter(_))));
    assert!(matches!(now(&mut letters), Some(Delivery::Missed(_))));
    assert_eq!(member.resume().0, 2);
    let huge = Bytes::from(vec![b'x'; 5 * 1024 * 1024]);
    channels.broadcast("lobby", None, || huge);
    assert!(matches!(now(&mut letters), Some(Delivery::Letter(_))), "one alone is let through");
}

#[test]
fn who_sees_is_told_who_comes_and_goes() {
    let channels = Channels::default();
    let ((anna, mut annas), (bert, mut berts), (carl, mut carls)) = (Post::new(8), Post::new(8), Post::new(8));
    let anna = channels.join("lobby", &anna);
    assert_eq!(anna.see(), [] as [Bytes; 0]);
    let bert = channels.join("lobby", &bert);
    bert.show(shown("bert"));
    assert_eq!(bert.see(), ["bert"]);
    let carl = channels.join("lobby", &carl);
    anna.show(shown("anna"));
    check(&mut annas, &["came"]);
    check(&mut berts, &["came"]);
    bert.veil();
    assert_eq!(anna.see(), ["anna"]);
    drop(anna);
    check(&mut annas, &["left"]);
    check(&mut berts, &[]);
    carl.hide();
    drop(carl);
    check(&mut carls, &[]);
}

#[test]
fn rooms_come_and_go_while_others_join() {
    let channels = Channels::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let (post, mut letters) = Post::new(64);
                    let member = channels.join("lobby", &post);
                    channels.broadcast("lobby", None, || text("x"));
                    let mut heard = 0;
                    while let Some(Delivery::Letter(_)) = now(&mut letters) {
                        heard += 1;
                    }
                    assert!(heard > 0, "who is in hears at least itself");
                    drop(member);
                }
            });
        }
    });
    assert_eq!(channels.figures(), (0, 0));
}
