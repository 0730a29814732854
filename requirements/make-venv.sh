#!/bin/sh
# Make a virtual environment from a hash-locked requirement file:  make-venv.sh FOLDER LOCK
# Finds a Python 3.11 or newer that can make one; on Debian and Ubuntu installs python3-venv where it
# is missing and we may (root, or sudo without a password), else says what to install.
set -eu

folder=$1
lock=$2

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

can_make_one() {
  "$1" -c 'import ensurepip, sqlite3, ssl, venv' >/dev/null 2>&1
}

first_that() {
  for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if is_new_enough "$candidate" && "$@" "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

python=$(first_that can_make_one) || {
  python=$(first_that true) || {
    echo "unleak needs Python 3.11 or newer: sudo apt-get install python3 python3-venv" >&2
    exit 1
  }
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  echo "$python cannot make virtual environments; it needs the package $package" >&2
  if ! command -v apt-get >/dev/null; then
    echo "install the venv and ensurepip modules for $python, then run this again" >&2
    exit 1
  elif [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=sudo
  else
    echo "run: sudo apt-get install $package" >&2
    exit 1
  fi
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$package"
}

echo "$folder: $("$python" --version), $lock"
"$python" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
  --require-hashes -r "$lock"
