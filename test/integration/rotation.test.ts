import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/store/reader.ts';
import { all } from '../store/samples.ts';
import { answeringCsms, type CallingCharger, callingCharger } from '../support/answering-csms.ts';
import { chargetape, type RunningRecorder, startRecorder } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FILLING = JSON.stringify({ filling: 'x'.repeat(2000) });

/** Goes on with calls until the recorder has said something. */
async function callUntil(charger: CallingCharger, prefix: string, said: Promise<unknown>): Promise<void> {
  let isOver = false;
  void said.then(() => {
    isOver = true;
  });
  for (let n = 0; !isOver; n++) {
    await charger.call(`${prefix}${n}`, 'DataTransfer', FILLING);
    if (n % 50 === 49) await setTimeout(1);
  }
}

function partsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.db'))
    .sort();
}

/** Frames on record and frames in gaps, over all parts that a reader finds. */
async function accounted(file: string): Promise<{ texts: number; missing: number }> {
  const reader = await openRecording(file);
  let texts = 0;
  for await (const { id } of reader.sessions()) {
    for await (const event of reader.events(id))
      if (event.kind === 'frame' && event.frame.opcode === 1) texts++;
  }
  const missing = (await reader.gaps()).reduce((sum, gap) => sum + gap.frames, 0);
  reader.close();
  return { texts, missing };
}

function next(recorder: RunningRecorder, part: number): Promise<string> {
  return recorder.line((line) => line.includes('"NEXT_PART"') && line.includes(`Part ${part} `));
}

