# What a newcomer and the continuous integration call. `make help` lists it.
# Everything stays inside this directory: .venv (packages, what was downloaded for them) and var (data, keys, logs).

VENV := .venv
PY := $(VENV)/bin/python
DOWNLOADS := $(CURDIR)/$(VENV)/downloads
export PIP_CACHE_DIR := $(DOWNLOADS)/pip
export UV_CACHE_DIR := $(DOWNLOADS)/uv
# pip asks rustc for its version, and where rustup answers, it writes into its home.
export RUSTUP_HOME := $(DOWNLOADS)/rustup
INSTALL := mkdir -p "$(DOWNLOADS)/tmp" && TMPDIR="$(DOWNLOADS)/tmp" $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
LOCKS := requirements requirements-collector requirements-demo requirements-dev requirements-hive
LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-strip-extras
DEBIAN_PACKAGES := at-spi2-core chromium dbus-x11 faketime gcc iproute2 linux-libc-dev openbox python3-dev x11-utils xdotool xfce4-panel xterm xvfb

.DEFAULT_GOAL := help
.PHONY: help demo record test test-hive java lint pictures bench sabotage audit lock clean-var collector debian-packages

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/portal.stamp $(VENV)/demo.stamp $(VENV)/collector.tried ## Install what is needed, then run the portal with people to try it as
	@if [ ! -e $(VENV)/collector.stamp ]; then \
		echo "The collector for this desktop is not installed, because it needs a C compiler and Python's headers."; \
		echo "Everything else works. To add it: install gcc and python3-dev, then run \`make collector\`."; \
	fi
	@exec $(PY) -m portal demo

record: ## Record this computer too, as Amira's, until Ctrl-C or the end of the demo
	@[ -e $(VENV)/collector.stamp ] || $(MAKE) --no-print-directory collector
	@exec $(PY) -m portal demo-record

test: debian-packages $(VENV)/dev.stamp ## Install what the tests need, then run them; ARGS goes to pytest
	$(PY) -m pytest --numprocesses 2 --no-loadscope-reorder $(ARGS)

test-hive: java $(VENV)/dev.stamp $(VENV)/hive.stamp ## Test against a real Spark Thrift server with a Hive metastore (Java 17)
	$(PY) -m pytest tests/hive -o timeout=1800 $(ARGS)

lint: $(VENV)/dev.stamp ## Check style, format, types, and who imports whom
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(VENV)/bin/lint-imports

pictures: debian-packages $(VENV)/dev.stamp ## Take the README's pictures anew, from a demo of its own
	$(PY) -m tests.pictures

bench: java $(VENV)/dev.stamp $(VENV)/hive.stamp ## Measure, and compare within one run
	$(PY) -m benchmarks $(ARGS)

sabotage: $(VENV)/dev.stamp ## Break each promised property on purpose; its tests must notice
	$(PY) -m tests.sabotage.run $(ARGS)

audit: $(VENV)/dev.stamp ## Compare the pinned packages with known vulnerabilities (needs the network)
	$(foreach name,$(LOCKS),$(VENV)/bin/pip-audit --strict --require-hashes --disable-pip -r $(name).txt &&) true

lock: $(VENV)/dev.stamp ## Pin the newest packages that fit, with hashes
	@for name in $(LOCKS); do \
		echo "$$name.txt" && $(VENV)/bin/uv pip compile $(LOCK_FLAGS) --upgrade $$name.in -o $$name.txt || exit 1; \
	done

clean-var: ## Delete the demo's data, keys and logs
	@if [ -e var/run/supervisor.lock ] && ! flock --nonblock var/run/supervisor.lock true; then \
		echo "The portal runs; stop it first (Ctrl-C)." >&2; exit 1; \
	fi
	rm -rf var

collector: $(VENV)/portal.stamp ## Install the collector for this desktop (needs gcc and Python's headers)
	rm -f $(VENV)/collector.tried
	$(INSTALL) -r requirements-collector.txt
	@touch $(VENV)/collector.stamp $(VENV)/collector.tried

$(PY):
	@chosen=; for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then chosen=$$name; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then echo "Python 3.11 or newer is needed; none was found." >&2; exit 1; fi; \
	$$chosen -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian, \`python3 -m venv\` needs: apt install python3-venv" >&2; exit 1; }

$(VENV)/portal.stamp: requirements.txt | $(PY)
	@echo "Installing what the portal needs ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/demo.stamp: requirements-demo.txt $(VENV)/portal.stamp
	@echo "Installing the demo's sign-in service ..."
	@$(INSTALL) -r requirements-demo.txt
	@touch $@

$(VENV)/collector.tried: requirements-collector.txt $(VENV)/portal.stamp
	@echo "Installing the collector ..."
	@rm -f $(VENV)/collector.stamp
	@if $(INSTALL) -r requirements-collector.txt >$(VENV)/collector.log 2>&1; then touch $(VENV)/collector.stamp; fi
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/demo.stamp requirements-collector.txt
	@echo "Installing the collector and what tests and linters need ..."
	@$(INSTALL) -r requirements-collector.txt -r requirements-dev.txt
	@touch $@ $(VENV)/collector.stamp $(VENV)/collector.tried

$(VENV)/hive.stamp: requirements-hive.txt | $(PY)
	@echo "Installing Spark, for tests only (half a gigabyte) ..."
	@rm -rf $(VENV)/hive
	@$(INSTALL) --no-compile --target $(VENV)/hive -r requirements-hive.txt
	@touch $@

java:
	@command -v java >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Java ..."; \
		apt-get update -qq; \
		for name in openjdk-17-jre-headless default-jre-headless; do \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$name >/dev/null && exit 0; \
		done; \
	fi; \
	echo "Java 17 is needed: sudo apt install openjdk-17-jre-headless" >&2; exit 1

debian-packages:
	@command -v dpkg-query >/dev/null || { echo "Not Debian: install by hand what matches: $(DEBIAN_PACKAGES)"; exit 0; }; \
	missing=; for name in $(DEBIAN_PACKAGES); do \
		dpkg-query --show --showformat='$${Status}' $$name 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$name"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then \
		echo "Installing$$missing ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "Tests that drive a browser or a desktop will fail without:$$missing"; \
		echo "Install them with: sudo apt install$$missing"; \
	fi
