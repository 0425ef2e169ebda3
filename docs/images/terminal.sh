#!/usr/bin/env bash
# Makes terminal.png, the picture in the README, from what the tool prints now: bash docs/images/terminal.sh
# Needs aha (colours of a terminal as HTML), chromium, pngquant and the font DejaVu Sans Mono.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command='./nattrail analyze captures/lost-between-nodes'
columns=100
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

./nattrail --version > /dev/null
{
    printf '\033[32m$\033[0m %s\n' "$command"
    # The summary as a terminal shows it; reports go where they are not in the way, and are named as they would be.
    COLUMNS=$columns LC_ALL=C.UTF-8 $command --color always --out "$work/nattrail-report" | sed "s|$work/||" || [ "${PIPESTATUS[0]}" -eq 1 ]
} > "$work/screen"

lines=$(wc -l < "$work/screen")
cat > "$work/page.html" <<HTML
<!DOCTYPE html><meta charset="utf-8">
<style>
  body { margin: 0; background: #11151c; color: #d8dee9; }
  pre { margin: 0; padding: 18px 22px; font: 14px/19px "DejaVu Sans Mono", monospace; }
</style>
<pre>$(aha --no-header --black < "$work/screen")</pre>
HTML
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1.5 \
    --window-size="$((columns * 843 / 100 + 50)),$((lines * 19 + 36))" --screenshot="$PWD/docs/images/terminal.png" "file://$work/page.html" 2> /dev/null
pngquant --force --strip --output docs/images/terminal.png 64 docs/images/terminal.png
