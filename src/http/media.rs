//! Pictures and documents of products, named by their content, kept by browsers for ever.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::http::header::{HeaderName, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, web::Path};

use crate::domain::word::Word;
use crate::service::{Gateway, media};

/// Mounts the files.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/media/{supplier}/{file}", web::get().to(serve));
}

/// What a supplier gave is shown or saved, never run: no script, nothing fetched, its kind as we judged it.
async fn serve(gateway: Data<Gateway>, path: Path<(String, String)>) -> HttpResponse {
    let (supplier, file) = path.into_inner();
    let tenant = gateway
        .directory()
        .tenants()
        .find(|tenant| tenant.code == supplier)
        .map(|tenant| tenant.id);
    let hash = file.split('.').next().filter(|hash| is_hash(hash));
    let (Some(tenant_id), Some(hash)) = (tenant, hash) else {
        return HttpResponse::NotFound().finish();
    };
    let found = match media::find(&gateway, tenant_id, hash).await {
        Ok(Some(found)) => found,
        Ok(None) => return HttpResponse::NotFound().finish(),
        Err(error) => {
            tracing::error!(%error, "media.failed");
            return HttpResponse::ServiceUnavailable().finish();
        }
    };
    let disposition = if found.kind.is_picture() {
        "inline"
    } else {
        "attachment"
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, found.kind.content_type()))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("{disposition}; filename=\"{hash}.{}\"", found.kind.word()),
        ))
        .body(found.bytes)
}

/// Sixty-four hexadecimal digits in lower case.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
