#!/bin/sh
# The Debian packages that some tests need: installed where this account may, named where it may not. Nothing that is
# installed here is started, now or later: the tests start servers of their own.
# Always ends well: without them those tests are skipped (and, with CI=true, fail).
set -u
there() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
# The browser without windows opens a page in half the time; where it is not to be had, the one with windows does as well.
offered() { command -v apt-cache >/dev/null 2>&1 && apt-cache show "$1" >/dev/null 2>&1; }
browser() {
  if there chromium-headless-shell; then :
  elif offered chromium-headless-shell; then echo " chromium-headless-shell"
  elif ! there chromium && ! there google-chrome; then echo " chromium"
  fi
}
browser=$(browser)
want="$browser"
there redis-server || want="$want redis-server"
{ there mariadbd && there mariadb-install-db; } || want="$want mariadb-server"
{ there initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } || want="$want postgresql"
there zsh || want="$want zsh"
there fish || want="$want fish"
[ -z "$want" ] && exit 0

line="apt-get install -y --no-install-recommends$want"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests of browser, servers and shells need:$want (install it with this system's package manager); they are skipped without it; any Chromium serves as the browser."
  exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true >/dev/null 2>&1; then
    echo "The tests of browser, servers and shells need:$want. As root, run: $line   (they are skipped without it; any Chromium serves as the browser)"
    exit 0
  fi
  as_root="sudo -n"
fi

# Debian asks this file whether a package may start its service; 101 is "no". One that is there already is respected.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  trap '$as_root rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
fi

echo "Installing$want for the tests ..."
log=$(mktemp)
# Of a package nothing is known before the first update.
now_offered() {
  [ "$browser" != " chromium" ] || line=$(echo "$line" | sed "s/ chromium/$(browser)/")
}
if { $as_root apt-get update -q && now_offered && DEBIAN_FRONTEND=noninteractive $as_root $line; } >"$log" 2>&1 </dev/null; then
  rm -f "$log"
else
  tail -n 5 "$log"
  echo "Could not install$want; the full output is in $log. The line to run as root: $line"
fi
# What systemd would start at the next boot of this machine.
if command -v systemctl >/dev/null 2>&1; then
  for package in $want; do
    case $package in
      redis-server | postgresql) $as_root systemctl disable --quiet "$package" >/dev/null 2>&1 ;;
      mariadb-server) $as_root systemctl disable --quiet mariadb >/dev/null 2>&1 ;;
    esac
  done
fi
exit 0
