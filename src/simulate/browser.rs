//! The buyer's user at a browser: opens pages, fills in forms, and sends them; without cookies and without script.

use crate::mime::{self, FormDocument};
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
}

impl Page {
    /// The cart in the form of this page, as a browser would send it on.
    ///
    /// # Errors
    /// There is none.
    pub fn returned(&self) -> Result<(Option<String>, FormDocument), Fault> {
        let page = mime::read_form_page(&self.html).map_err(|error| Fault::new(error.to_string()))?;
        Ok((page.action, page.document))
    }

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
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

fn joined(base: &str, address: &str) -> Result<String, Fault> {
    let base = url::Url::parse(base).map_err(|_| Fault::new("the page has no complete address"))?;
    let url = base
        .join(address)
        .map_err(|_| Fault::new("the page names an address that is none"))?;
    Ok(url.into())
}
