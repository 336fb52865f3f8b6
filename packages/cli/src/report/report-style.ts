import { Html } from './html.ts';

/** The report's whole style: light and dark by the reader's setting, black on white on paper. */
export const REPORT_STYLE = new Html(`
:root { color-scheme: light dark; --ink: #16202c; --muted: #5b6b7c; --line: #dde4eb; --page: #f5f7f9; --card: #fff; --accent: #0b6e8f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7edf3; --muted: #97a6b5; --line: #2b3743; --page: #10161d; --card: #18212b; --accent: #5cc3e4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.02em; }
h2 { font-size: 1.15rem; margin: 40px 0 12px; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0; }
.muted { color: var(--muted); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; }
.wide { overflow-x: auto; }
.wide svg { min-width: 620px; }
.grid { display: grid; gap: 16px; }
.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.top { grid-template-columns: minmax(220px, 1fr) minmax(0, 2.4fr); margin-top: 24px; }
.figure { display: flex; flex-direction: column; justify-content: center; }
.figure strong { font-size: 3.4rem; line-height: 1.05; letter-spacing: -0.03em; color: var(--accent); font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 14px 24px; margin: 0; }
dt { color: var(--muted); font-size: 0.82rem; }
dd { margin: 0; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
svg.share, .wide svg.share { display: inline-block; width: 90px; min-width: 0; margin-right: 8px; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .name { fill: var(--muted); }
svg .row { font-size: 13px; }
svg .grid { stroke: var(--line); }
svg .median { stroke: var(--ink); stroke-width: 2.2; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 500; font-size: 0.85rem; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
.case { margin-top: 16px; }
.case header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; margin-bottom: 12px; }
.pictures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; }
figure { margin: 0; }
figure .scan { display: flex; align-items: center; justify-content: center; background: #000; border-radius: 8px; overflow: hidden; aspect-ratio: 1; }
figure img { display: block; max-width: 100%; max-height: 100%; width: 100%; height: 100%; object-fit: contain; }
figcaption { color: var(--muted); font-size: 0.85rem; margin-top: 4px; text-transform: capitalize; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-bottom: 4px; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 22px; height: 12px; margin-right: 7px; border: 2px solid; border-radius: 3px; vertical-align: -1px; }
.notes { margin: 0; padding-left: 20px; }
footer { margin-top: 40px; font-size: 0.85rem; }
@media (max-width: 720px) { main { padding: 24px 14px; } .card { padding: 14px; } .top { grid-template-columns: 1fr; } th, td { padding: 6px; } }
@media print {
  :root { --ink: #000; --muted: #444; --line: #bbb; --page: #fff; --card: #fff; --accent: #0b6e8f; }
  body { font-size: 11pt; } main { padding: 0; max-width: none; } h2 { break-after: avoid; }
  .card { break-inside: avoid; } * { print-color-adjust: exact; }
}
`);
