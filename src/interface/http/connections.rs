//! Connections: so many at a time, slow ones given up, all of them let finish at the end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use crate::domain::limits::{
    HTTP_CONNECTIONS_MAX, HTTP_DRAIN_SECONDS_MAX, HTTP_HEADER_SECONDS_MAX, HTTP_WRITE_SECONDS_MAX,
};

/// Pause after a failed accept: out of file descriptors, usually.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `ended` is done, then takes no more connections and gives those that are there a bounded
/// time to finish.
pub async fn serve(listener: TcpListener, router: Router, ended: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(HTTP_CONNECTIONS_MAX));
    let mut ended = std::pin::pin!(ended);
    loop {
        let accepted = async {
            // A connection waits in the system's queue until there is a place.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => match accepted {
                (Ok(place), Ok((stream, _))) => (place, stream),
                (_, Err(error)) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
                (Err(_), Ok(_)) => break,
            },
            () = &mut ended => break,
        };
        let connection = connection(stream, router.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is the client's business.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let drained = timeout(Duration::from_secs(HTTP_DRAIN_SECONDS_MAX), graceful.shutdown()).await;
    if drained.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

/// A client that takes nothing of its answer is given up, like one that sends nothing.
type Patient = Pin<Box<TimeoutStream<TcpStream>>>;
type Served = http1::Connection<TokioIo<Patient>, TowerToHyperService<Router>>;

fn connection(stream: TcpStream, router: Router) -> Served {
    // Answers are small; without this they wait for the client's acknowledgement.
    let _: io::Result<()> = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(Duration::from_secs(HTTP_WRITE_SECONDS_MAX)));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HTTP_HEADER_SECONDS_MAX))
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
}
