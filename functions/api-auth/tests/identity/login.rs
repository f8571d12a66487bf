//! Logging in.

use crate::world::{PASSWORD, Someone, World};

#[tokio::test]
async fn somebody_logs_in_whatever_the_case_of_their_address() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let answer = world.login("ADA@example.org", PASSWORD).await.expect(200);
    assert_eq!(answer.json()["expiresIn"], 900);
    let me = Someone::of(&answer).me(&world).await;
    assert_eq!(me["email"], "ada@example.org");
}

#[tokio::test]
async fn an_unknown_person_and_a_wrong_password_can_not_be_told_apart() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let mut answers = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        let before = world.passwords.computed();
        world.aws.take();
        let answer = world.login(email, "wrong password").await.expect(401);
        // One Argon2 each, with the same parameters, and the same calls: both take as long.
        assert_eq!(world.passwords.computed() - before, 1, "{email}");
        let calls = world.aws.take();
        let mut problem = answer.json();
        assert_eq!(problem["error"], "Invalid email or password");
        problem.as_object_mut().unwrap().remove("instance");
        let mut headers: Vec<_> = answer.headers.keys().map(|key| key.to_string()).collect();
        headers.sort();
        answers.push((problem, headers, calls));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_known_and_unknown_people_alike() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    for email in ["ada@example.org", "nobody@example.org"] {
        for _guess in 0..10 {
            world.login(email, "wrong password").await.expect(401);
        }
        let computed = world.passwords.computed();
        let answer = world.login(email, PASSWORD).await.expect(429);
        assert_eq!(
            world.passwords.computed(),
            computed,
            "nothing is verified any more"
        );
        let wait: i64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=300).contains(&wait), "{wait}");
    }
    // Somewhere else the person is not locked out.
    world
        .login_from("203.0.113.7", "ada@example.org", PASSWORD)
        .await
        .expect(200);
    world.wait(300);
    world.login("ada@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guessing_at_one_place_does_not_lock_a_person_out_elsewhere() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let mut refused = 0;
    for _guess in 0..200 {
        let answer = world
            .login_from("198.51.100.1", "ada@example.org", "wrong password")
            .await;
        refused += usize::from(answer.status == 429);
    }
    assert_eq!(refused, 190);
    world
        .login_from("203.0.113.7", "ada@example.org", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn who_knows_the_password_is_forgiven_earlier_tries() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    for _round in 0..3 {
        for _guess in 0..9 {
            world
                .login("ada@example.org", "wrong password")
                .await
                .expect(401);
        }
        world.login("ada@example.org", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn what_can_not_be_a_password_is_refused_before_anything_is_hashed() {
    let world = World::start().await;
    for password in [String::new(), "x".repeat(129)] {
        let answer = world.login("ada@example.org", &password).await.expect(400);
        assert_eq!(answer.wrong_fields(), ["password"]);
    }
    assert_eq!(world.passwords.computed(), 0);
}
