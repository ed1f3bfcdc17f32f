# Two commands do all the set-up: `make run` shows the webhook at work, `make test` tests it. Node 26 comes with npm ci.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: run test

test: node_modules/.package-lock.json
	npm run check
	npm test

# npm writes this file last; it is older than the lockfile when an install is due
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@
