//! The buyer's user at a browser: opens pages, fills in forms, and sends them; without cookies and without script.

use crate::mime;
use crate::transport::HttpClient;

use super::buyer::Fault;

/// A page that the user sees.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Its HTML.
    pub html: String,
}

/// A browser without memory.
#[derive(Clone, Debug)]
pub struct Browser {
    client: HttpClient,
}

/// Redirects that are followed in a row.
const REDIRECTS_MAX: usize = 5;

impl Browser {
    /// A browser over a client.
    pub fn new(client: HttpClient) -> Browser {
        Browser { client }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// Nothing came back.
    pub async fn open(&self, url: &str) -> Result<Page, Fault> {
        let mut url = url.to_owned();
        for _ in 0..REDIRECTS_MAX {
            let answer = self.client.get(&url).await?;
            match answer
                .location
                .as_deref()
                .filter(|_| (300..400).contains(&answer.status))
            {
                Some(location) => url = joined(&url, location)?,
                None => {
                    return Ok(Page {
                        status: answer.status,
                        html: answer.text(),
                        url,
                    });
                }
            }
        }
        Err(Fault::new("the browser was sent in a circle"))
    }

    /// Sends a form of a page with these fields; the hidden code of the page is added.
    ///
    /// # Errors
    /// The page has no form, or nothing came back.
    pub async fn send(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Result<Page, Fault> {
        let code = input(&page.html, "csrf").ok_or_else(|| Fault::new("the page has no form"))?;
        let url = joined(&page.url, action)?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &code).extend_pairs(fields);
        let body = form.finish().into_bytes();
        let answer = self
            .client
            .post(&url, "application/x-www-form-urlencoded", "simulated browser", body)
            .await?;
        match answer
            .location
            .as_deref()
            .filter(|_| (300..400).contains(&answer.status))
        {
            Some(location) => self.open(&joined(&url, location)?).await,
            None => Ok(Page {
                status: answer.status,
                html: answer.text(),
                url,
            }),
        }
    }

    /// Sends the form that carries a cart to where it goes, as the page's script does.
    ///
    /// # Errors
    /// The page has no such form, or nothing came back.
    pub async fn carry(&self, page: &Page) -> Result<Page, Fault> {
        let form = ["cxml-base64", "cxml-urlencoded"];
        let field = form.into_iter().find_map(|name| Some((name, page.input(name)?)));
        let (name, value) = field.ok_or_else(|| Fault::new("the page carries no cart"))?;
        let action = mime::read_form_page(&page.html)
            .map_err(|error| Fault::new(error.to_string()))?
            .action;
        let action = action.ok_or_else(|| Fault::new("the form goes nowhere"))?;
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair(name, &value);
        let body = body.finish().into_bytes();
        let answer = self
            .client
            .post(&action, "application/x-www-form-urlencoded", "simulated browser", body)
            .await?;
        match answer
            .location
            .as_deref()
            .filter(|_| (300..400).contains(&answer.status))
        {
            Some(location) => self.open(&joined(&action, location)?).await,
            None => Ok(Page {
                status: answer.status,
                html: answer.text(),
                url: action,
            }),
        }
    }
}

impl Page {
    /// The value of an input, attributes in any order.
    pub fn input(&self, name: &str) -> Option<String> {
        input(&self.html, name)
    }
}

fn input(html: &str, name: &str) -> Option<String> {
    let at = html.find(&format!("name=\"{name}\""))?;
    let tag = &html[html[..at].rfind('<')?..];
    let tag = &tag[..tag.find('>')?];
    let value = tag.split_once("value=\"")?.1;
    let value = &value[..value.find('"')?];
    Some(plain(value))
}

/// The text of an attribute: character references become what they stand for.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').map_or(rest.len(), |end| end + 1);
        let reference = rest[..end].trim_start_matches('&').trim_end_matches(';');
        let character = match reference {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            other => other
                .strip_prefix('#')
                .and_then(|code| char::from_u32(code.parse().ok()?)),
        };
        match character {
            Some(character) => plain.push(character),
            None => plain.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    plain.push_str(rest);
    plain
}

fn joined(base: &str, address: &str) -> Result<String, Fault> {
    let base = url::Url::parse(base).map_err(|_| Fault::new("the page has no complete address"))?;
    let url = base
        .join(address)
        .map_err(|_| Fault::new("the page names an address that is none"))?;
    Ok(url.into())
}