describe('rotation', () => {
  it('by size loses no frame and cuts no connection; parts are read as one recording, a missing one is a gap', async () => {
    const folder = temporaryFolder();
    const csms = await answeringCsms();
    const log = join(folder, 'rotated');
    const args = ['--rotate-size', '1MB', '--on-rotate', `echo >> ${log}`];
    const recorder = await startRecorder(csms.url, join(folder, 'fleet.db'), { args });
    const chargers = await Promise.all(['CP1', 'CP2', 'CP3'].map((id) => callingCharger(recorder.url, id)));
    await Promise.all(chargers.map((charger) => callUntil(charger, 'a', next(recorder, 4))));
    const late = await callingCharger(recorder.url, 'LATE');
    await late.call('x');
    await Promise.all([...chargers, late].map((charger) => charger.close()));
    expect((await recorder.stop()).code).toBe(0);

    const parts = partsIn(folder);
    expect(parts.slice(0, 4)).toEqual(['fleet.2.db', 'fleet.3.db', 'fleet.4.db', 'fleet.db']);
    const sent = csms.counts.received + csms.counts.sent;
    for (const part of parts) {
      expect(await accounted(join(folder, part)), part).toEqual({ texts: sent, missing: 0 });
      expect(existsSync(join(folder, `${part}-wal`))).toBe(false);
    }

    const reader = await openRecording(join(folder, 'fleet.3.db'));
    const summaries = await all(reader.summaries());
    expect(summaries.map(({ identity, connections, calls }) => [identity, connections, calls])).toEqual(
      [...chargers, late].map(({ counts }, at) => [['CP1', 'CP2', 'CP3', 'LATE'][at], 1, counts.sent]),
    );
    const events = await all(reader.events(1));
    expect([events[0]?.kind, events.at(-1)?.kind]).toEqual(['opened', 'closed']);
    expect(events.filter(({ kind }) => kind !== 'frame')).toHaveLength(2);
    const ids = events.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const calls = new Set(events.flatMap((event) => (event.kind === 'frame' ? [event.id] : [])));
    const answers = events.flatMap((event) => (event.kind === 'frame' && event.frame.answers) || []);
    expect(answers).toHaveLength(chargers[0]!.counts.sent);
    expect(answers.every((call) => calls.has(call))).toBe(true);
    reader.close();
    expect(readFileSync(log, 'utf8').split('\n').slice(0, 3)).toEqual(
      ['fleet.db', 'fleet.2.db', 'fleet.3.db'].map((part) => join(folder, part)),
    );

    const count = (file: string) => {
      const db = new Database(join(folder, file), { readonly: true });
      const frames = Number(db.prepare('SELECT count(*) FROM frame WHERE opcode = 1').pluck().get());
      db.close();
      return frames;
    };
    const missing = count('fleet.2.db');
    renameSync(join(folder, 'fleet.2.db'), join(folder, 'elsewhere'));
    expect(await accounted(join(folder, 'fleet.3.db'))).toEqual({ texts: sent - missing, missing });
    const { stdout } = await chargetape(['list', join(folder, 'fleet.db')]);
    expect(stdout).toContain('Part 2 is missing.');
    expect(stdout).toContain(`${missing.toLocaleString('en')} frames`);
    rmSync(join(folder, 'fleet.db'));
    const both = missing + sent - missing - (await accounted(join(folder, 'fleet.3.db'))).texts;
    expect((await accounted(join(folder, 'fleet.3.db'))).missing).toBe(both);
  });

  it('leaves whole parts and nothing that looks like one when it is killed while it makes another', async () => {
    const folder = temporaryFolder();
    const killer = join(folder, 'killer.mjs');
    writeFileSync(
      killer,
      `import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
      const { prepare } = Database.prototype;
      Database.prototype.prepare = function (sql) {
        if (this.name.includes('fleet.2.db') && sql.startsWith('INSERT')) process.kill(process.pid, 'SIGKILL');
        return prepare.call(this, sql);
      };`,
    );
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(folder, 'fleet.db'), {
      args: ['--rotate-size', '300kB'],
      env: { NODE_OPTIONS: `--import ${killer}` },
    });
    const charger = await callingCharger(recorder.url);
    charger.socket.on('error', () => {});
    const closed = once(charger.socket, 'close');
    void callUntil(charger, 'a', recorder.finished);
    expect((await recorder.finished).signal).toBe('SIGKILL');
    await closed;
    expect(partsIn(folder)).toEqual(['fleet.db']);
    const { texts, missing } = await accounted(join(folder, 'fleet.db'));
    expect(missing).toBe(0);
    expect(texts).toBeGreaterThanOrEqual(charger.counts.received + csms.counts.received);
  });

  it.each<[string, (file: string) => void]>([
    ['deleted', (file) => rmSync(file)],
    [
      'replaced',
      (file) => {
        const other = new Database(`${file}.other`);
        other.exec('CREATE TABLE other (x)');
        other.close();
        renameSync(`${file}.other`, file);
      },
    ],
  ])(
    'begins another part within a second when the file is %s, and a gap says what was in it',
    async (_, lose) => {
      const folder = temporaryFolder();
      const csms = await answeringCsms();
      const file = join(folder, 'fleet.db');
      const recorder = await startRecorder(csms.url, file);
      const charger = await callingCharger(recorder.url);
      for (let n = 0; n < 20; n++) await charger.call(`before${n}`);
      const lostMs = performance.now();
      lose(file);
      await callUntil(charger, 'during', next(recorder, 2));
      expect(performance.now() - lostMs).toBeLessThan(2000);
      for (let n = 0; n < 20; n++) await charger.call(`after${n}`);
      await charger.close();
      const { code, stdout } = await recorder.stop();
      expect(code).toBe(0);
      for (const trouble of ['FILE_GONE', 'NOT_RECORDED', 'RECOVERED'])
        expect(stdout).toContain(`"${trouble}"`);

      const { texts, missing } = await accounted(join(folder, 'fleet.2.db'));
      expect(texts).toBeGreaterThanOrEqual(40);
      expect(missing).toBeGreaterThanOrEqual(40);
      expect(texts + missing).toBe(csms.counts.received + csms.counts.sent);
      if (existsSync(file)) {
        const other = new Database(file, { readonly: true });
        expect(other.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['other']);
        other.close();
      }
    },
  );

  it('begins another part with the day, also when nothing passes', async () => {
    const folder = temporaryFolder();
    const clock = join(folder, 'clock.mjs');
    writeFileSync(
      clock,
      `const now = Date.now; const start = now(); const near = Math.ceil(start / 864e5) * 864e5 - 1500; Date.now = () => near + now() - start;`,
    );
    const csms = await answeringCsms();
    const env = { NODE_OPTIONS: `--import ${clock}` };
    const recorder = await startRecorder(csms.url, join(folder, 'fleet.db'), {
      args: ['--rotate', 'daily'],
      env,
    });
    const charger = await callingCharger(recorder.url);
    await charger.call('before');
    await next(recorder, 2);
    await charger.call('after');
    await charger.close();
    await recorder.stop();
    expect(await accounted(join(folder, 'fleet.db'))).toEqual({ texts: 4, missing: 0 });
    expect(partsIn(folder)).toEqual(['fleet.2.db', 'fleet.db']);
  });

  it('runs a command with each part, and removes what is too old or too much', async () => {
    const folder = temporaryFolder();
    const csms = await answeringCsms();
    const old = await startRecorder(csms.url, join(folder, 'old.db'));
    await old.stop();
    const db = new Database(join(folder, 'old.db'));
    db.prepare('UPDATE recording SET ended_at_us = 1').run();
    db.close();
    const run = await startRecorder(csms.url, join(folder, 'cut.db'));
    await run.stop();
    const kept = new Database(join(folder, 'cut.db'));
    kept.prepare("UPDATE recording SET ended_at_us = 1, kind = 'cut'").run();
    kept.close();

    const handed = join(folder, 'handed');
    const args = [
      '--rotate-size',
      '300kB',
      '--max-disk',
      '900kB',
      '--retain',
      '1d',
      '--on-rotate',
      `echo >> ${handed}`,
    ];
    const recorder = await startRecorder(csms.url, join(folder, 'fleet.db'), { args });
    await recorder.line((line) => line.includes('REMOVED') && line.includes('old.db'));
    const charger = await callingCharger(recorder.url);
    await callUntil(
      charger,
      'a',
      recorder.line((line) => line.includes('REMOVED') && line.includes('fleet.2.db')),
    );
    await charger.close();
    await recorder.stop();
    const left = partsIn(folder);
    expect(left).toContain('cut.db');
    for (const gone of ['old.db', 'fleet.db', 'fleet.2.db']) expect(left).not.toContain(gone);
    expect(readFileSync(handed, 'utf8').split('\n')[0]).toBe(join(folder, 'fleet.db'));
    const { stdout } = await chargetape(['list', join(folder, left.at(-1)!)]);
    expect(stdout).toContain('Parts 1 to');
  });

  it('does not begin where the parts of another recording stand', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.2.db'), '');
    const { code, stderr } = await chargetape([
      ...[
        'record',
        '--upstream',
        'ws://127.0.0.1:9',
        '--listen',
        '127.0.0.1:0',
        '--out',
        join(folder, 'a.db'),
      ],
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error OUT_EXISTS')]);
  });
});
