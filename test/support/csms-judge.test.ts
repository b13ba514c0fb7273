import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { judgedCapture } from './judged-capture.ts';
import { startTestCsms, type TestCsms, type TestCsmsOptions } from './test-csms.ts';

const START = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: '2026-11-22T07:00:00Z' };

/** A charger that says exactly what it is told to, and hands out what it hears one by one. */
class Charger {
  readonly #socket: WebSocket;
  readonly #heard: unknown[][] = [];

  constructor(url: string) {
    this.#socket = new WebSocket(`${url}/CP`, 'ocpp1.6');
    this.#socket.on('message', (data) => this.#heard.push(JSON.parse(String(data))));
  }

  async open(): Promise<this> {
    await once(this.#socket, 'open');
    return this;
  }

  say(...message: unknown[]): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The next message that meets the condition; earlier ones stay. */
  async hear(met: (message: unknown[]) => boolean): Promise<unknown[]> {
    for (;;) {
      const index = this.#heard.findIndex(met);
      if (index >= 0) return this.#heard.splice(index, 1)[0] ?? [];
      await once(this.#socket, 'message');
    }
  }

  /** Calls, and waits for the answer; everything sent before has been judged then. */
  async call(id: string, action: string, payload: object): Promise<unknown[]> {
    this.say(2, id, action, payload);
    return this.hear(([type, answered]) => type !== 2 && answered === id);
  }
}

describe("the test CSMS's judge", () => {
  let csms: TestCsms;
  afterEach(() => csms.close());

  async function start(options: TestCsmsOptions = {}): Promise<Charger> {
    csms = await startTestCsms(options);
    return new Charger(csms.url).open();
  }

  const violations = () => csms.judgement().flatMap((log) => log.violations.map(({ kind }) => kind));

  it('finds nothing wrong with a good charger', async () => {
    const charger = await start();
    const [, , { transactionId }] = (await charger.call('1', 'StartTransaction', START)) as [
      3,
      string,
      typeof START & { transactionId: number },
    ];
    const [, command] = await charger.hear(([type]) => type === 2);
    charger.say(3, command, { status: 'Accepted' });
    await charger.call('2', 'MeterValues', { connectorId: 1, transactionId, meterValue: [] });
    await charger.call('3', 'StopTransaction', { transactionId, meterStop: 1, timestamp: START.timestamp });
    expect(violations()).toEqual([]);
    expect(csms.judgement()[0]).toMatchObject({
      session: '/CP',
      identity: 'CP',
      calls: [{ action: 'StartTransaction' }, { action: 'MeterValues' }, { action: 'StopTransaction' }],
      commands: [{ action: 'SetChargingProfile', answers: 1 }],
      transactions: [{ id: transactionId, connectorId: 1 }],
      maxOutstanding: 1,
    });
  });

  it('finds a transaction id that it never issued', async () => {
    const charger = await start();
    await charger.call('1', 'MeterValues', { connectorId: 1, transactionId: 5, meterValue: [] });
    await charger.call('2', 'StopTransaction', {
      transactionId: -1,
      meterStop: 1,
      timestamp: START.timestamp,
    });
    expect(violations()).toEqual(['unknown-transaction', 'unknown-transaction']);
  });

  it('finds an id that came back as another type', async () => {
    const charger = await start({ switches: ['transaction-id-string'] });
    const [, , { transactionId }] = (await charger.call('1', 'StartTransaction', START)) as [
      3,
      string,
      { transactionId: string },
    ];
    await charger.call('2', 'MeterValues', {
      connectorId: 1,
      transactionId: Number(transactionId),
      meterValue: [],
    });
    expect(violations()).toEqual(['unknown-transaction']);
  });

  it("finds another connector's transaction", async () => {
    const charger = await start();
    const [, , { transactionId }] = (await charger.call('1', 'StartTransaction', START)) as [
      3,
      string,
      { transactionId: number },
    ];
    await charger.call('2', 'MeterValues', { connectorId: 2, transactionId, meterValue: [] });
    expect(violations()).toEqual(['transaction-of-another-connector']);
  });

  it('finds too many calls outstanding', async () => {
    const charger = await start({ switches: ['authorize-unanswered'], maxOutstanding: 1 });
    charger.say(2, '1', 'Authorize', { idTag: 'TAG' });
    await charger.call('2', 'Heartbeat', {});
    expect(violations()).toEqual(['too-many-outstanding']);
    expect(csms.judgement()[0]?.maxOutstanding).toBe(2);
  });

  it('finds a message id that is used twice', async () => {
    const charger = await start();
    await charger.call('1', 'Heartbeat', {});
    await charger.call('1', 'Heartbeat', {});
    expect(violations()).toEqual(['message-id-reused']);
  });

  it('finds an answer that nobody asked for', async () => {
    const charger = await start();
    charger.say(3, 'nothing', {});
    await charger.call('1', 'Heartbeat', {});
    expect(violations()).toEqual(['answer-not-asked']);
  });

  it('finds a second and an invalid answer to a command', async () => {
    const charger = await start();
    await charger.call('1', 'StartTransaction', START);
    const [, command] = await charger.hear(([type]) => type === 2);
    charger.say(3, command, { status: 'Perhaps' });
    charger.say(3, command, { status: 'Accepted' });
    await charger.call('2', 'Heartbeat', {});
    expect(violations()).toEqual(['invalid-answer', 'answered-twice']);
  });

  it('counts texts that are no message', async () => {
    const charger = await start();
    charger.say('hello');
    await charger.call('1', 'Heartbeat', {});
    expect(csms.judgement()[0]?.malformed).toBe(1);
  });

  it("sends an operator's command", async () => {
    const charger = await start();
    const result = csms.command('CP', 'Reset', { type: 'Soft' });
    const [, command, action] = await charger.hear(([type]) => type === 2);
    charger.say(3, command, { status: 'Rejected' });
    expect(action).toBe('Reset');
    expect(await result).toEqual({ status: 'Rejected' });
  });

  it('tells its judgement over HTTP', async () => {
    const charger = await start();
    await charger.call('1', 'Heartbeat', {});
    const response = await fetch(`http://127.0.0.1:${csms.port}/judgement`);
    expect(await response.json()).toEqual(csms.judgement());
  });
});

describe('the judge over the captures', () => {
  const folder = new URL('../../fixtures/captures', import.meta.url).pathname;
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

  it('finds fault with the fuzzer and with no other charger', () => {
    const judged = names.map((name) => judgedCapture(name.replace('.jsonl', '')));
    const faulty = judged.flat().filter(({ violations, malformed }) => violations.length + malformed > 0);
    expect(faulty.map(({ identity }) => identity)).toEqual(['Fuzzer-1']);
    expect(judged.flat().reduce((sum, log) => sum + log.transactions.length, 0)).toBeGreaterThan(40);
  });
});
