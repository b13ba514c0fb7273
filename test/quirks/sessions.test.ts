import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargetape, type Finished, type Running, start } from '../support/binary.ts';
import { startPlaybackCsms } from '../support/playback-csms.ts';
import { QUIRK_SESSIONS } from '../support/quirk-sessions.ts';
import { recordedTexts } from '../support/recorded-texts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TIME = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?/g;
/** Texts without their times, which a replay tells again. */
const timeless = (texts: readonly string[] = []) => texts.map((text) => text.replace(TIME, 'TIME'));

/** Calls in their order; when a command comes, and so its answer, is up to the CSMS. */
const calls = (texts: readonly string[] = []) => texts.filter((text) => /^\[\s*2/.test(text));

describe('each quirk of framing and of meaning', () => {
  let clean = () => {};
  let replayed: Finished;
  let heard: Map<string, string[]>;
  let recorded: Map<string, string[]>;

  beforeAll(async () => {
    const folder = temporaryFolder((whenFinished) => {
      clean = whenFinished;
    });
    const files = QUIRK_SESSIONS.map(({ id, lines }) => {
      const file = join(folder, `${id}.jsonl`);
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return file;
    });
    const [original, capture, run] = ['original.db', 'capture.db', 'run.db'].map((name) =>
      join(folder, name),
    );
    await chargetape(['import', ...files, '--out', original!]);
    const csms = await startPlaybackCsms(
      new Map(QUIRK_SESSIONS.map(({ id, lines }) => [`QUIRK-${id}`, lines])),
    );
    const recorder: Running = start([
      'record',
      ...['--upstream', csms.url, '--listen', '127.0.0.1:0', '--out', capture!, '--json'],
    ]);
    const { url } = JSON.parse(await recorder.line((line) => line.includes('listening')));
    const options = [
      '--target',
      url,
      '--speed',
      'max',
      '--wait',
      '5',
      '--out',
      run!,
      '--no-cleanup',
      '--json',
    ];
    replayed = await chargetape(['replay', original!, ...options]);
    recorder.child.kill('SIGINT');
    await recorder.finished;
    await csms.close();
    heard = csms.heard;
    recorded = recordedTexts(capture!);
  });
  afterAll(() => clean());

  it('is replayed to its end, with no difference', () => {
    expect([replayed.code, replayed.stderr.match(/incomplete/g)]).toEqual([0, null]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ verdict: 'same', findings: [] });
  });

  it.each(QUIRK_SESSIONS.map(({ id, what, lines }) => ({ id, what, lines })))(
    '$id reaches the CSMS and the recording as the charger wrote it: $what',
    ({ id, lines }) => {
      const texts = lines.flatMap(({ dir, raw }) =>
        dir === 'cp->csms' && typeof raw === 'string' ? [raw] : [],
      );
      const stored = texts.map((text) => text.replace('"value":"12345678"', '"value":"[redacted]"'));
      for (const got of [heard.get(`QUIRK-${id}`), recorded.get(`QUIRK-${id}`)]) {
        expect(timeless(calls(got))).toEqual(timeless(calls(stored)));
        expect(timeless(got).sort()).toEqual(timeless(stored).sort());
      }
    },
  );
});
