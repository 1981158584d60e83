#!/bin/sh
# Installs from Debian what the tests need besides Python: Chromium and a Chinese font for pages, Java and Maven for a
# Neo4j server (unless LIANGXIN_TEST_NEO4J names one), npm to fetch a Chromium as old as those of offices. Tests that
# lack something skip; in CI they fail.
set -eu

java_17() {
    major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    [ "${major:-0}" -ge 17 ]
}

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
fc-list 2>/dev/null | grep -q "Noto Sans CJK" || missing="$missing fontconfig fonts-noto-cjk"
if [ -z "${LIANGXIN_TEST_NEO4J:-}" ]; then
    java_17 || missing="$missing openjdk-17-jre-headless"
    command -v mvn >/dev/null 2>&1 || missing="$missing maven"
fi
command -v npm >/dev/null 2>&1 || missing="$missing npm"

old_chromium() {
    if ! sh "$(dirname "$0")/chromium_91.sh"; then
        echo "没有取得 Chromium 91，用到它的测试将跳过。" >&2
        [ -z "${CI:-}" ]
    fi
}

[ -n "$missing" ] || { old_chromium; exit; }

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of packages
if ! { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; then
    echo "没有装上测试所需的软件，用到它们的测试将跳过。请安装：$missing" >&2
    [ -z "${CI:-}" ]
fi
old_chromium
