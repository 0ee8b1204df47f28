# `make run` starts the gateway, `make test` runs every test; both install, build and fetch what they need first.
# One release build serves both. UPSTREAM=http://host:port make run puts the gateway in front of a chatbot.

GATEHOUSE := .build/release/gatehouse
MODELS := $(firstword $(filter /%,$(XDG_CACHE_HOME)) $(HOME)/.cache)/gatehouse/models
MODEL := $(MODELS)/gemma-3-270m-q4_k_m.gguf
PYTHON := .venv/bin/python

.NOTPARALLEL:
.PHONY: run test build model packages lint clean

run: model
	$(GATEHOUSE) serve $(if $(UPSTREAM),--upstream $(UPSTREAM)) $(ARGS)

# Release, because C kernels are too slow in debug. --skip-build keeps to the build that `make run` uses.
test: model $(PYTHON)
	swift build -c release --build-tests
	swift test -c release --skip-build $(if $(FILTER),--filter $(FILTER))

build: packages
	swift build -c release --product gatehouse

packages: .build/packages.stamp

.build/packages.stamp: .ci/packages
	@mkdir -p .build
	.ci/packages
	@touch $@

model: build $(MODEL)

$(MODEL):
	$(GATEHOUSE) model pull

# Official clients, for tests against a running gateway.
$(PYTHON): Tests/EndToEndTests/requirements.txt .build/packages.stamp
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

clean:
	rm -rf .build .venv
