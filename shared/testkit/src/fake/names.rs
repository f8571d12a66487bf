//! Names and marks made from what is known, so that a story always sees the same ones.

use sha1::{Digest, Sha1};

use crate::signing::mac;

/// Lower case hex of SHA-1.
pub(crate) fn sha1_hex(bytes: &[u8]) -> String {
    hex::encode(Sha1::digest(bytes))
}

/// Lower case hex of HMAC-SHA256.
pub(crate) fn hmac_sha256_hex(secret: &str, body: &str) -> String {
    hex::encode(mac(secret.as_bytes(), body.as_bytes()))
}

/// A GUID made from a number.
pub(crate) fn guid_of(id: u64) -> String {
    let mixed = sha1_hex(format!("guid {id}").as_bytes());
    let part = |from: usize, to: usize| mixed.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-11f0-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 27)
    )
}

/// `grace-hopper` becomes `Grace Hopper`.
pub(crate) fn display_name(login: &str) -> String {
    let words = login.trim_end_matches("[bot]").split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect::<String>()
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `Add login` as number 7 becomes `add-login-7`.
pub(crate) fn branch_name(title: &str, number: u64) -> String {
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_lowercase)
        .collect();
    format!("{}-{number}", words.join("-"))
}
