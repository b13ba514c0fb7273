import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/ocpp/json.ts';
import type { Probe } from '../../src/replay/probe-file.ts';
import { SessionProbing } from '../../src/replay/probing.ts';
import type { Frame } from '../../src/session/frame.ts';
import type { Observation } from '../../src/session/recording.ts';
import { MemoryRecorder } from '../support/memory-recorder.ts';
import { scripted } from '../support/session-script.ts';

const probe = (name: string, after: string | null): Probe => ({
  name,
  after,
  delayMs: 0,
  driver: { kind: 'run', argv: ['true'] },
});

/** Takes these frames, ends, and gives what was looked at with which values, and what went on record. */
async function probed(
  frames: readonly Frame[],
  probes: Probe[],
  see: Json = 1,
): Promise<{ looked: [string, JsonObject][]; observations: Observation[] }> {
  const recorder = new MemoryRecorder();
  const looked: [string, JsonObject][] = [];
  const look = async ({ name }: Probe, values: JsonObject) => {
    looked.push([name, values]);
    return { value: see };
  };
  const session = recorder.session('A', '/ocpp');
  const probing = new SessionProbing({ probes, look }, session, 'STAGE-A', recorder);
  for (const frame of frames) probing.take(frame);
  await probing.end();
  for (const frame of frames) probing.take(frame);
  const observations = recorder.entries.flatMap((one) =>
    one.kind === 'observation' ? [one.observation] : [],
  );
  return { looked, observations };
}

const framesOf = (script: string): Frame[] =>
  (scripted(`session A\nconnect\n${script}`).contents.events.get(1) ?? []).flatMap((event) =>
    event.kind === 'frame' ? [event.frame] : [],
  );

const stop = '> StopTransaction {"transactionId":7,"meterStop":9}';

it('looks after the answer to its call, with the fields of both and the identity that was dialled with', async () => {
  const frames = framesOf(`${stop}\n< {"idTagInfo":{"status":"Accepted"}}`);
  const { looked, observations } = await probed(frames, [probe('record', 'StopTransaction')], {
    status: 200,
  });
  const answer = { idTagInfo: { status: 'Accepted' } };
  const call = { transactionId: 7, meterStop: 9 };
  expect(looked).toEqual([
    [
      'record',
      { ...answer, ...call, call, answer, run: expect.any(String), endpoint: '/ocpp', identity: 'STAGE-A' },
    ],
  ]);
  expect(observations).toMatchObject([
    { session: 1, probe: 'record', frame: frames[0]!.id, value: '{"status":200}', failure: null },
  ]);
});

it('does not look after a call that was refused or not answered, nor after commands of that name', async () => {
  const frames = framesOf(
    `${stop}\n< !InternalError\n${stop}\n< DataTransfer {"vendorId":"x"}\n> {"status":"Accepted"}`,
  );
  const probes = [probe('record', 'StopTransaction'), probe('data', 'DataTransfer')];
  expect((await probed(frames, probes)).looked).toEqual([]);
});

it('looks once at the end of the session, after all others', async () => {
  const frames = framesOf(`${stop}\n< {}`);
  const { observations } = await probed(frames, [probe('end', null), probe('record', 'StopTransaction')]);
  expect(observations.map((one) => [one.probe, one.frame])).toEqual([
    ['record', frames[0]!.id],
    ['end', null],
  ]);
});
