import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Side } from '../../src/ocpp/message.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';
import { Observer } from '../../src/session/observe.ts';
import { createRecording } from '../../src/store/recording-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { closedAt, connectionOf, frameOf, HEAD } from './samples.ts';

type Line = [sender: Side, text: string];

/** Records a session of these texts, ids from 2 on, and runs a query on it. */
async function query(lines: Line[], sql: string): Promise<unknown[]> {
  const path = join(temporaryFolder(), 'a.db');
  const recorder = await createRecording(path, HEAD);
  const session = recorder.session('CP1', '/ocpp');
  recorder.record({ kind: 'session', session: { ...session, vendor: 'V' } });
  recorder.record({ kind: 'connection', connection: connectionOf(closedAt(99)) });
  const observer = new Observer(protocolFor('ocpp1.6'));
  for (const [index, [sender, text]] of lines.entries()) {
    const { frame } = observer.message({ ...frameOf({ id: index + 2 }), sender, payload: Buffer.from(text) });
    recorder.record({ kind: 'frame', frame });
  }
  await recorder.close();
  const db = new Database(path, { readonly: true });
  onTestFinished(() => void db.close());
  return db.prepare(sql).raw().all();
}

describe('the views', () => {
  it('charger: one row a session', async () => {
    expect(
      await query(
        [],
        'SELECT identity, endpoint, vendor, connections, first_opened, last_closed FROM charger',
      ),
    ).toEqual([['CP1', '/ocpp', 'V', 1, '2026-11-22T07:27:51.001000Z', '2026-11-22T07:27:51.099000Z']]);
  });

  it('exchange: one row a call, with its answer if there is one', async () => {
    const lines: Line[] = [
      ['charger', '[2,"a","Heartbeat",{}]'],
      ['csms', '[2,"b","Reset",{"type":"Soft"}]'],
      ['csms', '[3,"a",{"currentTime":"x"}]'],
      ['csms', '[3,"a",{"currentTime":"again"}]'],
      ['csms', '[3,"orphan",{}]'],
    ];
    const sql =
      'SELECT id, session, identity, caller, action, message_id, answer_id, answer_type, latency_us, answer FROM exchange';
    expect(await query(lines, sql)).toEqual([
      [2, 1, 'CP1', 'charger', 'Heartbeat', 'a', 4, 'callResult', 2000, '[3,"a",{"currentTime":"x"}]'],
      [3, 1, 'CP1', 'csms', 'Reset', 'b', null, null, null, null],
    ]);
  });

  it('transaction_: one row a StartTransaction, with the stop of the same id that follows', async () => {
    const start = (id: string, meter: number): Line => [
      'charger',
      `[2,"${id}","StartTransaction",{"connectorId":1,"idTag":"T","meterStart":${meter},"timestamp":"x"}]`,
    ];
    const started = (id: string, transaction: string): Line => [
      'csms',
      `[3,"${id}",{"transactionId":${transaction},"idTagInfo":{"status":"Accepted"}}]`,
    ];
    const stop = (id: string, transaction: string): Line => [
      'charger',
      `[2,"${id}","StopTransaction",{"transactionId":${transaction},"meterStop":50,"reason":"Local","timestamp":"x"}]`,
    ];
    const lines = [
      ...[start('a', 1), started('a', '7'), stop('b', '7')],
      ...[start('c', 2), started('c', '7'), start('d', 3), started('d', '7'), stop('e', '7')],
      ...[start('f', 4)],
    ];
    const sql =
      'SELECT id, identity, transaction_id, connector, id_tag, status, meter_start, meter_stop, reason FROM transaction_ ORDER BY id';
    expect(await query(lines, sql)).toEqual([
      [2, 'CP1', 7, 1, 'T', 'Accepted', 1, 50, 'Local'],
      [5, 'CP1', 7, 1, 'T', 'Accepted', 2, null, null],
      [7, 'CP1', 7, 1, 'T', 'Accepted', 3, 50, 'Local'],
      [10, 'CP1', null, 1, 'T', null, 4, null, null],
    ]);
  });

  it('status_change: one row each time a connector tells something new', async () => {
    const status = (connector: number, is: string, error = 'NoError'): Line => [
      'charger',
      `[2,"x","StatusNotification",{"connectorId":${connector},"status":"${is}","errorCode":"${error}"}]`,
    ];
    const lines = [
      status(1, 'Available'),
      status(2, 'Available'),
      status(1, 'Available'),
      status(1, 'Faulted', 'GroundFailure'),
    ];
    const sql = 'SELECT connector, previous, status, error_code FROM status_change ORDER BY id';
    expect(await query(lines, sql)).toEqual([
      [1, null, 'Available', 'NoError'],
      [2, null, 'Available', 'NoError'],
      [1, 'Available', 'Faulted', 'GroundFailure'],
    ]);
  });

  it('survive texts that SQLite cannot read as JSON', async () => {
    const deep = `${'['.repeat(1500)}${']'.repeat(1500)}`;
    const lines: Line[] = [
      ['charger', `[2,"x","StatusNotification",${deep}]`],
      ['charger', '{no json'],
    ];
    expect(await query(lines, 'SELECT count(*) FROM status_change')).toEqual([[0]]);
    expect(await query(lines, 'SELECT count(*) FROM transaction_')).toEqual([[0]]);
  });
});
