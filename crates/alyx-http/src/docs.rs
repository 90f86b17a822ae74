//! docs
use actix_web::HttpResponse;
pub(crate) async fn openapi() -> HttpResponse { HttpResponse::Ok().finish() }
pub(crate) async fn page() -> HttpResponse { HttpResponse::Ok().finish() }
