//! Connections, and who answers what.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::request::{Asked, Reply};
use super::state::{Active, Shared};
use super::{iam, organizations, sts};

/// Serves until it is stopped; tells first where.
pub(super) fn run(shared: &Arc<Shared>, stopped: oneshot::Receiver<()>, ready: &Sender<String>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        ready.send(format!("http://{address}")).expect("somebody waits for it");
        tokio::select! {
            () = accept(&listener, shared) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.memory().stats.connections += 1;
        let _ = stream.set_nodelay(true);
        tokio::spawn(serve(stream, Arc::clone(shared)));
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| answer(request, &shared));
    // Clients go away in the middle; that is what some tests are about.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed")
    }
}

impl std::error::Error for Closed {}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<String>, Closed> {
    let (head, body) = request.into_parts();
    let asked = Asked::read(&head.headers, &bytes(body).await.map_err(|_| Closed)?);
    let active = Active::begin(shared, &asked.action, &asked.scope);
    tokio::time::sleep(shared.world.latency).await;
    let (status, content, text) = match reply(shared, &asked) {
        Reply::Xml(status, text) => (status, "text/xml", text),
        Reply::Json(status, text) => (status, "application/x-amz-json-1.1", text),
        Reply::Close => return Err(Closed),
        Reply::Hang => {
            drop(active);
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    };
    let response = Response::builder().status(status).header(CONTENT_TYPE, content).body(text);
    Ok(response.expect("a response"))
}

fn reply(shared: &Shared, asked: &Asked) -> Reply {
    match asked.action.split(':').next() {
        Some("sts") => sts::answer(shared, asked),
        Some("organizations") => organizations::answer(shared, asked),
        _ => iam::answer(shared, asked),
    }
}

async fn bytes(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
