# One image with all programs: docker run meguri (all in one), or with the command tenants, registers, scheduling, notifications.
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    build-essential pkg-config libevent-dev libpq-dev libjansson-dev libjwt-dev libssl-dev libhttp-parser-dev \
    libcurl4-openssl-dev libargon2-dev libsystemd-dev python3-yaml && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make -j"$(nproc)" all && strip build/bin/*

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
    ca-certificates tzdata libevent-2.1-7 libevent-openssl-2.1-7 libevent-pthreads-2.1-7 libpq5 libjansson4 libjwt0 libssl3 \
    libhttp-parser2.9 libcurl4 libargon2-1 libsystemd0 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin meguri \
    && install -d -o meguri -g meguri -m 700 /var/lib/meguri
COPY --from=build /src/build/bin/ /usr/bin/
COPY LICENSE openapi.yaml /usr/share/doc/meguri/
USER 10001
ENV MEGURI_HOME=/var/lib/meguri MEGURI_LISTEN=0.0.0.0:8080 MEGURI_ADMIN_LISTEN=0.0.0.0:9080
EXPOSE 8080 9080
CMD ["/usr/bin/meguri"]
