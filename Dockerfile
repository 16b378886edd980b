# The app in a container: `docker compose up app`, or with an NVIDIA GPU `docker compose up gpu`
# (compose.yaml, docs/install.md). Debian's own Python, as on a bare machine.
ARG BASE=debian:bookworm-slim

# The environment is made in a stage of its own: neither pip's downloads nor venv go into the image.
FROM ${BASE} AS environment
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/slidescope
COPY environment.py requirements.txt requirements-gpu.txt requirements.lock ./
ARG PACKAGES=requirements.lock
RUN PIP_NO_CACHE_DIR=1 python3 environment.py /opt/environment ${PACKAGES}

FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libexpat1 python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 slidescope \
    && install --directory --owner slidescope --group slidescope /workspace
WORKDIR /opt/slidescope
COPY --from=environment /opt/environment /opt/environment
COPY requirements.txt requirements.lock ./
COPY .streamlit .streamlit
COPY app.py ./
COPY core core
COPY models models
COPY pages pages
COPY sample_data sample_data
# What Python and numba compile is kept in the volume: the image is the same for everybody, and may
# be read-only.
ENV PATH=/opt/environment/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONPYCACHEPREFIX=/workspace/cache/bytecode \
    NUMBA_CACHE_DIR=/workspace/cache/numba \
    SLIDESCOPE_WORKSPACE=/workspace \
    SLIDESCOPE_DATA=/data
USER slidescope
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# Inside a container 127.0.0.1 is the container's own: which names it answers to besides localhost
# says SLIDESCOPE_HOSTS (docs/serving.md).
ENTRYPOINT ["python", "-m", "core"]
CMD ["serve", "--address", "0.0.0.0"]
