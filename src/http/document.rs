//! A document that somebody gives to be checked: as the body, or in a form.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};

use crate::http::admin::CODE;
use crate::mime::{self, Part};
use crate::service::Error;
use crate::service::check::{self, Checked};

/// A document as it was given.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is said of their kind and encoding.
    pub content_type: Option<String>,
    /// The name of its file; `-` where there is none.
    pub name: String,
}

/// A form with a document.
#[derive(Clone, Debug)]
pub struct Form {
    /// The document: a file before what was pasted.
    pub given: Option<Given>,
    /// The code of the page that the form was on; empty where it was on none.
    pub code: String,
}

/// What the request says of its body.
pub fn content_type(request: &HttpRequest) -> Option<&str> {
    request.headers().get(CONTENT_TYPE)?.to_str().ok()
}

/// Whether a body is a form.
pub fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|text| text.trim().to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// The form in a body; nothing where it is none.
pub fn form(request: &HttpRequest, body: &[u8]) -> Option<Form> {
    let content_type = content_type(request).filter(|text| is_form(Some(text)))?;
    let message = mime::read(content_type, body, &mime::Limits::default()).ok()?;
    let field = |name: &str| {
        let parts = message.parts().iter();
        parts
            .filter(|part| part.field.as_deref() == Some(name))
            .find(|part| !part.body.trim_ascii().is_empty())
    };
    let code = field(CODE).map(|part| String::from_utf8_lossy(&part.body).into_owned());
    let given = |part: &Part<'_>| Given {
        bytes: part.body.to_vec(),
        // A browser states the encoding of what was pasted by that of its page; of a file it knows nothing.
        content_type: part.file_name.is_none().then(|| "text/xml; charset=UTF-8".to_owned()),
        name: part.file_name.clone().unwrap_or_else(|| "-".to_owned()),
    };
    Some(Form {
        given: field("file").or_else(|| field("document")).map(given),
        code: code.unwrap_or_default(),
    })
}

/// Checks a document on a thread of its own, so that pages are not held up by it.
///
/// # Errors
/// The server is stopping.
pub async fn check(given: Given, options: check::Options) -> Result<Checked, Error> {
    web::block(move || check::check(&given.bytes, given.content_type.as_deref(), &options))
        .await
        .map_err(|_| Error::Setting("the server is stopping".to_owned()))
}
