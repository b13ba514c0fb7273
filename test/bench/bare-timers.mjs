// The floor for anything on Node: absolute schedules kept by bare timers, which do nothing when they fire.
// bare-timers.mjs SESSIONS CALLS GAP_MS prints how late each call was, ms, in the order in which they were due.
const [sessions, calls, gapMs] = process.argv.slice(2).map(Number);
const startMs = performance.now();
const late = [];
let open = sessions;

function schedule(dueMs, left) {
  const wait = Math.max(0, Math.ceil(dueMs - performance.now()));
  setTimeout(() => {
    late.push([dueMs, performance.now() - dueMs]);
    if (left > 1) schedule(dueMs + gapMs, left - 1);
    else if (--open === 0) console.log(JSON.stringify(late.sort((a, b) => a[0] - b[0]).map(([, ms]) => ms)));
  }, wait);
}

for (let session = 0; session < sessions; session++) {
  schedule(startMs + 20 + Math.floor((session * gapMs) / sessions), calls);
}
