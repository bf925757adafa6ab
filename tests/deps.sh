#!/bin/sh
# The Debian packages that some tests need: installed where this account may, named where it may not.
# Always ends well: without them those tests are skipped (and, with CI=true, fail).
set -u
want=""
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || want="$want chromium"
[ -z "$want" ] && exit 0

line="apt-get install -y --no-install-recommends$want"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The browser tests need:$want (install it with this system's package manager); they are skipped without it."
  exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true >/dev/null 2>&1; then
    echo "The browser tests need:$want. As root, run: $line   (they are skipped without it)"
    exit 0
  fi
  as_root="sudo -n"
fi
echo "Installing$want for the browser tests ..."
log=$(mktemp)
if { $as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive $as_root $line; } >"$log" 2>&1 </dev/null; then
  rm -f "$log"
else
  tail -n 5 "$log"
  echo "Could not install$want; the full output is in $log. The line to run as root: $line"
fi
exit 0
