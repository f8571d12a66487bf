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
use ampel_providers::{
    GitProvider, Providers,
    pacing::{Pacer, Unpaced},
};
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

    /// A client with a token, as a process of its own makes it.
    pub fn client(&self) -> Box<dyn GitProvider> {
        self.client_of(&Self::providers(), "ghp_secret")
    }

    /// The clients of a process.
    pub fn providers() -> Providers {
        Providers::new(rules()).unwrap()
    }

    /// A client of a process with a token.
    pub fn client_of(&self, providers: &Providers, token: &str) -> Box<dyn GitProvider> {
        self.connect(providers, token, Arc::new(Unpaced))
    }

    /// A client whose calls go past a pacer.
    pub fn paced(&self, pacer: Arc<dyn Pacer>) -> Box<dyn GitProvider> {
        self.connect(&Self::providers(), "ghp_secret", pacer)
    }

    fn connect(
        &self,
        providers: &Providers,
        token: &str,
        pacer: Arc<dyn Pacer>,
    ) -> Box<dyn GitProvider> {
        let instance = format!("http://{}", self.address);
        let instance = rules().check_instance(&instance).unwrap();
        let token = Secret::new(token.to_owned());
        providers
            .client(Provider::Github, &instance, token, pacer)
            .unwrap()
    }
}

fn rules() -> AddressRules {
    AddressRules {
        allowed_private_hosts: Vec::new(),
        allow_loopback: true,
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
