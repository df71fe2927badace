//! Bare hyper that answers everything with the same bytes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::header::{CONNECTION, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::LOOPBACK;

/// Starts a server that answers everything with the headers of this head and this body, chunked.
pub async fn serve(head: &str, body: Vec<u8>) -> SocketAddr {
    let headers: Vec<(HeaderName, HeaderValue)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .filter(|(name, _)| ![DATE, CONNECTION, TRANSFER_ENCODING].contains(name))
        .collect();
    let (headers, body) = (Arc::new(headers), Bytes::from(body));
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let (headers, body) = (Arc::clone(&headers), body.clone());
            let service = service_fn(move |_| {
                let frame = Ok::<_, Infallible>(Frame::data(body.clone()));
                let mut response = Response::new(StreamBody::new(Once(Some(frame))));
                *response.status_mut() = StatusCode::OK;
                for (name, value) in headers.iter() {
                    response.headers_mut().append(name, value.clone());
                }
                async move { Ok::<_, Infallible>(response) }
            });
            let serving = hyper::server::conn::http1::Builder::new()
                .title_case_headers(true)
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    address
}

/// A stream of one item; its length is not known beforehand, so it is sent chunked.
struct Once<T>(Option<T>);

impl<T: Unpin> futures_util::Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.take())
    }
}
