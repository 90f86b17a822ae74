//! Compresses larger answers for clients that ask for it.

use actix_http::encoding::Encoder;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
    http::header::{ACCEPT_ENCODING, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue, VARY},
};

/// Below this a compressed answer is hardly smaller and only costs time.
const SMALLEST: u64 = 1024;

/// The same response, compressed where that is wanted and worth it.
pub(super) fn compress(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let is_large = matches!(response.response().body().size(), BodySize::Sized(size) if size >= SMALLEST);
    if !is_large {
        return response;
    }
    match chosen(&response) {
        // This says `Vary` itself.
        Some(encoding) => response.map_body(|head, body| BoxBody::new(Encoder::response(encoding, head, body))),
        None => {
            response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
            response
        }
    }
}

fn chosen(response: &ServiceResponse<BoxBody>) -> Option<ContentEncoding> {
    let request = response.request();
    if !request.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    let supported = [Encoding::identity(), Encoding::brotli(), Encoding::gzip()];
    match AcceptEncoding::parse(request).ok()?.negotiate(supported.iter())? {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(encoding) => Some(encoding),
    }
}
