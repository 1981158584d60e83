#!/bin/sh
# What the page tests need besides Python: Chromium and a Chinese font, from Debian where they are missing.
set -eu
if command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -q "Noto Sans CJK"; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "页面测试需要 chromium 和 fonts-noto-cjk，请先安装。" >&2
    exit 1
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
