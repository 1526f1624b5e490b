# Packages and builds for ./odordiff and ./test; sourced by both. Speaks on stderr only: stdout belongs to the program.
# REQUIRES: bash, `set -euo pipefail`, and $root, the source tree.
# shellcheck shell=bash
: "${root:?}"

say() { printf 'odordiff: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 3
}

# packages_of SECTION...: the packages that cmake/packages.txt lists under these sections.
packages_of() {
  local line section='' wanted=" $* "
  while read -r line; do
    case $line in
      '' | '#'*) ;;
      '['*']') section=${line:1:-1} ;;
      *) [[ $wanted != *" $section "* ]] || printf '%s\n' "$line" ;;
    esac
  done <"$root/cmake/packages.txt" | sort -u
}

# need_packages SECTION...: installs what is missing of these sections. ODORDIFF_NO_INSTALL=1 leaves the system as it is.
need_packages() {
  [[ ${ODORDIFF_NO_INSTALL:-} != 1 ]] || return 0
  local wanted missing as_root=()
  mapfile -t wanted < <(packages_of "$@")
  ((${#wanted[@]})) || die "cmake/packages.txt lists nothing under: $*"
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is not a Debian system, so packages cannot be installed. Install the like of: ${wanted[*]}
and run again with ODORDIFF_NO_INSTALL=1."
  fi
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/ installed$//p' | sort -u))
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null ||
      die "packages are missing and neither root nor sudo is here to install them. Ask for: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  mkdir -p "$root/build"
  local log=$root/build/packages.log apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
  if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 8 "$log" >&2
    die "apt-get could not install the packages; the whole output is in $log"
  fi
}

# How many compilers at once: one a core, and 1.5 GiB of memory for each (RDKit's headers are large).
build_jobs() {
  local cores kib limit
  cores=$(nproc)
  kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  if read -r limit 2>/dev/null </sys/fs/cgroup/memory.max && [[ $limit != max ]] && ((limit / 1024 < kib)); then
    kib=$((limit / 1024))
  fi
  local by_memory=$((kib / 1572864))
  local jobs=$((by_memory < cores ? by_memory : cores))
  printf '%s\n' $((jobs > 0 ? jobs : 1))
}

# Ninja's lines in, short progress out: one changing line on a terminal, a line each tenth of the way elsewhere.
show_progress() {
  local line done_ total tenth=-1
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    done_=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    if [[ -t 2 ]]; then
      printf '\r\033[Kodordiff: building %s, %d of %d' "$1" "$done_" "$total" >&2
    elif ((total >= 20 && done_ * 10 / total != tenth)); then
      tenth=$((done_ * 10 / total))
      say "building $1, $done_ of $total"
    fi
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
}

# build PRESET TARGET...: configures (once; Ninja does it again when a CMake file changes) and builds in build/PRESET.
# One build of a folder at a time: others wait.
build() {
  local preset=$1 folder=$root/build/$1 log=$root/build/$1.log lock
  shift
  mkdir -p "$root/build"
  exec {lock}>"$folder.lock"
  if ! flock -n "$lock"; then
    say "another build of $preset is running; waiting for it"
    flock "$lock"
  fi
  # A tree that was moved or copied carries a cache that names its old place.
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  : >"$log"
  if [[ ! -f $folder/build.ninja ]]; then
    say "configuring $preset"
    (cd "$root" && cmake --preset "$preset" {lock}>&-) >>"$log" 2>&1 || build_failed "configuring $preset" "$log"
  fi
  NINJA_STATUS='[%f/%t] ' ninja -C "$folder" -j "$(build_jobs)" "$@" {lock}>&- </dev/null 2>&1 |
    tee -a "$log" | show_progress "$preset" || build_failed "building $preset" "$log"
  exec {lock}>&-
}

build_failed() {
  grep -v '^\[' "$2" | grep -E -m 12 'error: |error at|Error|^FAILED|undefined reference' >&2 || tail -n 12 "$2" >&2
  die "$1 failed; the whole output is in $2"
}
