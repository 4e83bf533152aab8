// SPDX-License-Identifier: Apache-2.0

//! More connections than anyone needs.

use anyhow::{Context, Result};

use crate::{Target, raw};

/// Opens them, uses some, and keeps them until all are open.
pub async fn many(target: &Target) -> Result<String> {
    let count = target.scaled(10_000);
    let mut open = Vec::with_capacity(count);
    for number in 0..count {
        // Ports run short when all are from one address.
        let last = 66 + (number % 4) as u8;
        let stream = raw::connect_from(last, target.address).await;
        open.push(stream.with_context(|| format!("connection {number}"))?);
    }
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    for stream in open.iter_mut().step_by(100) {
        tokio::io::AsyncWriteExt::write_all(stream, request).await?;
        raw::answer(stream).await?.expect(200, "")?;
    }
    Ok(format!("{count} open at a time, and served"))
}
