import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConnectorStatus, isLegal } from '../../src/charge/connector.ts';
import { profileNames, readProfile } from '../../src/charge/profile-file.ts';
import { valueAt } from '../../src/ocpp/json.ts';
import { decodeMessage } from '../../src/ocpp/message.ts';
import { schemaErrors } from '../support/schema-errors.ts';
import { vendorSessions } from '../support/vendor-sessions.ts';
import { vendorPage } from '../support/vendor-table.ts';

const folder = join(import.meta.dirname, '../../fixtures/sessions');
const sessions = vendorSessions();

interface Said {
  action: string;
  payload: ReturnType<typeof JSON.parse>;
}

/** Calls of the charger in a session. */
function calls(text: string): Said[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { dir?: string; raw?: string })
    .filter(({ dir, raw }) => dir === 'cp->csms' && raw !== undefined)
    .map(({ raw }) => decodeMessage(raw!))
    .flatMap((message) =>
      message.type === 'call' ? [{ action: message.action, payload: message.payload }] : [],
    );
}

describe('the vendor sessions', () => {
  it('are what their profiles make, to the letter', () => {
    const stale = sessions
      .filter(({ file, text }) => readFileSync(join(folder, file), 'utf8') !== text)
      .map(({ file }) => file);
    expect(stale).toEqual([]);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(vendorPage());
  });

  it.each(profileNames())('%s breaks the schemas where its profile says so, and nowhere else', (name) => {
    const { deviations } = readProfile(name);
    const declared = new Set(deviations.map(({ action, path }) => `${action} ${path}`));
    const found = new Set<string>();
    for (const { text } of sessions.filter(({ profile }) => profile === name)) {
      for (const { action, payload } of calls(text)) {
        for (const path of schemaErrors(action, 'call', payload)) found.add(`${action} ${path}`);
      }
    }
    expect([...found].sort()).toEqual([...declared].sort());
  });

  it.each(profileNames())('%s takes legal steps only', (name) => {
    for (const { text, flow } of sessions.filter(({ profile }) => profile === name)) {
      const last = new Map<unknown, ConnectorStatus>();
      for (const { action, payload } of calls(text)) {
        if (action !== 'StatusNotification') continue;
        const connector = valueAt(payload, ['connectorId']);
        const status = valueAt(payload, ['status']) as ConnectorStatus;
        const before = last.get(connector);
        if (connector === 0) continue;
        if (before && before !== status)
          expect([flow, before, status, isLegal(before, status)]).toContain(true);
        last.set(connector, status);
      }
    }
  });

  it.each(profileNames())('%s charges in the flows that are about charging', (name) => {
    for (const flow of ['full-transaction', 'remote-start-stop', 'reset', 'reconnect', 'authorise-offline']) {
      const session = sessions.find((one) => one.profile === name && one.flow === flow)!;
      const actions = calls(session.text).map(({ action }) => action);
      expect([flow, actions]).toEqual([
        flow,
        expect.arrayContaining(['StartTransaction', 'StopTransaction', 'MeterValues']),
      ]);
    }
  });
});
