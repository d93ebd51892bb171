"""How a report looks: one sheet for the page, light and dark, on screens of any width and on paper."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2730; --muted: #66727d; --line: #e4e2dc; --grid: #ecebe6;
  --before: #9aa7b2; --before-soft: #dde2e6; --after: #0f766e; --after-soft: #b9dcd7; --goal: #b45309; --limit: #be3455;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161b; --card: #1a2027; --ink: #e6ebf0; --muted: #97a3af; --line: #2b343d; --grid: #262e37;
    --before: #7b8894; --before-soft: #333d47; --after: #4fd1c0; --after-soft: #1f5751; --goal: #f0b252;
    --limit: #f47690;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 56px; }
a { color: var(--after); text-decoration: none; } a:hover { text-decoration: underline; }
.kicker { color: var(--after); font-size: 12px; font-weight: 650; letter-spacing: .12em; text-transform: uppercase; }
h1, h2 { line-height: 1.2; margin: 4px 0 6px; overflow-wrap: anywhere; letter-spacing: -.01em; }
h1 { font-size: 30px; } h2 { font-size: 26px; } h3 { font-size: 15px; margin: 0; }
dl + h3 { margin-top: 20px; }
.sub { color: var(--muted); margin: 0 0 22px; overflow-wrap: anywhere; }
section.track { padding-top: 22px; }
section.track + section.track { border-top: 1px solid var(--line); margin-top: 40px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 16px; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.tile { padding: 13px 16px 12px; }
.tile .name { color: var(--muted); font-size: 12.5px; }
.tile .value { font-size: 25px; font-weight: 640; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile .value small { font-size: 13px; font-weight: 500; color: var(--muted); letter-spacing: 0; margin-left: 4px; }
.tile .was { color: var(--muted); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
.card { padding: 16px 18px 14px; margin: 0; break-inside: avoid; } .wide { grid-column: 1 / -1; }
.top { display: flex; flex-wrap: wrap; gap: 2px 18px; align-items: baseline; justify-content: space-between; }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 12.5px; color: var(--muted); }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px;
  vertical-align: 3px; }
.chart { position: relative; margin: 12px 0 24px 40px; }
.chart svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; display: block; }
.chart .x, .chart .y { position: absolute; color: var(--muted); font-size: 11.5px; line-height: 1; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.chart .x { top: calc(100% + 7px); transform: translateX(-50%); } .chart .x.first { transform: none; }
.chart .x.last { transform: translateX(-100%); }
.chart .y { right: calc(100% + 8px); transform: translateY(-50%); }
.chart .unit { position: absolute; right: calc(100% + 8px); top: calc(100% + 7px); color: var(--muted);
  font-size: 11.5px; line-height: 1; }
.note { color: var(--muted); font-size: 12.5px; margin: 4px 0 0; }
svg path, svg line { vector-effect: non-scaling-stroke; fill: none; stroke-linejoin: round; }
.grid { stroke: var(--grid); stroke-width: 1; }
.before { stroke: var(--before); stroke-width: 1.4; } .after { stroke: var(--after); stroke-width: 1.9; }
.goal { stroke: var(--goal); stroke-width: 1.4; stroke-dasharray: 6 4; }
.ceiling { stroke: var(--limit); stroke-width: 1; stroke-dasharray: 3 3; }
.join { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 2 3; }
.side { stroke: var(--goal); stroke-width: 1.6; }
svg .fill-before { fill: var(--before); } svg .fill-after { fill: var(--after); }
svg .fill-moment { fill: var(--after-soft); opacity: .75; }
svg .fill-limit { fill: var(--limit); opacity: .8; } svg .fill-under { fill: var(--after); opacity: .1; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--muted); font-weight: 500; font-size: 12.5px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr:last-child td { border-bottom: 0; } td.n, th.n { text-align: right; } td.name { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 7px 18px; margin: 10px 0 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
ul.says { margin: 0 0 16px; padding: 12px 18px 12px 34px; border-left: 4px solid var(--goal); }
ul.says.bad { border-left-color: var(--limit); }
footer { color: var(--muted); font-size: 12.5px; margin-top: 36px; }
@media (max-width: 680px) {
  main { padding: 24px 14px 40px; } h1 { font-size: 24px; } h2 { font-size: 21px; }
  .cards { grid-template-columns: minmax(0, 1fr); } .card { padding: 14px 14px 12px; } .minor { display: none; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); } .chart { margin-left: 34px; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 8px; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --muted: #555; --line: #ccc; --grid: #e8e8e8; --before: #8a96a0;
    --after: #0f766e; --after-soft: #b9dcd7; --goal: #b45309; --limit: #be3455; color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } section.track + section.track { break-before: page; }
}
"""
