import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chargetape } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CAPTURES = ['microocpp-sim__open-ocpp-cs', 'sap-simulator__ocpp-rpc'].map((name) =>
  join(import.meta.dirname, `../../fixtures/captures/${name}.jsonl`),
);

let work = '';
let recording = '';
const cleanUps: (() => void)[] = [];

afterAll(() => {
  for (const cleanUp of cleanUps) cleanUp();
});

beforeAll(async () => {
  work = temporaryFolder((cleanUp) => cleanUps.push(cleanUp));
  recording = join(work, 'fleet.db');
  expect((await chargetape(['import', ...CAPTURES, '--out', recording])).code).toBe(0);
});

async function lines(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await chargetape(args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trimEnd().split('\n');
}

test('show, list and cut take one filter language', async () => {
  const sessions = (await lines('list', recording, '--json')).map((line) => JSON.parse(line));
  const { id } = sessions[0];
  const all = (await lines('show', recording, String(id), '--json')).map((line) => JSON.parse(line));
  const starts = all.filter(({ action }) => action === 'StartTransaction').map((event) => event.id);
  const shown = await lines('show', recording, String(id), '--filter', 'action:StartTransaction', '--json');
  expect(starts.length).toBeGreaterThan(0);
  expect(shown.map((line) => JSON.parse(line).id)).toEqual(starts);

  const filter = `charger:"${sessions[0].identity}" and action:StartTransaction`;
  const listed = await lines('list', recording, '--filter', filter, '--json');
  expect(listed.map((line) => JSON.parse(line).id)).toEqual([id]);

  const suite = join(work, 'suite.db');
  await lines('cut', recording, '--out', suite, '--filter', filter);
  const cut = (await lines('show', suite, String(id), '--json')).map((line) => JSON.parse(line));
  expect(cut.map((event) => event.id)).toEqual(all.map((event) => event.id));
});

test('a filter that matches nothing says so, and a mistake says where it is', async () => {
  const nothing = await chargetape(['list', recording, '--filter', 'action:Nonesuch']);
  expect(nothing).toMatchObject({ code: 0, stderr: 'the filter matches no message of this recording\n' });
  const mistake = await chargetape(['list', recording, '--filter', 'action:Boot* kind:cal']);
  expect(mistake.code).toBe(2);
  expect(mistake.stderr).toMatch(
    /^error BAD_FILTER: --filter, at character 19 \("cal"\): kind is one of call, /,
  );
});
