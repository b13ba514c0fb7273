import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FrameFlag } from '../../src/session/frame.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { REQUEST, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

const MASK = Buffer.from([5, 6, 7, 8]);

function closeFrame(code: number, reason: string, mask?: Buffer): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frameBytes({ opcode: 8, payload, mask });
}

let ca: Authority;
let certificate: Identity;
beforeAll(async () => {
  ca = await authority();
  certificate = await ca.issue('csms.example');
});

let bench: TunnelBench;
afterEach(() => bench.close());

const ended = () => bench.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);

async function finish(first: RawPeer, second: RawPeer): Promise<void> {
  first.socket.end();
  expect(await second.ended()).toBe('fin');
  second.socket.end();
  expect(await first.ended()).toBe('fin');
  await ended();
}

describe.each([
  ['without TLS', false, false],
  ['with TLS to the charger', true, false],
  ['with TLS to the CSMS', false, true],
  ['with TLS on both legs', true, true],
])('a tunnel %s ends as its peers do', (_, charger, csms) => {
  const secured = () => ({ certificate, ca: ca.cert, charger, csms });
  beforeEach(async () => {
    bench = await tunnelBench({}, secured());
  });

  it.each([
    [1000, 'done'],
    [1011, 'internal'],
    [4000, 'Ladesäule tauscht'],
  ])('a close frame %i with its reason passes and is on the connection row', async (code, reason) => {
    const { charger, csms } = await bench.open();
    const bytes = closeFrame(code, reason);
    csms.send(bytes);
    expect(await charger.receive(bytes.length)).toEqual(bytes);
    const answer = closeFrame(code, '', MASK);
    charger.send(answer);
    expect(await csms.receive(answer.length)).toEqual(answer);
    await finish(charger, csms);
    const [row] = bench.recorder.connections;
    expect(row).toMatchObject({ endedBy: 'csms', ending: 'close', closeCode: code, closeReason: reason });
    expect(row?.closedId).toBeGreaterThan(bench.recorder.frames.at(-1)?.id ?? 0);
    expect(row).toMatchObject({ bytesToCharger: null, bytesToCsms: null });
  });

  it('a FIN without a close frame stays a FIN', async () => {
    const { charger, csms } = await bench.open();
    await finish(csms, charger);
    expect(bench.recorder.connections[0]).toMatchObject({ endedBy: 'csms', ending: 'fin', closeCode: null });
  });

  it('a half-close leaves the other direction open', async () => {
    const { charger, csms } = await bench.open();
    charger.socket.end();
    expect(await csms.ended()).toBe('fin');
    const bytes = frameBytes({ opcode: 1, payload: Buffer.from('[2,"late","Reset",{}]') });
    csms.send(bytes);
    expect(await charger.receive(bytes.length)).toEqual(bytes);
    csms.socket.end();
    expect(await charger.ended()).toBe('fin');
    await ended();
    expect(bench.recorder.connections[0]).toMatchObject({ endedBy: 'charger', ending: 'fin' });
    expect(bench.recorder.frames).toHaveLength(1);
  });

  it.each(['charger', 'csms'] as const)(
    'a reset by the %s stays a reset, after the bytes before it',
    async (side) => {
      const peers = await bench.open();
      const [from, to] = side === 'charger' ? [peers.charger, peers.csms] : [peers.csms, peers.charger];
      const bytes = frameBytes({ opcode: 1, payload: Buffer.from('[2,"1","Heartbeat",{}]') });
      from.send(bytes);
      await to.receive(bytes.length);
      from.reset();
      expect(await to.ended()).toBe('reset');
      await ended();
      const [row] = bench.recorder.connections;
      const handedOn = side === 'charger' ? row?.bytesToCsms : row?.bytesToCharger;
      const head = side === 'charger' ? REQUEST.length : (row?.responseHead?.length ?? 0);
      expect(row).toMatchObject({ endedBy: side, ending: 'reset' });
      expect(handedOn).toBe(head + bytes.length);
    },
  );

  it('a reset behind a flood: what arrived is a prefix, and the row says how much was handed on', async () => {
    const { charger, csms } = await bench.open();
    const bytes = frameBytes({ opcode: 2, payload: randomBytes(4 * 1024 * 1024), mask: MASK });
    charger.socket.write(bytes, () => charger.reset());
    expect(await csms.ended()).toBe('reset');
    await ended();
    const got = csms.received;
    const [row] = bench.recorder.connections;
    expect(bytes.subarray(0, got.length).equals(got)).toBe(true);
    expect(row?.bytesToCsms).toBeGreaterThanOrEqual(REQUEST.length + got.length);
    expect(row?.bytesToCsms).toBeLessThanOrEqual(REQUEST.length + bytes.length);
  });

  it('a frame that was begun and never ended is on record as opaque bytes', async () => {
    const { charger, csms } = await bench.open();
    const begun = frameBytes({ opcode: 1, payload: Buffer.from('[2,"x","Heart'), mask: MASK }).subarray(
      0,
      12,
    );
    charger.send(begun);
    expect(await csms.receive(begun.length)).toEqual(begun);
    await finish(charger, csms);
    const [frame] = bench.recorder.frames;
    expect(frame?.flags).toBe(FrameFlag.opaque | FrameFlag.unfinished);
    expect(Buffer.from(frame?.payload ?? [])).toEqual(begun);
  });

  it('a peer that does not read at first gets every byte once it does', async () => {
    const { charger, csms } = await bench.open();
    csms.socket.pause();
    const frame = frameBytes({ opcode: 2, payload: randomBytes(60_000), mask: MASK });
    for (let i = 0; i < 400; i++) charger.send(frame);
    await bench.recorder.until((recorder) => recorder.frames.length >= 20);
    csms.socket.resume();
    const got = await csms.receive(400 * frame.length);
    for (let at = 0; at < got.length; at += frame.length) {
      if (!got.subarray(at, at + frame.length).equals(frame)) throw new Error(`differs at ${at}`);
    }
    expect(bench.recorder.frames).toHaveLength(400);
  });

  it('stops with a FIN both ways and says that it was its own doing', async () => {
    const { charger, csms } = await bench.open();
    const closing = bench.proxy.close();
    expect(await charger.ended()).toBe('fin');
    expect(await csms.ended()).toBe('fin');
    charger.socket.end();
    csms.socket.end();
    await closing;
    expect(bench.recorder.connections[0]).toMatchObject({ endedBy: 'chargetape', ending: 'stopped' });
    expect(bench.proxy.stats().open).toBe(0);
  });

  it('stops in bounded time while peers stay silent, half-open or unread', async () => {
    const impatient = await tunnelBench({ lastWordsMs: 20 }, secured());
    const waiting = await impatient.charger();
    waiting.send(REQUEST);
    const unanswering = await impatient.server.accept();
    await unanswering.receive(REQUEST.length);
    const silent = await impatient.charger();
    const { charger, csms } = await impatient.open();
    charger.socket.pause();
    const closing = impatient.proxy.close();
    await unanswering.ended();
    unanswering.socket.end();
    await closing;
    await Promise.all([waiting, silent, csms].map((peer) => peer.ended()));
    const endings = impatient.recorder.connections.map(({ endedBy, ending }) => [endedBy, ending]);
    expect(endings).toEqual(Array(3).fill(['chargetape', 'stopped']));
    await impatient.close();
  });
});
