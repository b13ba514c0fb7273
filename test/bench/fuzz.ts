// Feeds mutated bytes to the decoder, the head reader and whole tunnels; every byte must be accounted for, or pass.
// node test/bench/fuzz.ts [STREAMS 1000000] [TUNNELS 10000] [SEED 1]
import assert from 'node:assert/strict';
import { parseRequestHead } from '../../src/wire/head.ts';
import { HeadReader } from '../../src/wire/head-reader.ts';
import { WebSocketDecoder } from '../../src/wire/websocket-decoder.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { REQUEST, tunnelBench } from '../support/tunnel-bench.ts';

const [streams = 1_000_000, tunnels = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const TUNNELS_A_PROXY = 250;
const MASK = Buffer.from([1, 2, 3, 4]);
const HEAD = Buffer.from(REQUEST, 'latin1');
const FRAMES = Buffer.concat([
  frameBytes({ opcode: 1, payload: Buffer.from('[2,"1","Heartbeat",{}]'), mask: MASK }),
  frameBytes({ opcode: 1, fin: false, payload: Buffer.from('[3,"1",'), mask: MASK }),
  frameBytes({ opcode: 9, payload: Buffer.alloc(0), mask: MASK }),
  frameBytes({ opcode: 0, payload: Buffer.alloc(130, '{'), mask: MASK }),
]);

let state = seed;
/** A number from 0 to below `below`: the same ones for the same seed. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state >>> 8) % below;
}

/** A copy with one to four bytes changed, cut short once in eight times. */
function mutated(original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  for (let changes = 1 + random(4); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
  return random(8) === 0 ? bytes.subarray(0, 1 + random(bytes.length)) : bytes;
}

/** The decoder gives every byte back, in whatever frames or opaque runs it found. */
function fuzzDecoder(bytes: Buffer): void {
  const decoder = new WebSocketDecoder({ deflate: random(2) === 0 });
  const split = random(bytes.length);
  const messages = [...decoder.push(bytes.subarray(0, split)), ...decoder.push(bytes.subarray(split))];
  const seen = [...messages, ...decoder.end()].reduce((sum, message) => sum + message.wireBytes, 0);
  assert.equal(seen, bytes.length, bytes.toString('hex'));
}

/** The head reader keeps every byte, and what it takes for a head can be parsed. */
function fuzzHead(bytes: Buffer): void {
  const reader = new HeadReader('request');
  const split = random(bytes.length);
  let result = reader.push(bytes.subarray(0, split));
  const isDone = result.kind !== 'more';
  if (!isDone) result = reader.push(bytes.subarray(split));
  if (result.kind === 'head') parseRequestHead(result.head);
  const kept = result.kind === 'head' ? Buffer.concat([result.bytes, result.rest]) : reader.pending();
  assert.deepEqual(kept, isDone ? bytes.subarray(0, split) : bytes, bytes.toString('hex'));
}

/** Mutated frames arrive at the CSMS byte for byte, with the FIN behind them, and no tap fails. */
async function fuzzTunnels(count: number): Promise<void> {
  const bench = await tunnelBench();
  for (let i = 0; i < count; i++) {
    const bytes = mutated(FRAMES);
    const { charger, csms } = await bench.open();
    const split = random(bytes.length);
    charger.send(bytes.subarray(0, split));
    charger.socket.end(bytes.subarray(split));
    assert.equal(await csms.ended(), 'fin');
    assert.deepEqual(csms.received, bytes, bytes.toString('hex'));
    csms.socket.end();
    await charger.ended();
  }
  assert.equal(bench.proxy.stats().faults, 0);
  await bench.close();
}

const startMs = performance.now();
for (let i = 0; i < streams / 2; i++) fuzzDecoder(mutated(FRAMES));
for (let i = 0; i < streams / 2; i++) fuzzHead(mutated(HEAD));
console.log(`${streams} streams through decoder and head reader in ${seconds(startMs)} s`);

const tunnelsMs = performance.now();
for (let done = 0; done < tunnels; done += TUNNELS_A_PROXY) {
  await fuzzTunnels(Math.min(TUNNELS_A_PROXY, tunnels - done));
}
const heap = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
console.log(`${tunnels} streams through the proxy in ${seconds(tunnelsMs)} s; heap ${heap} MB`);

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
