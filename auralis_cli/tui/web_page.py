"""The page that shows the screen in a browser: textual-serve's terminal, with nothing from anywhere else.

The page that comes with textual-serve asks a server of the world for its font, and takes no key before it was clicked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from string import Template

# The terminal is the first thing with the keys; textual.js marks the body once the screen begins to be drawn, and once
# it has ended. What is typed says nothing before that.
_SCRIPT = """
addEventListener("load", () => {
  const take_keys = () => document.querySelector(".xterm-helper-textarea")?.focus();
  new MutationObserver(take_keys).observe(document.body, {attributeFilter: ["class"]});
  document.querySelector("button").onclick = () => location.reload();
});
"""
_STYLE = """
@font-face { font-family: "Roboto Mono"; font-weight: 100 700; src: url("/static/fonts/$font"); }
html, body, .textual-terminal { height: 100%; margin: 0; background: #101418; overflow: hidden; }
.ended { display: none; position: absolute; inset: 0; z-index: 10; align-items: center; justify-content: center; }
.ended, button { font: 16px "Roboto Mono", monospace; color: #e6e6e6; background: #101418e0; }
button { margin-left: 2ch; padding: 0.5ch 2ch; border: 1px solid; cursor: pointer; }
body.-closed .ended { display: flex; }
"""
_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Auralis</title>
<link rel="icon" href="data:,">
<link rel="preload" href="/static/fonts/$font" as="font" type="font/ttf" crossorigin>
<link rel="stylesheet" href="/static/css/xterm.css">
<style>$style</style>
<script src="/static/js/textual.js"></script>
<script>$script</script>
<body>
<div class="textual-terminal" data-session-websocket-url="$socket" data-font-size="$font_px"></div>
<div class="ended">The screen was closed.<button type="button">Open it again</button></div>
</body>
</html>
""")
_FONT = "RobotoMono-VariableFont_wght.ttf"


def page(socket_address: str, font_px: int) -> str:
    """The page; the terminal on it connects to that address."""
    style = Template(_STYLE).substitute(font=_FONT)
    return _PAGE.substitute(font=_FONT, style=style, script=_SCRIPT, socket=socket_address, font_px=font_px)


def page_headers(socket_origin: str) -> Mapping[str, str]:
    """What has the browser fetch nothing from outside, show the page inside no other, and tell nobody its address."""
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    rules = (
        "default-src 'none'",
        f"script-src 'self' 'sha256-{digest}'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        f"connect-src {socket_origin}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return {"Content-Security-Policy": "; ".join(rules), "Referrer-Policy": "no-referrer"}
