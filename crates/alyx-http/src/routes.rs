//! The only list of routes, grouped by who calls them.

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
    AppState, collections, docs,
    error::{ApiError, Code},
    layer, system,
};

/// A route's pattern as figures and descriptions know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Info,
    Health,
    Live,
    Ready,
    Stats,
    Metrics,
    OpenApi,
    Docs,
    Collection,
    Document,
    Unknown,
}

const COLLECTIONS: &str = "/api/collections";

/// All routes, without the layer around them.
pub(crate) fn routes(config: &mut ServiceConfig) {
    // Clients of the project: those below are told apart in there. First, since they are the most.
    config.service(web::scope(COLLECTIONS).default_service(web::to(collections::dispatch)));
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

impl Route {
    /// Every route, in the order of their numbers.
    pub(crate) const ALL: [Self; 11] = [
        Self::Info,
        Self::Health,
        Self::Live,
        Self::Ready,
        Self::Stats,
        Self::Metrics,
        Self::OpenApi,
        Self::Docs,
        Self::Collection,
        Self::Document,
        Self::Unknown,
    ];

    /// Its path, with names for the parts that vary.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Info => "/",
            Self::Health => "/health",
            Self::Live => "/health/live",
            Self::Ready => "/health/ready",
            Self::Stats => "/health/stats",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/api/openapi.json",
            Self::Docs => "/api/docs",
            Self::Collection => "/api/collections/{collection}",
            Self::Document => "/api/collections/{collection}/{id}",
            Self::Unknown => "unknown",
        }
    }

    /// The methods it takes, as `Allow` lists them.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Collection => "GET, HEAD, POST, OPTIONS",
            Self::Document => "GET, HEAD, PATCH, DELETE, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// The route of what follows `/api/collections` in a path.
    pub(crate) fn below_collections(rest: &str) -> Self {
        let mut parts = rest.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(""), Some(name), None, _) if !name.is_empty() => Self::Collection,
            (Some(""), Some(name), Some(id), None) if !name.is_empty() && !id.is_empty() => Self::Document,
            _ => Self::Unknown,
        }
    }

    /// The route that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        if let Some(rest) = path.strip_prefix(COLLECTIONS) {
            return Self::below_collections(rest);
        }
        let fixed = Self::ALL.into_iter().take(8);
        fixed.into_iter().find(|route| route.pattern() == path).unwrap_or(Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_its_own_route_and_number() {
        for (number, route) in Route::ALL.into_iter().enumerate() {
            assert_eq!(route as usize, number);
            assert_eq!(Route::of(route.pattern()), route);
        }
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in ["", "/api", "/api/collections/", "/api/collections/a/", "/api/collections//b", "/health/", "*"] {
            assert_eq!(Route::of(path), Route::Unknown, "{path}");
        }
        assert_eq!(Route::of("/api/collections/a/b/c"), Route::Unknown);
    }
}
