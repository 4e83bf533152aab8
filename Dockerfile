# SPDX-License-Identifier: Apache-2.0
#
# The daemons and the command-line programs on Debian.
#
#   docker build -t mesos-rs .                                   builds from this checkout
#   docker build -t mesos-rs --build-arg PROGRAMS=packed .       takes what `cargo xtask dist` made
#
# BuildKit leaves out the stage that is not wanted (DOCKER_BUILDKIT=1 before Docker 23).

ARG RUST=rust:1.95-bookworm
ARG DEBIAN=debian:bookworm-slim
# Has certificates, which the slim Debian lacks; only the stage `packed` uses it.
ARG CERTIFICATES=buildpack-deps:bookworm-curl
ARG PROGRAMS=compiled

FROM ${RUST} AS compiled
WORKDIR /mesos-rs
COPY . .
RUN cargo build --release --locked --bins \
      --package mesos-master --package mesos-agent --package mesos-launcher --package mesos-cli \
 && mkdir -p /mesos-rs-compiled/bin \
 && cd target/release \
 && cp mesos-master mesos-agent mesos-launcher mesos-fetcher mesos-execute mesos-local \
      /mesos-rs-compiled/bin/ \
 && strip --strip-all /mesos-rs-compiled/bin/*
RUN mkdir -p /mesos-rs-compiled/share/doc/mesos-rs \
 && cd /mesos-rs-compiled/share/doc/mesos-rs \
 && cp /mesos-rs/LICENSE . \
 && cargo run --quiet --locked --manifest-path /mesos-rs/Cargo.toml --package xtask -- \
      notices mesos-master mesos-agent mesos-launcher mesos-cli > THIRD-PARTY

FROM ${CERTIFICATES} AS packed
ADD target/dist/mesos-rs-*-linux.tar.gz /

FROM ${PROGRAMS} AS programs

FROM ${DEBIAN}
LABEL org.opencontainers.image.title="mesos-rs" \
      org.opencontainers.image.source="https://github.com/mesos-rs/mesos-rs" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=programs /mesos-rs-*/bin/ /usr/local/bin/
COPY --from=programs /mesos-rs-*/share/doc/ /usr/local/share/doc/
# The fetcher asks them whom to trust with https.
COPY --from=programs /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
VOLUME /var/lib/mesos
EXPOSE 5050 5051
CMD ["mesos-master", "--work_dir=/var/lib/mesos"]
