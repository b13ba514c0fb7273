import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BINARY, type Running, shellEnvironment, start } from '../support/binary.ts';
import { certificateAuthority } from '../support/certificate-authority.ts';
import { type StrictCsms, startStrictCsms } from '../support/strict-csms.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';

const PROFILE = ['--profile', 'keba-m20', '--no-people'];

async function newCsms(): Promise<StrictCsms> {
  return startStrictCsms(await certificateAuthority('Operator'));
}

describe('a charger that somebody plays by hand', () => {
  it('does what keys say: plug, authorise, pause, fault, unplug, drop, another charger, quit', async () => {
    const csms = await newCsms();
    onTestFinished(() => csms.close());
    const out = join(temporaryFolder(), 'keys.db');
    const args = ['charge', '--target', csms.url, '--out', out, ...PROFILE, '--count', '2'];
    const terminal = new Terminal(BINARY, args, { columns: 120, rows: 30 }, shellEnvironment());
    onTestFinished(() => terminal.close());
    await terminal.shows(/keys: p plug.*q quit/s);
    await terminal.shows(/2 of 2 chargers online/);
    const press = async (key: string, what: RegExp) => {
      terminal.press(key);
      await terminal.shows(what);
    };
    await press('p', /plug a cable in: Preparing/);
    const [, identity] = /(\S+): plug a cable in/.exec(terminal.rows().join('\n'))!;
    const charger = csms.charger(identity!);
    terminal.press('a');
    await charger.heard('StartTransaction');
    await press('s', /the vehicle pauses: SuspendedEV/);
    await press('r', /charging goes on: Charging/);
    await press('f', /a fault: Faulted/);
    await press('c', /the fault is cleared: Charging/);
    await press('u', /unplug it: Available/);
    await charger.heard('StopTransaction');
    await charger.settled();
    const told = charger.connections
      .flat()
      .filter(({ action, payload }) => action === 'StatusNotification' && payload.connectorId === 1);
    expect(told.map(({ payload }) => payload.status)).toEqual([
      ...['Available', 'Preparing', 'Charging', 'SuspendedEV', 'Charging', 'Faulted', 'Charging'],
      'Available',
    ]);
    terminal.press('d');
    await charger.gone();
    await press('\u001b[C', new RegExp(`^(?!${identity})\\S+: Available`, 'm'));
    await press('p', new RegExp(`^(?!${identity})\\S+: plug a cable in: Preparing`, 'm'));
    terminal.press('q');
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
    expect(terminal.rows().join('\n')).toContain('2 chargers');
  });

  describe('through the HTTP API', () => {
    let csms: StrictCsms;
    let charge: Running;
    let api = '';
    let clean = () => {};
    beforeAll(async () => {
      const folder = temporaryFolder((whenFinished) => {
        clean = whenFinished;
      });
      csms = await newCsms();
      const args = ['--target', csms.url, '--out', join(folder, 'api.db'), ...PROFILE];
      charge = start(['charge', ...args, '--api', '127.0.0.1:0', '--plain']);
      api = await new Promise((found) => {
        let text = '';
        charge.child.stderr!.on('data', (chunk) => {
          text += String(chunk);
          const [url] = /http:\S+/.exec(text) ?? [];
          if (url) found(url);
        });
      });
    });
    afterAll(async () => {
      charge.child.kill('SIGINT');
      await charge.finished;
      await csms.close();
      clean();
    });

    const get = async (path = '') => (await fetch(api + path)).json();
    const post = async (path: string, body?: unknown) => {
      const response = await fetch(api + path, {
        method: 'POST',
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };

    it('charges, and tells how each connector stands', async () => {
      const [{ identity }] = (await get()) as [{ identity: string }];
      const charger = csms.charger(identity);
      await charger.heard('StatusNotification', 2);
      await charger.settled();
      expect(await get(`/${identity}`)).toEqual({
        identity,
        online: true,
        connectors: [
          { id: 1, status: 'Available', plugged: false, charging: false, tag: null, transactionId: null },
        ],
      });
      expect(await post(`/${identity}/plug`)).toMatchObject({ status: 200 });
      await post(`/${identity}/tap`, { connector: 1, tag: '04AB' });
      await charger.heard('StartTransaction');
      await charger.settled();
      expect(await get(`/${identity}`)).toMatchObject({
        connectors: [{ status: 'Charging', plugged: true, charging: true, tag: '04AB', transactionId: 1 }],
      });
      const statusAfter = async (act: string, body?: object) => {
        const { connectors } = (await post(`/${identity}/${act}`, body)).body;
        return (connectors as { status: string }[])[0]!.status;
      };
      expect(await statusAfter('suspend', { by: 'SuspendedEVSE' })).toBe('SuspendedEVSE');
      expect(await statusAfter('resume')).toBe('Charging');
      expect(await statusAfter('fault', { errorCode: 'GroundFailure' })).toBe('Faulted');
      expect(await statusAfter('clear')).toBe('Charging');
      expect(await statusAfter('tap', { tag: '04AB' })).toBe('Finishing');
      expect(await statusAfter('unplug')).toBe('Available');
      await charger.heard('StopTransaction');
      expect((await post(`/${identity}/drop`, { forMs: 50 })).body).toMatchObject({ online: false });
      await charger.gone();
      await charger.connected();
      expect((await post(`/${identity}/power`, { forMs: 50 })).body).toMatchObject({ online: false });
      await charger.gone(2);
      await charger.connected();
      await charger.heard('BootNotification');
    });

    it('says what it cannot do', async () => {
      const [{ identity }] = (await get()) as [{ identity: string }];
      expect(await post(`/${identity}/tap`, {})).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('tag') },
      });
      expect(await post(`/${identity}/plug`, '{')).toMatchObject({ status: 400 });
      expect(await post(`/${identity}/plug`, { conector: 1 })).toMatchObject({ status: 400 });
      expect(await post(`/${identity}/explode`)).toMatchObject({ status: 404 });
      expect(await post('/NOBODY/plug')).toMatchObject({ status: 404 });
      expect(await post('')).toMatchObject({ status: 405 });
      expect((await fetch(`${api}/${identity}/plug`)).status).toBe(405);
    });
  });
});
