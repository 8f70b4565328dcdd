//! Doors: cXML, session, shop, admin, api, health.
//!
//! A handler reads a request, calls one service function and copies its outcome; it decides nothing.

pub mod admin;
pub mod api;
pub mod asset;
pub mod body;
pub mod buyer;
pub mod document;
pub mod door;
pub mod guest;
pub mod health;
pub mod media;
pub mod page;
pub mod peer;
pub mod shop;
pub mod tls;
pub mod visit;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::Compress;
use actix_web::{App, HttpServer, web};

use crate::service::Gateway;

/// A gateway that listens.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the certificate listener listens, if there is one.
    pub certificate_address: Option<SocketAddr>,
    handle: ServerHandle,
}

impl Running {
    fn new(address: SocketAddr, certificate_address: Option<SocketAddr>, server: &Server) -> Running {
        Running {
            address,
            certificate_address,
            handle: server.handle(),
        }
    }

    /// Stops listening and lets running requests finish.
    pub async fn stop(&self) {
        self.handle.stop(true).await;
    }
}

/// Why the gateway cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had.
    #[error("{setting}: {source}")]
    Bind {
        /// The setting that names the address.
        setting: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("{0}")]
    Tls(#[from] tls::TlsError),
}

/// Listens as configured; the returned future ends when the server was stopped.
///
/// # Errors
/// An address cannot be had, or a certificate cannot be used.
pub fn listen(gateway: &Arc<Gateway>) -> Result<(Running, Server), ListenError> {
    let config = &gateway.config;
    let state = web::Data::from(Arc::clone(gateway));
    let receive = Duration::from_secs(config.limits.receive_seconds);
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .wrap(Compress::default())
            .configure(routes)
    })
    .on_connect(tls::remember_certificate)
    .client_request_timeout(receive)
    .client_disconnect_timeout(Duration::from_secs(2))
    .shutdown_timeout(config.server.stop_seconds)
    .tcp_nodelay(true)
    .disable_signals();
    if config.server.workers > 0 {
        server = server.workers(config.server.workers);
    }
    let (listener, address) = bind("server.bind", &config.server.bind)?;
    let failed = |setting: &'static str| move |source| ListenError::Bind { setting, source };
    server = if config.server.tls_certificate.is_empty() {
        server.listen(listener)
    } else {
        let acceptor = tls::server(&config.server.tls_certificate, &config.server.tls_key)?;
        server.listen_openssl(listener, acceptor)
    }
    .map_err(failed("server.bind"))?;
    let mut certificate_address = None;
    if !config.certificates.bind.is_empty() {
        let (listener, address) = bind("certificates.bind", &config.certificates.bind)?;
        let acceptor = tls::asking_for_certificates(&config.certificates)?;
        server = server
            .listen_openssl(listener, acceptor)
            .map_err(failed("certificates.bind"))?;
        certificate_address = Some(address);
    }
    let running = server.run();
    Ok((Running::new(address, certificate_address, &running), running))
}

fn bind(setting: &'static str, address: &str) -> Result<(TcpListener, SocketAddr), ListenError> {
    let failed = |source| ListenError::Bind { setting, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Every address of the gateway.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(health::routes)
        .configure(asset::routes)
        .configure(media::routes)
        .configure(door::routes)
        .configure(api::routes)
        .configure(visit::routes)
        .configure(shop::routes)
        .configure(admin::routes);
}
