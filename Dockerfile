# Inyong for a CPU: docker build -t inyong .
# With the models in the image instead of on a volume:
#   docker build -t inyong --build-arg BAKE_MODELS="multilingual-e5-small qwen2.5-coder-1.5b-instruct" .
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS python
ENV DEBIAN_FRONTEND=noninteractive
# libgomp and libstdc++: what llama.cpp, torch and faiss are linked with. Debian's security updates are wanted,
# so no version is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libgomp1 libstdc++6 python3 \
 && rm -rf /var/lib/apt/lists/*

FROM python AS build
# Without GGML_NATIVE the image runs on every x86-64 processor with AVX2, not only on the one it was built on.
ARG CMAKE_ARGS="-DGGML_NATIVE=OFF"
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends g++ python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN python3 -m venv /opt/inyong \
 && /opt/inyong/bin/pip install --no-cache-dir --upgrade "$(grep '^pip==' constraints.txt)" \
 && torch="$(grep '^torch==' constraints.txt)+cpu" \
 && { /opt/inyong/bin/pip install --no-cache-dir --only-binary=torch "$torch" \
   || /opt/inyong/bin/pip install --no-cache-dir --index-url "$TORCH_INDEX" "$torch"; }
# What is needed beside the project itself, so that a change of code does not compile llama.cpp again.
RUN /opt/inyong/bin/python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']))" \
      > /tmp/dependencies.txt \
 && CMAKE_ARGS="$CMAKE_ARGS" /opt/inyong/bin/pip install --no-cache-dir --constraint constraints.txt \
      --requirement /tmp/dependencies.txt
COPY index index
COPY prompts prompts
COPY service service
COPY eval eval
RUN /opt/inyong/bin/pip install --no-cache-dir --no-deps . \
 && /opt/inyong/bin/python -m compileall -q /opt/inyong/lib/python3*/site-packages/service \
      /opt/inyong/lib/python3*/site-packages/index /opt/inyong/lib/python3*/site-packages/prompts \
 && /opt/inyong/bin/inyong --version

FROM build AS models
ARG BAKE_MODELS=""
# Left empty, the folder is empty and a volume is mounted over it.
RUN mkdir /models \
 && if [ -n "$BAKE_MODELS" ]; then \
      for model in $BAKE_MODELS; do INYONG_MODELS=/models /opt/inyong/bin/inyong models pull "$model" || exit 1; done; \
    fi

FROM python AS runtime
LABEL org.opencontainers.image.title="Inyong" \
      org.opencontainers.image.description="Answers from your own documents, every citation an exact quotation" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 inyong \
 && useradd --uid 10001 --gid inyong --no-create-home --home-dir /data --shell /usr/sbin/nologin inyong \
 && install --directory --owner=inyong --group=inyong /data
COPY --from=build /opt/inyong /opt/inyong
COPY --from=models --chown=inyong:inyong /models /models
# Everything but /data, /models and /tmp may be read-only.
ENV PATH=/opt/inyong/bin:$PATH \
    INYONG_HOME=/data/store \
    INYONG_MODELS=/models \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/models"]
EXPOSE 8080
# Asks the port that INYONG_PORT or inyong.toml name; a port given as --port it cannot know.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; from service.settings import load_settings; urlopen(f'http://127.0.0.1:{load_settings({}).settings.port}/healthz', timeout=4)"]
# Answers that are being written get 20 s to end: docker stop --time 40, as compose.yaml has it.
STOPSIGNAL SIGTERM
ENTRYPOINT ["inyong"]
# Refuses to start until there is a key: docker run ... inyong keys add NAME. See compose.yaml.
CMD ["serve", "--host", "0.0.0.0"]
