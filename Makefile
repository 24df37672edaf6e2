# Build, checks and tools of Meguri. Every source is found by its place; nothing is listed by hand.
#   make            programs in build/bin              make check [T=word]  unit and python tests, one topic
#   make asan tsan  the same under sanitizers          make lint / format   the gate / clang-format -i
#   make fuzz [F=name] [SECONDS=60]                    make bench           against the pgbench floor
# BUILD=/some/dir builds elsewhere; WERROR= keeps going over warnings.

VARIANT ?= release
BUILD_release := build
BUILD_asan := build-asan
BUILD_tsan := build-tsan
BUILD_fuzz := build-fuzz
BUILD ?= $(BUILD_$(VARIANT))
B := $(BUILD)
GEN := $(B)/gen
PYTHON := /usr/bin/python3
WERROR ?= -Werror

PACKAGES := libevent libevent_openssl libevent_pthreads libpq jansson libjwt openssl libcurl libargon2
SYSTEMD := $(shell pkg-config --exists libsystemd 2>/dev/null && echo libsystemd)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2
SANITIZED := -O1 -fno-omit-frame-pointer -Wno-null-dereference -Wno-maybe-uninitialized
CFLAGS_asan := $(SANITIZED) -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_tsan := $(SANITIZED) -fsanitize=thread
CFLAGS_fuzz := $(SANITIZED) -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(VARIANT),fuzz)
CC := clang
WERROR :=
endif

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
  -Wpointer-arith -Wwrite-strings -Wcast-qual -Wformat=2 -Wvla -Wundef -Wnull-dereference
CPPFLAGS := -I. -I$(GEN) -D_GNU_SOURCE $(if $(SYSTEMD),-DHAVE_SYSTEMD)
CFLAGS := -std=c11 -g -fstack-protector-strong -fPIE $(WARNINGS) $(WERROR) $(CFLAGS_$(VARIANT)) \
  $(shell pkg-config --cflags $(PACKAGES) $(SYSTEMD))
LDFLAGS := -pie -Wl,-z,relro,-z,now $(filter -fsanitize=address% -fsanitize=thread,$(CFLAGS_$(VARIANT)))
LDLIBS := $(shell pkg-config --libs $(PACKAGES) $(SYSTEMD)) -lhttp_parser -lm -pthread

PROGRAMS := tenants registers scheduling notifications meguri
MAIN_meguri := services/all/main.c
main_of = $(or $(MAIN_$1),services/$1/main.c)
# A program appears as soon as its main.c exists.
BINARIES := $(foreach p,$(PROGRAMS),$(if $(wildcard $(call main_of,$p)),$(B)/bin/$p))

LIB_SOURCES := $(sort $(wildcard api/*.c) $(shell find services -name '*.c' ! -name main.c 2>/dev/null))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(B)/obj/%.o) $(B)/obj/gen/contract_json.o $(B)/obj/gen/embedded.o \
  $(B)/obj/gen/references.o
TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
TEST_HELPERS := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
# Programs that need a PostgreSQL; tests/db/*.py start one and run them.
DB_TESTS := $(patsubst tests/db/%.c,%,$(wildcard tests/db/test_*.c))
DB_HELPERS := $(filter-out tests/db/test_%,$(wildcard tests/db/*.c))
TOOLS := $(patsubst tests/contract/%.c,%,$(wildcard tests/contract/*_tool.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all asan tsan programs unit check lint format fuzz fuzzers bench image clean FORCE
.SECONDARY:
.DELETE_ON_ERROR:

# Two builds of one directory at the same time wait for each other.
locked = +@mkdir -p $(B) && flock $(B)/.lock $(MAKE) --no-print-directory VARIANT=$(VARIANT) BUILD=$(B) WERROR=$(WERROR)

all:
	$(locked) programs
asan tsan:
	@$(MAKE) --no-print-directory VARIANT=$@ BUILD=$(BUILD_$@) all
unit:
	$(locked) unit-programs

programs: $(BINARIES) $(B)/lib.a
unit-programs: $(TOOLS:%=$(B)/bin/%) $(TESTS:%=$(B)/unit/%) $(DB_TESTS:%=$(B)/db/%)
fuzzers: $(FUZZERS:%=$(B)/fuzz/%)

$(B)/lib.a: $(LIB_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

define program_rule
$(B)/bin/$1: $(patsubst %.c,$(B)/obj/%.o,$(call main_of,$1)) $(B)/lib.a
	@echo "  LINK $$@"
	@mkdir -p $$(@D)
	@$$(CC) $$(LDFLAGS) -o $$@.new $$^ $$(LDLIBS) && mv $$@.new $$@
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$p)))

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(TEST_HELPERS:%.c=$(B)/obj/%.o) $(B)/lib.a
	@echo "  LINK $@"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $$(pkg-config --libs check)

$(B)/db/%: $(B)/obj/tests/db/%.o $(DB_HELPERS:%.c=$(B)/obj/%.o) $(B)/lib.a
	@echo "  LINK $@"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $$(pkg-config --libs check)

# Programs that python tests ask questions of.
$(B)/bin/%_tool: $(B)/obj/tests/contract/%_tool.o $(B)/lib.a
	@echo "  LINK $@"
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/lib.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDLIBS)

# The flags are an input: changing them rebuilds.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS)' > $@

$(B)/obj/%.o: %.c $(B)/flags
	@echo "  CC   $<"
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/gen/%.o: $(GEN)/%.c $(B)/flags
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Without openapi.yaml or .sql files the tables are empty; the programs say so when they start.
$(GEN)/contract_json.c: $(wildcard openapi.yaml) deploy/build/contract.py
	@$(PYTHON) deploy/build/contract.py --c $@ openapi.yaml

$(GEN)/embedded.c: FORCE
	@$(PYTHON) deploy/build/embed.py $@

$(GEN)/references.c: $(wildcard services/*/catalogues/*.json) deploy/build/embed.py
	@$(PYTHON) deploy/build/embed.py $@

check: asan
	@tests/run --only-tests $(if $(T),--topic '$(T)')

lint:
	@tests/lint/run

format:
	@clang-format -i $$(git ls-files -co --exclude-standard -- '*.c' '*.h')

fuzz:
	@$(MAKE) --no-print-directory VARIANT=fuzz BUILD=$(BUILD_fuzz) fuzzers
	@tests/lib/run_fuzzers $(BUILD_fuzz) '$(or $(F),fuzz_*)' $(or $(SECONDS),60)

bench: all
	@tests/bench/run

image:
	@$$(command -v podman || command -v docker || command -v buildah) build -t meguri .

clean:
	rm -rf build build-asan build-tsan build-fuzz

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
