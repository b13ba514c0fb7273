import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { answeringCsms, callingCharger } from '../support/answering-csms.ts';
import { startRecorder } from '../support/binary.ts';
import { recordedFrames, recordedValue } from '../support/recorded-frames.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each([
  ['all', 4, null],
  ['summary', 0, { charger: { pings: 2, pongs: 0 }, csms: { pings: 0, pongs: 2 } }],
  ['off', 0, null],
])('--control-frames %s', async (what, frames, counts) => {
  const csms = await answeringCsms();
  const args = ['--control-frames', what];
  const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args });
  const charger = await callingCharger(recorder.url);
  for (let n = 0; n < 2; n++) {
    const pong = once(charger.socket, 'pong');
    charger.socket.ping('hello');
    expect(String((await pong)[0])).toBe('hello');
  }
  await charger.call('after');
  await charger.close();
  await recorder.stop();
  const opcodes = recordedFrames(recorder.file).map(({ opcode }) => opcode ?? 0);
  expect(opcodes.filter((opcode) => opcode === 9 || opcode === 10)).toHaveLength(frames);
  expect(opcodes.filter((opcode) => opcode === 1 || opcode === 8)).toHaveLength(4);
  const kept = recordedValue(recorder.file, 'SELECT control_frames FROM connection');
  expect(kept === null ? null : JSON.parse(String(kept))).toEqual(counts);
});
