# The bundle that `npm run build` made, on a base image with Node 26: plain JavaScript, the same for linux/amd64 and
# linux/arm64. Nothing is run while it is built, and no shell is needed then or later.
ARG RUNTIME_IMAGE=docker.io/library/node:26-slim
FROM ${RUNTIME_IMAGE}

ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="pod-identity-webhook" \
      org.opencontainers.image.description="Mutating admission webhook that gives Kubernetes pods AWS credentials through their service account" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# modes of their own: files copied as they are could not be read by the user below if they were made under umask 077
# package.json says that the files are ES modules; source maps name the lines that log_backtrace_at asks for
COPY --chmod=0755 LICENSE package.json /app/
COPY --chmod=0755 build/server/ /app/

# where official images and distroless ones have node
ENV PATH=/usr/local/bin:/nodejs/bin:/usr/bin:/bin
# by number, so that Kubernetes can tell that it is not root
USER 65532:65532
WORKDIR /app
# flags for V8 and Node go between the two
ENTRYPOINT ["node", "/app/main.js"]
