# The few things a person does here; CMake and its presets (CMakePresets.json) do the work.
#
#   make          build/tocsin
#   make demo     install, build, start three nodes on samples, leave their pages open
#   make test     every gate and every test
#   make bench    speed and size, as ratios against named peers
#   make format   all C files as clang-format writes them
#   make release  one archive, the same bytes wherever it is built; KEY=FILE signs it
#   make trace    which requirements passing tests name

.PHONY: all setup demo test quick bench format release trace fuzz clean

all: setup
	@cmake --preset release >/dev/null
	@cmake --build --preset release

setup:
	@scripts/setup

demo: all
	@scripts/demo

test:
	@scripts/test

# What to run before a commit: both compilers' warnings, unit tests, style gates, cppcheck.
quick:
	@cmake --preset strict >/dev/null
	@cmake --build --preset strict
	@ctest --test-dir build -L 'unit|style' -j2 --output-on-failure
	@cmake --preset clang >/dev/null
	@cmake --build --preset clang
	@tools/check-cppcheck build-clang

bench: all
	@scripts/setup --bench
	@bench/run

format:
	@tools/check-format --fix

release: setup
	@scripts/release . $(KEY)

trace:
	@tools/trace build

# A minute of each fuzz target; SECONDS_EACH=600 for longer.
fuzz:
	@scripts/fuzz

clean:
	rm -rf build build-*
