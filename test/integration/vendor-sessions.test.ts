import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chargetape, start } from '../support/binary.ts';
import { startPlaybackCsms } from '../support/playback-csms.ts';
import { recordedTexts } from '../support/recorded-texts.ts';
import type { Line } from '../support/rehearsal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';

it('every vendor session is recorded, replayed and compared through the real binary: 0 findings', async () => {
  const folder = temporaryFolder();
  const fixtures = join(import.meta.dirname, '../../fixtures/sessions');
  const sessions = vendorSessions();
  const scripts = new Map(
    sessions.map(({ text }): [string, Line[]] => {
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      const [request] = lines.flatMap(({ handshake }) =>
        Array.isArray(handshake) ? [String(handshake[0])] : [],
      );
      return [request!.split(' ')[1]!.split('/').at(-1)!, lines];
    }),
  );
  const [original, capture, run] = ['original.db', 'capture.db', 'run.db'].map((name) => join(folder, name));
  await chargetape(['import', ...sessions.map(({ file }) => join(fixtures, file)), '--out', original!]);
  const csms = await startPlaybackCsms(scripts);
  const recorder = start([
    'record',
    '--upstream',
    csms.url,
    '--listen',
    '127.0.0.1:0',
    '--out',
    capture!,
    '--json',
  ]);
  const { url } = JSON.parse(await recorder.line((line) => line.includes('listening')));
  const options = ['--speed', 'max', '--wait', '5', '--no-cleanup', '--json'];
  const replayed = await chargetape(['replay', original!, '--target', url, '--out', run!, ...options]);
  recorder.child.kill('SIGINT');
  await recorder.finished;
  await csms.close();

  expect(sessions.length).toBeGreaterThan(300);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ verdict: 'same', findings: [] });
  expect(replayed.code).toBe(0);
  expect(recordedTexts(capture!)).toEqual(recordedTexts(run!));
});
