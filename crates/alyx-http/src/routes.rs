//! The only list of routes, grouped by who calls them.

mod table;

use actix_web::{
    HttpResponse, Resource,
    guard::{self, Guard},
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

use crate::{
    AppState, admin, auth, collections, docs,
    error::{ApiError, Code},
    functions, layer,
    pages::{self, Page},
    realtime, system, transactions,
};

pub(crate) use table::Route;

/// All routes, without the layer around them.
pub(crate) fn routes(config: &mut ServiceConfig) {
    // Clients of the project: those below are told apart in there. First, since they are the most.
    config.service(web::scope(table::COLLECTIONS).default_service(web::to(collections::dispatch)));
    config.service(resource(Route::Batch).route(web::post().to(transactions::batch)));
    config.service(resource(Route::Transactions).route(web::post().to(transactions::begin)));
    config.service(resource(Route::TransactionCommit).route(web::post().to(transactions::commit)));
    config.service(resource(Route::TransactionRollback).route(web::post().to(transactions::roll_back)));
    config.service(web::scope(table::AUTH).default_service(web::to(auth::dispatch)));
    config.service(resource(Route::Realtime).route(reading().to(realtime::connect)));
    config.service(resource(Route::RealtimeEvents).route(reading().to(realtime::events::events)));
    config.service(resource(Route::RealtimeTicket).route(web::post().to(realtime::events::ticket)));
    config.service(resource(Route::Jwks).route(reading().to(auth::jwks)));
    config.service(resource(Route::Function).route(web::post().to(functions::invoke)));
    // Functions, while their calls run.
    config.service(web::scope(table::INTERNAL).default_service(web::to(functions::internal)));
    // Administrators.
    config.service(web::scope(table::ADMIN).default_service(web::to(admin::dispatch)));
    // People who follow a link.
    for (route, page) in [
        (Route::AdminPage, Page::Admin),
        (Route::SetupPage, Page::Setup),
        (Route::ResetPasswordPage, Page::ResetPassword),
        (Route::VerifyEmailPage, Page::VerifyEmail),
        (Route::ChangeEmailPage, Page::ChangeEmail),
    ] {
        config.service(
            resource(route).route(reading().to(move |state: Data<AppState>| async move { pages::page(page, &state) })),
        );
    }
    // Anyone who looks around.
    config.service(resource(Route::Info).route(reading().to(system::info)));
    config.service(resource(Route::OpenApi).route(reading().to(docs::openapi)));
    config.service(resource(Route::Docs).route(reading().to(docs::page)));
    // Machines that watch over the server.
    config.service(resource(Route::Health).route(reading().to(system::health)));
    config.service(resource(Route::Live).route(reading().to(system::live)));
    config.service(resource(Route::Ready).route(reading().to(system::health)));
    config.service(resource(Route::Stats).route(reading().to(system::stats)));
    config.service(resource(Route::Metrics).route(reading().to(system::metrics)));
}

/// Mounts everything in an actix app of your own: what it does not register before, these routes answer.
///
/// ```no_run
/// # fn run(state: alyx_http::AppState) {
/// use actix_web::App;
/// let app = App::new().configure(|config| alyx_http::configure(config, state));
/// # }
/// ```
pub fn configure(config: &mut ServiceConfig, state: AppState) {
    configure_with(config, state, |_| {});
}

/// The same with routes of your own, which get request ids, the error shape, the log and protection from panics too.
pub fn configure_with(config: &mut ServiceConfig, state: AppState, own: impl FnOnce(&mut ServiceConfig)) {
    let scope = web::scope("")
        .app_data(Data::new(state.clone()))
        .wrap(from_fn(move |request, next| layer::around(state.clone(), request, next)))
        .configure(own)
        .configure(routes)
        .default_service(web::to(unknown_path));
    config.service(scope);
}

/// The answer where no route fits.
pub(crate) async fn unknown_path() -> HttpResponse {
    HttpResponse::from_error(ApiError::new(Code::NotFound, Code::NotFound.default_message()))
}

fn resource(route: Route) -> Resource {
    let not_allowed = move |method: Method| async move { other_method(&method, route.methods()) };
    web::resource(route.pattern()).default_service(web::to(not_allowed))
}

/// A route for GET and HEAD.
fn reading() -> actix_web::Route {
    web::route().guard(guard::fn_guard(|context| guard::Get().check(context) || guard::Head().check(context)))
}

/// The answer where the path takes other methods.
pub(crate) fn other_method(method: &Method, allow: &'static str) -> HttpResponse {
    let mut answer = if method == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::from_error(ApiError::new(Code::MethodNotAllowed, Code::MethodNotAllowed.default_message()))
    };
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    answer
}
