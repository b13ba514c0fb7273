import { join } from 'node:path';
import parsePrometheus from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import type { StateAnswer } from '../../src/proxy/state.ts';
import { answeringCsms, callingCharger } from '../support/answering-csms.ts';
import { chargetape, type RunningRecorder, startRecorder } from '../support/binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ADMIN = ['--admin', '127.0.0.1:0'];

async function stateOf({ admin }: RunningRecorder, query = ''): Promise<StateAnswer> {
  const response = await fetch(`${admin}/state${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return (await response.json()) as StateAnswer;
}

/** Values of the exposition by name and labels, such as `chargetape_frames_total{sender="csms"}`, read by an independent parser. */
async function metricsOf({ admin }: RunningRecorder): Promise<Map<string, number>> {
  const response = await fetch(`${admin}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const values = new Map<string, number>();
  for (const { name, metrics } of parsePrometheus(await response.text())) {
    for (const { value, count, labels = {} } of metrics) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      values.set(pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name, Number(value ?? count));
    }
  }
  return values;
}

describe('the admin port', () => {
  it('tells of traffic and recording as state and as metrics that an independent parser reads', async () => {
    const csms = await answeringCsms({ refuses: (path) => (path.endsWith('STRANGER') ? 403 : null) });
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: ADMIN });
    const chargers = await Promise.all(['CP1', 'CP2', 'CP3'].map((id) => callingCharger(recorder.url, id)));
    await chargers[0]!.call(
      'b',
      'BootNotification',
      '{"chargePointVendor":"Vendor","chargePointModel":"Model","firmwareVersion":"1.2"}',
    );
    for (const charger of chargers) for (let n = 0; n < 10; n++) await charger.call(`h${n}`);
    await expect(callingCharger(recorder.url, 'STRANGER')).rejects.toThrow('403');
    await chargers[2]!.close();

    const state = await stateOf(recorder);
    expect(state).toMatchObject({
      pid: recorder.pid,
      url: recorder.url,
      upstream: csms.url,
      recording: { file: recorder.file, part: 1, isOn: true, fault: null, gaps: 0, missingFrames: 0 },
      traffic: {
        isAccepting: true,
        isDraining: false,
        frames: { charger: 32, csms: 32 },
        refusals: { 403: 1 },
      },
      chargers: { known: 4, connected: 2 },
    });
    expect(state.page.chargers.map(({ identity, open, frames }) => [identity, open, frames])).toEqual([
      ['CP1', 1, 22],
      ['CP2', 1, 20],
      ['CP3', 0, 22],
      ['STRANGER', 0, 0],
    ]);
    expect(state.page.chargers[0]).toMatchObject({
      ...{ session: 1, endpoint: '/ocpp', vendor: 'Vendor', model: 'Model', firmware: '1.2' },
      ...{ connections: 1, lastAction: 'Heartbeat' },
    });

    const metrics = await metricsOf(recorder);
    expect(Object.fromEntries(metrics)).toMatchObject({
      chargetape_chargers: 2,
      chargetape_connections: 2,
      chargetape_connections_total: 4,
      'chargetape_frames_total{sender="charger"}': 32,
      'chargetape_frames_total{sender="csms"}': 32,
      'chargetape_upstream_failures_total{status="403"}': 1,
      chargetape_gaps_total: 0,
      chargetape_missing_frames_total: 0,
      chargetape_late_rows_total: 0,
      chargetape_recording: 1,
    });
    expect(metrics.get('chargetape_bytes_total{sender="charger"}')).toBeGreaterThan(32 * 20);
    expect(metrics.get('chargetape_commit_seconds')).toBeGreaterThan(0);
    expect(metrics.get('chargetape_added_latency_seconds')).toBeGreaterThan(0);
    for (const name of ['chargetape_wal_bytes', 'chargetape_event_loop_delay_seconds{quantile="0.99"}']) {
      expect(metrics.has(name), name).toBe(true);
    }
    await recorder.stop();
  });

  it('pages through the chargers, and lists those of which something new is known', async () => {
    const csms = await answeringCsms();
    const recorder = await startRecorder(csms.url, join(temporaryFolder(), 'a.db'), { args: ADMIN });
    const chargers = [];
    for (let n = 0; n < 5; n++) chargers.push(await callingCharger(recorder.url, `CP${n}`));
    const ids = async (query: string) => {
      const { page } = await stateOf(recorder, query);
      return [page.chargers.map(({ session }) => session), page.next];
    };
    expect(await ids('?limit=2')).toEqual([[1, 2], 2]);
    expect(await ids('?limit=2&after=2')).toEqual([[3, 4], 4]);
    expect(await ids('?limit=2&after=4')).toEqual([[5], null]);
    const { atUs } = await stateOf(recorder);
    await chargers[3]!.call('new');
    expect(await ids(`?since=${atUs + 1}`)).toEqual([expect.arrayContaining([4]), null]);
    expect((await fetch(`${recorder.admin}/state?limit=x`)).status).toBe(400);
    await recorder.stop();
  });

  it('says whether it lives, accepts and records, and answers nothing else', async () => {
    const recorder = await startRecorder('ws://127.0.0.1:9', join(temporaryFolder(), 'a.db'), {
      args: ADMIN,
    });
    const status = async (path: string) => (await fetch(recorder.admin + path)).status;
    expect(await Promise.all(['/livez', '/readyz', '/recordz', '/'].map(status))).toEqual([
      200, 200, 200, 404,
    ]);
    expect((await fetch(`${recorder.admin}/state`, { method: 'DELETE' })).status).toBe(405);
    await recorder.stop();
  });

  it('ends a recorder that cannot open it, and leaves no file', async () => {
    const folder = temporaryFolder();
    const first = await startRecorder('ws://127.0.0.1:9', join(folder, 'a.db'), { args: ADMIN });
    const listen = ['--listen', '127.0.0.1:0', '--admin', new URL(first.admin).host];
    const out = join(folder, 'b.db');
    const { code, stderr } = await chargetape([
      'record',
      '--upstream',
      'ws://127.0.0.1:9',
      '--out',
      out,
      ...listen,
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error PORT_IN_USE: 127.0.0.1:')]);
    expect((await chargetape(['list', out])).stderr).toContain('NO_SUCH_FILE');
    await first.stop();
  });
});
