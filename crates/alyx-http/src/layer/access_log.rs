//! One line a request. Never the query, a header or a body: those may hold secrets.

use actix_web::{body::BoxBody, dev::ServiceResponse};
use alyx_config::value::Cidr;

use super::Exchange;
use crate::client_address::client_address;

/// Logs the request and how it was answered, where someone listens.
pub(super) fn write(exchange: &Exchange, response: &ServiceResponse<BoxBody>, trusted: &[Cidr]) {
    if !tracing::enabled!(target: "alyx::access", tracing::Level::INFO) {
        return;
    }
    let request = response.request();
    tracing::info!(
        target: "alyx::access",
        request_id = exchange.request_id.to_str().unwrap_or_default(),
        method = exchange.method.as_str(),
        path = request.uri().path(),
        status = response.status().as_u16(),
        duration_us = u64::try_from(exchange.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        client = client_address(request, trusted).map(tracing::field::display),
        "request"
    );
}
