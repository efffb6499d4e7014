//! An S3 to talk to over the wire: files in a directory, with faults on demand in front of them.
//!
//! What is in the directory is in the store: `DIR/BUCKET/KEY`. It needs nothing else from its
//! surroundings, and runs on threads of its own.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Result, s3_error};

use super::s3_store::Store;

/// The credentials it knows.
pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn is_listing(&self) -> bool {
        self.method == "GET" && self.query.contains("list-type=2")
    }

    pub(crate) fn is_get(&self) -> bool {
        self.method == "GET" && !self.is_listing()
    }
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This answer, without asking the store. HEAD gets no body.
    Answer {
        status: u16,
        code: &'static str,
        message: &'static str,
        headers: Vec<(&'static str, &'static str)>,
    },
    /// The connection is closed in place of an answer.
    Close,
    /// The connection is closed after so many bytes of the body.
    Cut(usize),
    /// Nothing more comes after so many bytes of the body.
    Stall(usize),
    /// The body is this much shorter, and its length says so.
    Shorten(usize),
    /// One letter of the body is another.
    Garble,
}

impl Fault {
    pub(crate) fn answer(status: u16, code: &'static str, message: &'static str) -> Self {
        Self::Answer { status, code, message, headers: Vec::new() }
    }
}

type Picks = Box<dyn Fn(&Seen) -> bool + Send>;

#[derive(Default)]
struct State {
    latency: Duration,
    allows_anonymous: bool,
    archived: Vec<String>,
    rules: Vec<(Picks, Fault, usize)>,
    seen: Vec<Seen>,
    flying: usize,
    flying_bytes: u64,
    peak: usize,
    peak_bytes: u64,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    /// For `AWS_ENDPOINT_URL`.
    pub(crate) endpoint: String,
    state: Shared,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Serves a directory on a port of its own. May be called with and without a runtime.
pub(crate) fn start(directory: &Path) -> Server {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let state = Shared::default();
    let service = service(directory, &state);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    let shared = Arc::clone(&state);
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        while let Ok((socket, _)) = listener.accept().await {
            let _ = socket.set_nodelay(true);
            let (service, state) = (service.clone(), Arc::clone(&shared));
            let answer =
                service_fn(move |request| answer(service.clone(), Arc::clone(&state), request));
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), answer),
            );
        }
    });
    Server { endpoint, state, runtime: Some(runtime) }
}

fn service(directory: &Path, state: &Shared) -> S3Service {
    let shared = Arc::clone(state);
    let store =
        Store::new(directory, move |key| lock(&shared).archived.iter().any(|one| one == key));
    let mut builder = S3ServiceBuilder::new(store);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    builder.set_access(Gate(Arc::clone(state)));
    builder.build()
}

impl Server {
    /// Every answer takes this much longer.
    pub(crate) fn latency(&self, latency: Duration) {
        lock(&self.state).latency = latency;
    }

    /// Requests without a signature are answered.
    pub(crate) fn allow_anonymous(&self) {
        lock(&self.state).allows_anonymous = true;
    }

    /// This key is listed as archived, and cannot be read.
    pub(crate) fn archive(&self, key: &str) {
        lock(&self.state).archived.push(key.to_owned());
    }

    /// The next requests of a kind, so many of them, go wrong.
    pub(crate) fn fault(
        &self,
        times: usize,
        fault: Fault,
        picks: impl Fn(&Seen) -> bool + Send + 'static,
    ) {
        lock(&self.state).rules.push((Box::new(picks), fault, times));
    }

    /// So many requests are asked to slow down.
    pub(crate) fn slow_down(&self, times: usize) {
        self.fault(
            times,
            Fault::answer(503, "SlowDown", "Please reduce your request rate."),
            |_| true,
        );
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.state).seen.clone()
    }

    /// Forgets the requests so far, and the peaks.
    pub(crate) fn forget(&self) {
        let mut state = lock(&self.state);
        state.seen.clear();
        (state.peak, state.peak_bytes) = (0, 0);
    }

    /// Most requests at one time, and most bytes of bodies.
    pub(crate) fn peaks(&self) -> (usize, u64) {
        let state = lock(&self.state);
        (state.peak, state.peak_bytes)
    }
}

