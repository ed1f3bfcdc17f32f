# Two commands do all the set-up: `make run` shows the webhook at work, `make test` tests it. Node 26 comes with npm ci.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

installed := node_modules/.package-lock.json
sources := $(shell find contract server charts imports -name '*.ts') scripts/build.ts scripts/lean-bundle.ts tsconfig.json tsconfig.build.json package.json

.PHONY: run test test-cluster build

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

build: build/server/main.js

build/server/main.js: $(installed) $(sources)
	npm run build

# npm writes this file last; it is older than the lockfile when an install is due
$(installed): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@
