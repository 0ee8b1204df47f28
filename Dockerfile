# Build: docker build -t gatehouse .
# Run:   docker run -p 8080:8080 -v gatehouse-models:/var/cache/gatehouse -v gatehouse-audit:/var/lib/gatehouse gatehouse
# The model is fetched into its volume at the first start.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-dev zlib1g-dev libpcre2-dev libstemmer-dev libcld2-dev libpq-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
# The manifest names the test targets too.
COPY Tests Tests
RUN swift build -c release --product gatehouse --static-swift-stdlib \
    && install -D "$(swift build -c release --show-bin-path)/gatehouse" /out/bin/gatehouse \
    && strip /out/bin/gatehouse
COPY policies /out/share/gatehouse/policies
COPY fixtures/models /out/share/gatehouse/fixtures/models
COPY LICENSE NOTICE /out/share/gatehouse/

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-0 zlib1g libpcre2-8-0 libstemmer0d libcld2-0 libpq5 ca-certificates curl python3-pip \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/gatehouse gatehouse \
    && install -d -o gatehouse -g gatehouse /var/lib/gatehouse /var/cache/gatehouse
COPY --from=build /out /usr/local
USER gatehouse
WORKDIR /var/lib/gatehouse
VOLUME ["/var/lib/gatehouse", "/var/cache/gatehouse"]
ENV XDG_CACHE_HOME=/var/cache/gatehouse GATEHOUSE_HOST=0.0.0.0 GATEHOUSE_LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s CMD curl -fsS http://127.0.0.1:8080/health || exit 1
CMD ["sh", "-c", "gatehouse model pull && exec gatehouse serve"]
