//! TLS for the listeners, and the client certificate of a connection.

use std::any::Any;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use openssl::hash::MessageDigest;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslRef, SslVerifyMode};
use openssl::x509::{X509, X509NameRef, X509VerifyResult};

use crate::config::Certificates;
use crate::service::trust::ClientCertificate;

/// Certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {source}")]
pub struct TlsError {
    /// The file, or what was done.
    pub file: String,
    /// Why.
    pub source: openssl::error::ErrorStack,
}

/// The ordinary listener: TLS 1.2 and later, the chain in full, no client certificate.
///
/// # Errors
/// Certificate or key cannot be used.
pub fn server(certificate: &str, key: &str) -> Result<SslAcceptorBuilder, TlsError> {
    let failed = |file: &str| {
        let file = file.to_owned();
        move |source| TlsError { file, source }
    };
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).map_err(failed("TLS"))?;
    acceptor
        .set_certificate_chain_file(certificate)
        .map_err(failed(certificate))?;
    acceptor
        .set_private_key_file(key, SslFiletype::PEM)
        .map_err(failed(key))?;
    Ok(acceptor)
}

/// The certificate listener: asks for a certificate and lets every one through; whose it is decides the trust table.
///
/// A certificate known by its key needs no chain, so a failed chain is remembered instead of refused.
///
/// # Errors
/// A certificate or key cannot be used.
pub fn asking_for_certificates(config: &Certificates) -> Result<SslAcceptorBuilder, TlsError> {
    let mut acceptor = server(&config.tls_certificate, &config.tls_key)?;
    if !config.client_ca.is_empty() {
        acceptor.set_ca_file(&config.client_ca).map_err(|source| TlsError {
            file: config.client_ca.clone(),
            source,
        })?;
    }
    acceptor.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    Ok(acceptor)
}

/// Keeps the client certificate beside the connection, for every request on it.
pub fn remember_certificate(connection: &dyn Any, extensions: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>()
        && let Some(certificate) = client_certificate(stream.ssl())
    {
        extensions.insert(certificate);
    }
}

fn client_certificate(ssl: &SslRef) -> Option<ClientCertificate> {
    let certificate = ssl.peer_certificate()?;
    let spki_sha256 = spki_sha256(&certificate)?;
    Some(ClientCertificate {
        spki_sha256,
        subject: name(certificate.subject_name()),
        issuer: name(certificate.issuer_name()),
        chain_verified: ssl.verify_result() == X509VerifyResult::OK,
    })
}

/// SHA-256 of the SubjectPublicKeyInfo, which stays the same when a certificate is renewed with its key.
fn spki_sha256(certificate: &X509) -> Option<Vec<u8>> {
    let key = certificate.public_key().ok()?.public_key_to_der().ok()?;
    Some(openssl::hash::hash(MessageDigest::sha256(), &key).ok()?.to_vec())
}

/// A distinguished name as `CN=…,O=…`, most specific part first (RFC 2253 order).
fn name(name: &X509NameRef) -> String {
    let part = |entry: &openssl::x509::X509NameEntryRef| {
        let key = entry.object().nid().short_name().unwrap_or("OID").to_owned();
        let value = entry.data().to_string().unwrap_or_default();
        format!("{key}={}", value.replace('\\', "\\\\").replace(',', "\\,"))
    };
    let mut parts: Vec<String> = name.entries().map(part).collect();
    parts.reverse();
    parts.join(",")
}
