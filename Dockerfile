# Builds the environment in one image and runs it in another, which has no compiler, no
# pip cache and no rights. Every dependency is pinned by its hash.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /opt/relay
COPY requirements/runtime.lock /build/requirements/
RUN pip --python /opt/relay/bin/python install --require-hashes \
        --requirement /build/requirements/runtime.lock
# The package is its files: copied, so that nothing unpinned has to build it.
COPY relay /opt/relay/lib/python3.11/site-packages/relay
# Readable by all, whatever the umask of the checkout was.
RUN chmod -R a+rX /opt/relay/lib/python3.11/site-packages/relay \
 && /opt/relay/bin/python -m compileall -q /opt/relay/lib/python3.11/site-packages/relay \
 && printf '#!/opt/relay/bin/python\nimport sys\n\nfrom relay.cli import main\n\nsys.exit(main())\n' \
        > /opt/relay/bin/relay \
 && chmod 755 /opt/relay/bin/relay

FROM python:3.11-slim

# No --system: that is for ids below 1000, which are the base image's to give.
RUN groupadd --gid 9815 relay \
 && useradd --uid 9815 --gid relay --no-create-home --home-dir /var/lib/relay \
        --shell /usr/sbin/nologin --no-log-init relay \
 && install -d -o relay -g relay -m 700 /var/lib/relay \
 && install -d -m 755 /etc/relay
COPY --from=build /opt/relay /opt/relay
COPY LICENSE /usr/share/doc/relay/LICENSE

ENV PATH=/opt/relay/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 9815:9815
WORKDIR /var/lib/relay
VOLUME /var/lib/relay
EXPOSE 9815
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD [ \
  "python", "-c", \
  "import urllib.request as r; r.urlopen('http://127.0.0.1:9815/healthz', timeout=4)"]

ENTRYPOINT ["relay"]
CMD ["run", "--config", "/etc/relay/relay.yaml"]