/// Counts a request while it is under way.
struct Flying {
    state: Shared,
    bytes: u64,
}

impl Flying {
    fn new(state: &Shared) -> Self {
        let mut locked = lock(state);
        locked.flying += 1;
        locked.peak = locked.peak.max(locked.flying);
        Self { state: Arc::clone(state), bytes: 0 }
    }

    fn carry(&mut self, bytes: u64) {
        self.bytes = bytes;
        let mut locked = lock(&self.state);
        locked.flying_bytes += bytes;
        locked.peak_bytes = locked.peak_bytes.max(locked.flying_bytes);
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        let mut locked = lock(&self.state);
        locked.flying -= 1;
        locked.flying_bytes -= self.bytes;
    }
}

async fn answer(
    service: S3Service,
    state: Shared,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let mut flying = Flying::new(&state);
    let seen = Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
    };
    let (fault, latency) = {
        let mut locked = lock(&state);
        let fault = locked.rules.iter_mut().find(|(picks, _, times)| *times > 0 && picks(&seen));
        let fault = fault.map(|(_, fault, times)| {
            *times -= 1;
            fault.clone()
        });
        locked.seen.push(seen.clone());
        (fault, locked.latency)
    };
    let response = match &fault {
        Some(Fault::Answer { status, code, message, headers }) => {
            refusal(*status, code, message, headers, seen.method == "HEAD")
        }
        Some(Fault::Close) => return Err(io::Error::other("closed on purpose")),
        _ => Service::call(&service, request).await.map_err(io::Error::other)?,
    };
    let length = response
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    flying.carry(length.filter(|_| seen.is_get()).unwrap_or_default());
    tokio::time::sleep(latency).await;
    Ok(match fault {
        Some(fault) => spoil(response, &fault).await,
        None => response,
    })
}

fn refusal(
    status: u16,
    code: &str,
    message: &str,
    headers: &[(&str, &str)],
    is_head: bool,
) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>1</RequestId></Error>"
    );
    let body = if is_head { Body::empty() } else { Body::from(text) };
    let mut response = Response::builder().status(status).header("x-amz-request-id", "1");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body).expect("an answer")
}

async fn spoil(response: Response<Body>, fault: &Fault) -> Response<Body> {
    let (mut parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        bytes.extend_from_slice(&frame.expect("a whole body").into_data().unwrap_or_default());
    }
    let spoiled = |data: &[u8], then| {
        Body::http_body_unsync(Spoiled { data: Some(Bytes::copy_from_slice(data)), then })
    };
    let body = match fault {
        Fault::Cut(length) => {
            spoiled(&bytes[..*length], Then::Break(Box::pin(tokio::time::sleep(FLUSHED))))
        }
        Fault::Stall(length) => spoiled(&bytes[..*length], Then::Nothing),
        Fault::Shorten(length) => {
            bytes.truncate(bytes.len() - length);
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            Body::from(bytes)
        }
        Fault::Garble => {
            bytes[0] ^= 1;
            Body::from(bytes)
        }
        Fault::Answer { .. } | Fault::Close => Body::from(bytes),
    };
    Response::from_parts(parts, body)
}

/// How long it takes to send what is sent.
const FLUSHED: Duration = Duration::from_millis(10);

enum Then {
    /// Not before what came before is on its way: otherwise there would be no answer at all.
    Break(Pin<Box<tokio::time::Sleep>>),
    Nothing,
}

/// A body that does not come to its end.
struct Spoiled {
    data: Option<Bytes>,
    then: Then,
}

impl hyper::body::Body for Spoiled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match &mut self.then {
            Then::Break(pause) => {
                pause.as_mut().poll(context).map(|()| Some(Err(io::Error::other("cut on purpose"))))
            }
            Then::Nothing => Poll::Pending,
        }
    }
}

/// Who may come in.
struct Gate(Shared);

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        if request.credentials().is_some() || lock(&self.0).allows_anonymous {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Access Denied"))
    }
}
