import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newStats } from '../../src/proxy/event.ts';
import { Fleet } from '../../src/proxy/fleet.ts';
import { Lane } from '../../src/proxy/lane.ts';
import { RecordingSwitch } from '../../src/proxy/recording-switch.ts';
import { Tap } from '../../src/proxy/tap.ts';
import { frameBytes } from '../support/frame-bytes.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { type RawPeer, type RawServer, rawClient, rawServer } from '../support/raw-peer.ts';

const frame = frameBytes({ opcode: 2, payload: Buffer.alloc(60_000) });

let server: RawServer;
let recorder: MemoryRecorder;
let source: RawPeer;
let destination: RawPeer;
let reader: RawPeer;
let lane: Lane;

beforeEach(async () => {
  server = await rawServer();
  recorder = new MemoryRecorder();
  source = await rawClient(server.port);
  await server.accept();
  destination = await rawClient(server.port);
  reader = await server.accept();
  const recording = new RecordingSwitch(recorder, () => {});
  const context = { recorder, recording, stats: newStats(), fleet: new Fleet(), log: () => {} };
  const tap = new Tap(context, null, null);
  const ends = { source: source.socket, destination: destination.socket };
  lane = new Lane({ ...ends, sender: 'charger', tap, recorder, maxHoldMs: 250 });
});
afterEach(async () => {
  source.socket.destroy();
  destination.socket.destroy();
  await server.close();
});

/** Gives the lane frames, a turn each, until it pauses its source; gives their number (at most 2,000, 120 MB). */
async function fill(): Promise<number> {
  let frames = 0;
  while (!source.socket.isPaused() && frames < 2000) {
    lane.take(frame);
    frames++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return frames;
}

describe('a lane', () => {
  it('pauses its source while the destination does not read, and goes on when it does', async () => {
    reader.socket.pause();
    const frames = await fill();
    expect(frames).toBeLessThan(2000);
    reader.socket.resume();
    await once(source.socket, 'resume');
    await reader.receive(frames * frame.length);
    expect(lane.handedOn).toBe(frames * frame.length);
  });

  it('pauses its source when more than 1 MB waits for the recorder', async () => {
    recorder.hold();
    const frames = await fill();
    expect(frames * frame.length).toBeGreaterThan(1024 * 1024);
    expect(frames * frame.length).toBeLessThan(1024 * 1024 + 2 * frame.length);
    recorder.release();
    await once(source.socket, 'resume');
    await reader.receive(frames * frame.length);
  });

  it('hands on nothing to a destination that is gone, and lets its source run', async () => {
    reader.socket.pause();
    await fill();
    destination.socket.destroy();
    lane.flow();
    expect(source.socket.isPaused()).toBe(false);
    expect(await fill()).toBe(2000);
  });
});
