/** Style of the HTML page: one column, system fonts, light and dark by `color-scheme`. */
export const STYLE = `
:root { color-scheme: light dark; --page: light-dark(#fbfbfa, #16181c); --panel: light-dark(#fff, #1d2025);
  --line: light-dark(#e3e3e0, #30343b); --ink: light-dark(#22252a, #dfe2e7); --quiet: light-dark(#63686f, #99a0aa);
  --accent: light-dark(#2457c5, #82aaff); --high: light-dark(#b3261e, #ff8a80); --medium: light-dark(#8a5a00, #f0b84f);
  --low: light-dark(#4a6072, #9db4c6); --good: light-dark(#1b7a3d, #7bd69a);
  --old: light-dark(#fdeceb, #3a2023); --old-word: light-dark(#f7b8b3, #7d2f33); --new: light-dark(#e8f6ec, #1b3325); --new-word: light-dark(#a9dfb9, #2c6b43); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main, header { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 28px; position: relative; }
h1 { font-size: 24px; line-height: 1.3; margin: 0 0 6px; font-weight: 600; }
h2 { font-size: 19px; margin: 18px 0 6px; } h3 { font-size: 14px; margin: 22px 0 8px; font-weight: 600; }
code, .place, .change, .diff { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
small, .facts, .quiet { color: var(--quiet); } small { font-size: 12px; }
a { color: inherit; text-decoration: none; } a.link { color: var(--accent); }
.verdict { border-left: 4px solid; padding-left: 14px; }
.same { border-color: var(--good); } .different { border-color: var(--high); } .incomplete { border-color: var(--medium); }
.reach { margin: 0 0 4px; font-size: 16px; }
.facts, .quiet { margin: 2px 0; font-size: 13.5px; }
header details { font-size: 13.5px; color: var(--quiet); margin-top: 6px; } summary { cursor: pointer; }
header li, .sessions li { overflow-wrap: anywhere; }
#theme { position: absolute; right: 24px; top: 28px; }
button, input, select { font: inherit; font-size: 13.5px; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 5px 10px; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#filters { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 14px 0; position: sticky; top: 0; background: var(--page); z-index: 1; }
#search { flex: 1 1 260px; } #shown { color: var(--quiet); font-size: 13px; margin-left: auto; }
.toggle { font-size: 13.5px; white-space: nowrap; cursor: pointer; } .toggle input { accent-color: var(--accent); vertical-align: -1px; }
#list { list-style: none; margin: 0 0 20px; padding: 0; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); overflow: hidden; }
#list li + li { border-top: 1px solid var(--line); }
#list a { display: grid; grid-template-columns: 82px 168px minmax(0, 5fr) minmax(0, 6fr) 142px; gap: 12px; align-items: baseline; padding: 9px 14px; }
#list a:hover, #list .current a { background: color-mix(in srgb, var(--accent) 8%, transparent); } #list .current a { box-shadow: inset 3px 0 var(--accent); }
#list span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .kind { color: var(--quiet); font-size: 13.5px; }
.place { font-size: 13.5px; overflow-wrap: anywhere; } .change { font-size: 12.5px; color: var(--quiet); display: flex; min-width: 0; } .change > span { flex: 0 1 auto; } .change > span:first-child { flex-shrink: 0; max-width: 50%; } .change > span + span { color: var(--ink); } .change > span + span::before { content: '→'; margin: 0 7px; color: var(--quiet); } .extent { text-align: right; font-size: 12.5px; color: var(--quiet); }
.then .grade { padding-left: 4px; } .then .grade::before { content: '↳'; } .then .place, .then .change > span + span { color: var(--quiet); }
.grade { font-size: 12px; font-weight: 600; letter-spacing: .03em; } .grade::before { content: '●'; margin-right: 6px; }
.high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
#list:empty { display: none; } .none { padding: 0 0 40px; text-align: center; color: var(--quiet); }
#detail { padding-bottom: 60px; } #detail nav { display: flex; gap: 8px; align-items: center; padding: 14px 0 0; position: sticky; top: 0; background: var(--page); z-index: 1; }
#detail .message { margin: 0 0 4px; overflow-wrap: anywhere; } #detail h2 .place { font-size: 17px; color: var(--accent); }
.diff { border: 1px solid var(--line); border-radius: 8px; background: var(--panel); overflow: hidden; font-size: 12.5px; line-height: 1.55; }
.r { display: grid; grid-template-columns: 1fr 1fr; } .r > * { padding: 1px 12px; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; } .r > :last-child { border-left: 1px solid var(--line); }
.sides { font-family: system-ui, sans-serif; color: var(--quiet); border-bottom: 1px solid var(--line); } .sides > * { padding: 5px 12px; }
.old { background: var(--old); } .new { background: var(--new); } del, ins { text-decoration: none; border-radius: 2px; } del { background: var(--old-word); } ins { background: var(--new-word); }
.focus { font-weight: 600; } .changed .old, .changed .new { background: none; } .changed del, .changed ins { background: color-mix(in srgb, var(--line) 70%, transparent); } .fold > summary { padding: 2px 12px; color: var(--quiet); background: color-mix(in srgb, var(--line) 40%, transparent); }
.example { margin-top: 14px; } .example > summary { font-size: 14px; margin-bottom: 8px; }
.around { margin-top: 14px; } .around summary { font-size: 14px; }
.lanes { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; margin-top: 8px; } .lanes ol { margin: 0; padding: 6px 0; list-style: none; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); font-size: 12.5px; min-width: 0; }
.lanes h4 { margin: 0 0 4px; font-size: 12.5px; font-weight: 400; color: var(--quiet); } .lanes li { display: grid; grid-template-columns: 64px 76px 1fr; padding: 2px 12px; overflow-wrap: anywhere; } .when { color: var(--quiet); font-variant-numeric: tabular-nums; } .who { color: var(--quiet); } .who.csms { color: var(--accent); } .here { font-weight: 600; background: color-mix(in srgb, var(--accent) 10%, transparent); }
.latency table { border-collapse: collapse; width: 100%; margin: 8px 0; color: var(--ink); } .latency th { font-weight: 400; color: var(--quiet); text-align: left; padding: 2px 14px 2px 0; } .latency td { padding: 3px 14px 3px 0; white-space: nowrap; border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.latency th:last-child, .latency td:last-child { width: 50%; padding-right: 0; } .latency svg { display: block; width: 100%; height: auto; } .latency text { font-size: 11px; fill: var(--quiet); } .latency .slower td:first-child { color: var(--high); font-weight: 600; }
.tick { stroke: var(--line); } .before { stroke: var(--quiet); fill: var(--quiet); background: var(--quiet); } .after { stroke: var(--accent); fill: var(--accent); background: var(--accent); } .median { stroke: var(--ink); stroke-width: 2; } .key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 3px 0 8px; }
.sessions { columns: 3 240px; margin: 0; padding: 0; list-style: none; font-size: 13px; }
kbd { font: inherit; font-size: 12px; border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; } .keys { margin-left: auto; font-size: 12.5px; color: var(--quiet); }
@media (max-width: 760px) { #list a { grid-template-columns: 82px 1fr; } .change, .extent { grid-column: 2; text-align: left; } .r, .lanes { grid-template-columns: 1fr; } .r > :last-child { border-left: 0; } .keys { display: none; } }
@media print { #filters, #theme, nav { display: none !important; } }
`;
