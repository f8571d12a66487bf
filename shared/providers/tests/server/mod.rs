//! Servers that answer by the book of a test.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "every test takes what it needs"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the way tests do"
)]

use std::sync::{Arc, Mutex};

use ampel_domain::{instance::AddressRules, provider::Provider, secret::Secret};
use ampel_providers::{GitProvider, Providers, pacing::Unpaced};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that writes down what it is sent and answers the same to everything.
pub struct Server {
    pub address: String,
    pub heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = vec![0; 16 * 1024];
                let read = stream.read(&mut buffer).await.unwrap();
                let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
                let reply = answer(&request);
                log.lock().unwrap().push(request);
                // The client may hang up in the middle.
                let _ = stream.write_all(&reply).await;
            }
        });
        Self { address, heard }
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub fn client(&self) -> Box<dyn GitProvider> {
        let rules = AddressRules {
            allowed_private_hosts: Vec::new(),
            allow_loopback: true,
        };
        let instance = rules
            .check_instance(&format!("http://{}", self.address))
            .unwrap();
        let token = Secret::new("ghp_secret".to_owned());
        Providers::new(rules)
            .unwrap()
            .client(Provider::Github, &instance, token, Arc::new(Unpaced))
            .unwrap()
    }
}

/// An answer with this status line, more headers and a body.
pub fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
