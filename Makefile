# Two commands do all the set-up: `make run` shows the webhook at work, `make test` tests it. Node 26 comes with npm ci.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

installed := node_modules/.package-lock.json
bill := scripts/production-tree.ts scripts/sbom.ts scripts/third-party-licenses.ts
sources := $(shell find contract charts imports server -name '*.ts') scripts/build.ts scripts/lean-bundle.ts $(bill) tsconfig.json tsconfig.build.json package.json

.PHONY: run test test-cluster test-faults build image synth cluster-up cluster-down

# Starts the webhook without a cluster on examples/ and shows what it adds to a pod. PORT=<number> for another port.
run: build
	node scripts/run.ts

# Everything that needs no cluster.
test: build
	npm run check
	npm test

# The built webhook against a real API server, which is compiled on first use. KUBECONFIG=<file> for a cluster of one's own.
test-cluster: build
	npm run test:cluster

# The built webhook against hostile clients, a failing API server and a memory limit; prints what it measured.
test-faults: build
	npm run test:faults

# An image of the built webhook, with docker, podman or buildah (TOOL=<one of them>). RUNTIME_IMAGE=<base image with Node 26>
image: build
	@REVISION="$$(git rev-parse HEAD 2>/dev/null)" node scripts/image.ts

# dist/ from main.ts. IMAGE=<image of the webhook>
synth: $(installed)
	npm run synth

# Into the cluster of KUBECONFIG: renders with IMAGE, applies, approves signing requests, waits until ready (TIMEOUT=<seconds>).
# APP=<file of a cdk8s app> for one of your own instead of main.ts
cluster-up: $(installed)
	@node scripts/cluster-up.ts

# Removes all of it again, the registration first.
cluster-down: $(installed)
	@node scripts/cluster-down.ts

build: build/server/main.js

build/server/main.js: $(installed) $(sources)
	npm run build

# npm writes this file last; it is older than the lockfile when an install is due
$(installed): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@
