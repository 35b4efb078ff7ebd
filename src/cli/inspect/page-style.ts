// The style of the page that shows what happens inside of a model: light and dark, nothing from the network.

export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1d1f23; --faint: #6b6f76; --line: #dedbd3; --panel: #ffffff;
  --hot: #e4572e; --cool: #1769aa; --chosen: #f2b134; --zero: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171b; --ink: #e8e6e1; --faint: #9a9da3; --line: #33373e; --panel: #1d2026;
    --hot: #ff7a4d; --cool: #5db3ff; --chosen: #ffcf5c; --zero: #1d2026;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
header, main { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; }
h1 { font-size: 22px; margin: 0 0 2px; }
h2 { font-size: 16px; margin: 32px 0 4px; }
p.note, figcaption, .faint { color: var(--faint); font-size: 13px; margin: 0; }
.top { display: grid; grid-template: auto 1fr / minmax(0, 1fr) 330px; gap: 20px; align-items: start; margin-top: 14px; }
#text { grid-area: 1 / 1; }
#views { grid-area: 2 / 1; min-width: 0; }
#detail { grid-area: 1 / 2 / span 2; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
#text { font: 17px/2.1 ui-monospace, "Noto Sans Mono CJK SC", Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 70vh; overflow-y: auto; }
.token { border-radius: 3px; padding: 2px 0; cursor: pointer; border-bottom: 4px solid transparent; }
.token:hover { outline: 1px solid var(--faint); }
.token:focus-visible, .token.chosen { outline: 2px solid var(--chosen); outline-offset: 1px; }
.token .sign { color: var(--faint); }
.controls { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center; margin: 10px 0 0; font-size: 13px; }
select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 3px 6px; max-width: 100%; }
.key { display: inline-block; width: 110px; height: 10px; border-radius: 3px; vertical-align: -1px; margin: 0 6px; }
#detail { position: sticky; top: 14px; max-height: 92vh; overflow-y: auto; }
#detail h3 { font-size: 13px; margin: 14px 0 4px; color: var(--faint); font-weight: 600; overflow-wrap: anywhere; }
#detail .name { font: 600 20px/1.3 ui-monospace, "Noto Sans Mono CJK SC", Menlo, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.bar { display: grid; grid-template-columns: minmax(52px, auto) 1fr 52px; gap: 8px; align-items: center; font-size: 13px; margin: 2px 0; }
.bar .word { font-family: ui-monospace, "Noto Sans Mono CJK SC", Menlo, monospace; white-space: pre; overflow: hidden; text-overflow: ellipsis; max-width: 120px; }
.bar .track { height: 8px; background: var(--line); border-radius: 4px; overflow: hidden; }
.bar .fill { height: 100%; background: var(--cool); }
.bar .number { text-align: right; font-variant-numeric: tabular-nums; color: var(--faint); }
.head { display: flex; flex-wrap: wrap; gap: 4px 5px; align-items: baseline; margin: 3px 0; }
.head .faint { min-width: 44px; }
.chip { font: 13px/1.4 ui-monospace, "Noto Sans Mono CJK SC", Menlo, monospace; color: inherit; border: 0; border-radius: 5px; padding: 1px 6px; cursor: pointer; }
.chip small { opacity: 0.75; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 14px; margin-top: 8px; }
figure { margin: 0; max-width: 360px; }
figure.wide { grid-column: 1 / -1; max-width: none; }
.map { position: relative; line-height: 0; margin-top: 4px; }
canvas { width: 100%; border: 1px solid var(--line); border-radius: 4px; image-rendering: pixelated; cursor: crosshair; }
.here { position: absolute; pointer-events: none; background: var(--chosen); opacity: 0.75; display: none; }
#tip { position: fixed; pointer-events: none; background: var(--ink); color: var(--paper); font-size: 12px; padding: 3px 8px; border-radius: 5px; display: none; z-index: 9; max-width: 340px; white-space: pre-wrap; }
@media (max-width: 820px) {
  .top { grid-template: auto auto auto / minmax(0, 1fr); }
  #views { grid-area: 3 / 1; }
  #detail { grid-area: 2 / 1; position: static; }
}
footer { height: 60px; }
`;
