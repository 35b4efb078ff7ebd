// How the page of recall looks, by day and by night.

export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #e3e7ee; --paper: #fff; --card: #f7f8fb; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaf0; --soft: #98a2b3; --line: #2c3340; --paper: #12151b; --card: #191e27; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 32px 24px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 28px; letter-spacing: -0.02em; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 12px; }
p { margin: 0 0 12px; max-width: 76ch; color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); gap: 20px; margin-top: 20px; }
figure { margin: 0; padding: 16px 16px 8px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); fill: none; }
.line { stroke: currentColor; fill: currentColor; }
.line polyline { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.line circle { stroke: var(--card); stroke-width: 1.5; }
.charts:has(.line:hover) .line:not(:hover) { opacity: 0.25; }
.c0 { color: #2f6fed; } .c1 { color: #e4572e; } .c2 { color: #17a673; } .c3 { color: #a04fd6; }
.c4 { color: #d99a00; } .c5 { color: #0f9fb5; } .c6 { color: #d6447f; } .c7 { color: #7a7f2a; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 20px 0 0; padding: 0; list-style: none; font-weight: 600; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 4px; background: currentColor; margin-right: 7px; }
.legend span { color: var(--ink); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child { text-align: left; font-weight: 600; }
td.share { background: color-mix(in srgb, #17a673 calc(var(--share) * 55%), transparent); }
.heat { width: auto; margin-bottom: 20px; }
.heat th + th, .heat td.share { text-align: center; min-width: 84px; }
footer { margin-top: 40px; color: var(--soft); font-size: 13px; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
`;
