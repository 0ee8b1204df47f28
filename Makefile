# `make run` starts the gateway, `make test` runs every test; both install, build and fetch what they need first.
# One release build serves both. UPSTREAM=http://host:port make run puts the gateway in front of a chatbot.

GATEHOUSE := .build/release/gatehouse
MODELS := $(firstword $(filter /%,$(XDG_CACHE_HOME)) $(HOME)/.cache)/gatehouse/models
MODEL := $(MODELS)/gemma-3-270m-q4_k_m.gguf
PYTHON := .venv/bin/python
BENCH := .build/release/gatehouse-bench
ADAPTER := fixtures/models/shield-270m/shield-270m-lora.gguf

.NOTPARALLEL:
.PHONY: run test kernels build model packages bench bench-peer bench-proxy bench-streaming bench-pii bench-audit lint clean

run: model
	$(GATEHOUSE) serve $(if $(UPSTREAM),--upstream $(UPSTREAM)) $(ARGS)

# Release, because C kernels are too slow in debug. One build of program and tests, which shares the cores better than one after
# the other; --skip-build keeps to it. A few tests at a time: with all of them at once, what is a moment in one test is a minute,
# and time limits tell nothing.
test: packages $(PYTHON)
	swift build -c release --build-tests
	test -f $(MODEL) || $(GATEHOUSE) model pull
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 \
		swift test -c release --skip-build $(if $(FILTER),--filter $(FILTER))
	$(if $(FILTER),,$(MAKE) kernels)

# The C kernels in every variant, arm64 emulated.
kernels: packages
	.ci/packages gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
	.ci/kernels

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
$(PYTHON): Tests/EndToEndTests/clients/requirements.txt .build/packages.stamp
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# How fast this machine judges: some two minutes after the build.
bench: model
	swift build -c release --product gatehouse-bench
	$(BENCH) --json .build/bench.json --cases .build/bench-cases.json $(ARGS)

# Beside llama.cpp and transformers: some seven minutes more, and as many once to build and install these.
bench-peer: bench
	.ci/packages g++
	python3 bench/install.py .build/bench-venv
	python3 bench/peer.py --model $(MODEL) --adapter $(ADAPTER) --cases .build/bench-cases.json \
		--out .build/bench-peer.json --ours "Q4_K_M=$(BENCH) worker" \
		--ours "Q4_K_M avx2=env GATEHOUSE_KERNELS=avx2 $(BENCH) worker"

# What the proxy itself costs, beside nginx and LiteLLM, with rules that need no model: some two minutes.
bench-proxy: build
	.ci/packages nginx-light wrk
	test -x .build/bench-proxy-venv/bin/litellm || python3 -m venv .build/bench-proxy-venv
	.build/bench-proxy-venv/bin/pip install --quiet --disable-pip-version-check 'litellm[proxy]==1.106.2'
	python3 bench/proxy.py --gatehouse $(GATEHOUSE) --litellm .build/bench-proxy-venv --out .build/bench-proxy.json

# What holding a streamed answer back costs, with the real model: two minutes.
bench-streaming: model
	python3 bench/streaming.py --gatehouse $(GATEHOUSE) --out .build/bench-streaming.json

# What the detectors of personal data find, beside Microsoft Presidio: three minutes, and as many once to install it.
bench-pii: build
	test -x .build/bench-pii-venv/bin/python || python3 -m venv .build/bench-pii-venv
	.build/bench-pii-venv/bin/pip install --quiet --disable-pip-version-check -r bench/requirements-pii.txt
	.build/bench-pii-venv/bin/python bench/presidio.py --gatehouse $(GATEHOUSE) --out .build/bench-pii.json $(ARGS)

# An auditor's questions to ten million records, and how many decisions a second are kept: half an hour and 15 GB the first time.
# RECORDS=500000 make bench-audit asks fewer.
RECORDS ?= 10000000
bench-audit: build
	swift build -c release --product gatehouse-bench
	python3 bench/audit.py --gatehouse $(GATEHOUSE) --bench $(BENCH) --count $(RECORDS) \
		--file .build/bench-audit-$(RECORDS).sqlite --out .build/bench-audit.json

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

clean:
	rm -rf .build .venv
