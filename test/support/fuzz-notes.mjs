// Preloaded into the fuzzer of ocpp-ws-cli (NODE_OPTIONS=--import): makes its choices those of a seed, ends it after FUZZ_SENDS
// anomalies, and writes to FUZZ_NOTES what each kind of anomaly was answered with: `{ [anomaly]: sorted answers }`, with the answers
// that name none of them under the empty text.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { FUZZ_SENDS, FUZZ_NOTES } = process.env;
const cli = createRequire(new URL('../../node_modules/ocpp-ws-cli/dist/index.js', import.meta.url));
const WebSocket = cli('ws');
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const answers = new Map([['', new Set()]]);
const kinds = new Map();
let seed = 20_261_127;
let sends = 0;

Math.random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

const { send } = WebSocket.prototype;
WebSocket.prototype.send = function noted(text, ...rest) {
  const kind = text.replace(UUID, 'ID').replace(/"\d{4}-[^"]*Z"/, '"TIME"');
  for (const id of text.match(UUID) ?? []) kinds.set(id, kind);
  if (!answers.has(kind)) answers.set(kind, new Set());
  if (!this.isHeard) {
    this.isHeard = true;
    this.prependListener('message', note);
    this.prependListener('close', (code) => answers.get(kind).add(`closed ${code}`));
  }
  if (++sends === Number(FUZZ_SENDS)) process.kill(process.pid, 'SIGINT');
  return send.call(this, text, ...rest);
};

function note(data) {
  const [type, id, code] = JSON.parse(String(data));
  answers.get(kinds.get(id) ?? '').add(type === 4 ? `4 ${code}` : String(type));
}

process.once('SIGINT', () => {
  const told = [...answers].map(([kind, set]) => [kind, [...set].sort()]);
  writeFileSync(FUZZ_NOTES, JSON.stringify(Object.fromEntries(told)));
});
