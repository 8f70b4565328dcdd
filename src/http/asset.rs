//! Style sheet, script and icon: embedded, named by their content, kept by browsers for ever.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, web};
use openssl::sha::sha256;

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: &'static str,
    url: LazyLock<String>,
}

/// The one style sheet, its layers in their order.
pub static STYLE: Asset = Asset {
    name: "site.css",
    content_type: "text/css; charset=utf-8",
    body: concat!(
        include_str!("../../templates/asset/tokens.css"),
        include_str!("../../templates/asset/base.css"),
        include_str!("../../templates/asset/layout.css"),
        include_str!("../../templates/asset/components.css"),
        include_str!("../../templates/asset/pages.css"),
    ),
    url: LazyLock::new(|| STYLE.address()),
};

/// The one script; every page completes its task without it.
pub static SCRIPT: Asset = Asset {
    name: "site.js",
    content_type: "text/javascript; charset=utf-8",
    body: include_str!("../../templates/asset/site.js"),
    url: LazyLock::new(|| SCRIPT.address()),
};

/// The picture in the browser's tab.
pub static ICON: Asset = Asset {
    name: "icon.svg",
    content_type: "image/svg+xml",
    body: include_str!("../../templates/asset/icon.svg"),
    url: LazyLock::new(|| ICON.address()),
};

static ALL: [&Asset; 3] = [&STYLE, &SCRIPT, &ICON];

impl Asset {
    /// Where the file is served: `/asset/{hash}/{name}`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What is served there.
    pub fn body(&self) -> &'static str {
        self.body
    }

    fn address(&self) -> String {
        let hash: String = sha256(self.body.as_bytes())[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("/asset/{hash}/{}", self.name)
    }
}

/// Mounts the files.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/asset/{hash}/{name}", web::get().to(serve));
}

/// A page of an earlier release may ask under an earlier hash: it gets today's file, but must not keep it.
async fn serve(path: web::Path<(String, String)>) -> HttpResponse {
    let (hash, name) = path.into_inner();
    let Some(asset) = ALL.into_iter().find(|asset| asset.name == name) else {
        return HttpResponse::NotFound().finish();
    };
    let current = asset.url() == format!("/asset/{hash}/{name}");
    let keep = if current {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .body(asset.body)
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    #[test]
    fn stays_small() {
        assert!(STYLE.body.len() <= 30_000, "{} bytes of style", STYLE.body.len());
        assert!(SCRIPT.body.len() <= 15_000, "{} bytes of script", SCRIPT.body.len());
    }

    #[test]
    fn fetches_nothing_from_elsewhere() {
        for word in ["http://", "https://", "url(", "@import"] {
            assert!(!STYLE.body.contains(word), "{word}");
            assert!(!SCRIPT.body.contains(word), "{word}");
        }
    }

    #[actix_web::test]
    async fn kept_for_ever_under_its_hash_and_not_under_another() {
        let app = init_service(App::new().configure(routes)).await;
        let check = async |path: &str, status: StatusCode, keep: Option<&str>| {
            let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), status, "{path}");
            let kept = answer.headers().get(CACHE_CONTROL).map(|value| value.to_str().unwrap());
            assert_eq!(kept, keep, "{path}");
        };
        for asset in ALL {
            check(asset.url(), StatusCode::OK, Some("public, max-age=31536000, immutable")).await;
        }
        check("/asset/0000000000000000/site.css", StatusCode::OK, Some("no-store")).await;
        check("/asset/0000000000000000/nothing.css", StatusCode::NOT_FOUND, None).await;
    }
}
