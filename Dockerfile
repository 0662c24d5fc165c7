# The image that compose.yml runs: `shopnexus` and `shopnexus-router`, and nothing that a running system does not need.
# The composer stays out of it: its licence does not allow shipping, and the composed schema is committed.
FROM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends protobuf-compiler libprotobuf-dev clang mold \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/target \
    CARGO_TARGET_DIR=/target cargo build --release --workspace --bins \
    && install -D --target-directory=/out /target/release/shopnexus /target/release/shopnexus-router

FROM node:22-bookworm-slim AS playground
WORKDIR /source
COPY router/playground .
RUN npm ci && npm run build

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/shopnexus shopnexus
COPY --from=build /out/ /usr/local/bin/
COPY router/router.yaml router/supergraph.graphql /etc/shopnexus/
COPY --from=playground /source/dist /etc/shopnexus/playground/dist
USER shopnexus
WORKDIR /var/lib/shopnexus
VOLUME /var/lib/shopnexus
CMD ["shopnexus", "--help"]
