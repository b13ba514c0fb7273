import { afterEach, describe, expect, it } from 'vitest';
import { driveCapturedChargers } from '../../../src/cli/demo/captured-chargers.ts';
import { startTestCsms, type TestCsms } from '../../support/test-csms.ts';

const FAST = 1000;

describe('the captured chargers', () => {
  let csms: TestCsms;
  afterEach(() => csms.close());

  it('behave like chargers towards a CSMS that hands out other ids', async () => {
    csms = await startTestCsms({ maxOutstanding: 1 });
    await driveCapturedChargers(csms.url, FAST);
    const logs = csms.judgement();
    expect(logs.map(({ identity }) => identity).sort()).toEqual(['GO-CP-1', 'MO-0002', 'OO-CP-1', 'SAP-MH']);
    expect(logs.flatMap(({ violations }) => violations)).toEqual([]);
    for (const { transactions, calls, commands, connections } of logs) {
      expect(transactions).toHaveLength(1);
      expect(calls.find(({ action }) => action === 'StopTransaction')?.payload.transactionId).toBe(
        transactions[0]?.id,
      );
      expect(calls.every(({ answer }) => answer !== null)).toBe(true);
      expect(commands.every(({ answers }) => answers === 1)).toBe(true);
      expect(calls.at(-1)?.connection).toBe(connections.length);
    }
  });

  it('send times of today', async () => {
    csms = await startTestCsms();
    const from = Date.now() - 60_000;
    await driveCapturedChargers(csms.url, FAST);
    const starts = csms
      .judgement()
      .flatMap((log) => log.calls.filter(({ action }) => action === 'StartTransaction'));
    expect(starts).toHaveLength(4);
    for (const { payload } of starts) expect(Date.parse(String(payload.timestamp))).toBeGreaterThan(from);
  });

  it('end when the CSMS hangs up on them', async () => {
    csms = await startTestCsms({ switches: ['close-after-stop'] });
    await driveCapturedChargers(csms.url, FAST);
    expect(csms.judgement()).toHaveLength(4);
  });

  it('say so when nobody listens', async () => {
    csms = await startTestCsms();
    const { url } = csms;
    await csms.close();
    await expect(driveCapturedChargers(url, FAST)).rejects.toThrow('ECONNREFUSED');
    csms = await startTestCsms();
  });
});
