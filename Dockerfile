# The servers and the commands in one image: docker build --tag mockcraft .
# MockCraft's server by default; the daemon with: docker run --entrypoint hfitd … serve --config /data/hfitd.yaml
# The wheel is built in the first stage and installed in the second; the last holds neither a compiler nor the sources.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim-bookworm AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src ./src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:${PYTHON}-slim-bookworm AS environment
COPY tools/image/requirements.txt /requirements.txt
COPY --from=wheel /wheel /wheel
# Versions and digests of all that is installed are pinned; the wheel itself was built one stage above.
RUN python -m venv /opt/hotfixture \
    && /opt/hotfixture/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt \
    && /opt/hotfixture/bin/pip install --no-cache-dir --no-deps /wheel/*.whl \
    && /opt/hotfixture/bin/pip uninstall --yes pip

FROM python:${PYTHON}-slim-bookworm
LABEL org.opencontainers.image.title="Hot Fixture Tool" \
      org.opencontainers.image.licenses="Apache-2.0"
# A number, so that an orchestrator can see that it is not root.
RUN useradd --system --uid 10001 --user-group --home-dir /data --no-create-home mockcraft \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=environment /opt/hotfixture /opt/hotfixture
ENV PATH=/opt/hotfixture/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MOCKCRAFT_HOST=0.0.0.0 \
    MOCKCRAFT_PORT=8080 \
    MOCKCRAFT_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"MOCKCRAFT_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["mockcraft"]
CMD ["server"]
