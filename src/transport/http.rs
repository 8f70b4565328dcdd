//! An HTTP client that follows nothing, waits for a bounded time and reads a bounded answer.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use futures_util::StreamExt;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION, USER_AGENT};
use reqwest::{Method, redirect};

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, where it was given.
    pub content_type: Option<String>,
    /// `Location`, which is only told, never followed.
    pub location: Option<String>,
    /// `Content-Security-Policy`, where it was given.
    pub content_security_policy: Option<String>,
    /// All headers that are text, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The complete address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The method; without it POST where there is a body, GET where there is none.
    pub method: Option<String>,
}

impl Answer {
    /// The first header of a name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are not UTF-8 become replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Why nothing came back; it never quotes what was sent.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The other side cannot be reached, or broke off.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The client could not be made.
    #[error("the client could not be made: {0}")]
    Client(String),
}

/// An HTTP client; cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: reqwest::Client,
    answer_bytes_max: usize,
}

impl HttpClient {
    /// A client that gives up after `timeout` and reads at most `answer_bytes_max` of an answer.
    ///
    /// # Errors
    /// The TLS library would not.
    pub fn new(timeout: Duration, answer_bytes_max: usize) -> Result<HttpClient, TransportError> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            // Unpacked here, since some servers say gzip of what is plain.
            .no_gzip()
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .timeout(timeout)
            .build()
            .map_err(|error| TransportError::Client(words(error)))?;
        Ok(HttpClient {
            client,
            answer_bytes_max,
        })
    }

    /// Gets a page.
    ///
    /// # Errors
    /// Nothing came back, or too much.
    pub async fn get(&self, url: &str) -> Result<Answer, TransportError> {
        self.send(self.client.get(url)).await
    }

    /// Posts a body as it is.
    ///
    /// # Errors
    /// Nothing came back, or too much.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        user_agent: &str,
        body: Vec<u8>,
    ) -> Result<Answer, TransportError> {
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, content_type)
            .header(USER_AGENT, user_agent);
        self.send(request.body(body)).await
    }

    /// Sends a request with headers of its own.
    ///
    /// # Errors
    /// Nothing came back, or too much.
    pub async fn exchange(&self, request: Request) -> Result<Answer, TransportError> {
        let method = match (&request.method, &request.body) {
            (Some(method), _) => Method::from_bytes(method.as_bytes())
                .map_err(|_| TransportError::Client(format!("{method} is no method of HTTP")))?,
            (None, Some(_)) => Method::POST,
            (None, None) => Method::GET,
        };
        let mut builder = self.client.request(method, &request.url);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        self.send(builder).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, TransportError> {
        let unanswered = |error| TransportError::Unanswered(words(error));
        let request = request.header(ACCEPT_ENCODING, "gzip");
        let response = request.send().await.map_err(unanswered)?;
        let headers = response.headers().clone();
        let text = |name| text(&headers, name);
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: text(CONTENT_TYPE.as_str()),
            location: text(LOCATION.as_str()),
            content_security_policy: text("content-security-policy"),
            headers: all(&headers),
            body: Vec::new(),
        };
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(unanswered)?;
            if answer.body.len() + chunk.len() > self.answer_bytes_max {
                return Err(TransportError::TooLarge(self.answer_bytes_max));
            }
            answer.body.extend_from_slice(&chunk);
        }
        if answer
            .header("content-encoding")
            .is_some_and(|coding| coding.contains("gzip"))
        {
            answer.body = self.unpacked(answer.body)?;
        }
        Ok(answer)
    }

    /// What was packed; what only says so is taken as it is.
    fn unpacked(&self, body: Vec<u8>) -> Result<Vec<u8>, TransportError> {
        if !body.starts_with(&[0x1f, 0x8b]) {
            return Ok(body);
        }
        let mut plain = Vec::new();
        let bytes_max = u64::try_from(self.answer_bytes_max).unwrap_or(u64::MAX);
        GzDecoder::new(body.as_slice())
            .take(bytes_max.saturating_add(1))
            .read_to_end(&mut plain)
            .map_err(|error| {
                TransportError::Unanswered(format!("the packed answer ends early or is damaged: {error}"))
            })?;
        if plain.len() > self.answer_bytes_max {
            return Err(TransportError::TooLarge(self.answer_bytes_max));
        }
        Ok(plain)
    }
}

fn all(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    texts.collect()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The reason without the address, which may carry a secret.
fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
