import { createRequire } from 'node:module';
import { createValidator } from 'ocpp-rpc';
import { describe, expect, test } from 'vitest';
import { expand, type Json, jsonEqual } from '../../src/ocpp/json.ts';
import { ocpp16 } from '../../src/ocpp/ocpp16.ts';
import { ACTIONS } from '../../src/ocpp/ocpp16-actions.ts';
import schemas from '../../src/ocpp/ocpp16-schemas.json' with { type: 'json' };
import type { Part } from '../../src/ocpp/protocol.ts';
import { protocolFor } from '../../src/ocpp/protocols.ts';

const upstream: Json = createRequire(import.meta.url)('ocpp-rpc/lib/schemas/ocpp1_6.json');

describe('the actions of OCPP 1.6', () => {
  test('are those of the schemas, and the schemas are those of ocpp-rpc', () => {
    expect(jsonEqual(schemas as unknown as Json, upstream)).toBe(true);
    const named = schemas.filter(({ $id }) => $id.endsWith('.req')).map(({ $id }) => $id.slice(4, -4));
    expect([...ACTIONS.keys()].sort()).toEqual(named.sort());
  });

  test('have their callers', () => {
    expect(ocpp16.callerOf('BootNotification')).toBe('charger');
    expect(ocpp16.callerOf('Reset')).toBe('csms');
    expect(ocpp16.callerOf('DataTransfer')).toBe('both');
    expect(ocpp16.callerOf('bootnotification')).toBeNull();
  });

  test('are told apart by stimulus and by who starts them', () => {
    const stimuli = [...ACTIONS.keys()].filter(ocpp16.stimulates);
    expect(stimuli.sort()).toEqual([
      'BootNotification',
      'DataTransfer',
      'StartTransaction',
      'StatusNotification',
    ]);
    const external = [...ACTIONS.keys()].filter(ocpp16.isExternal);
    expect(external).toContain('RemoteStopTransaction');
    expect(external).not.toContain('ChangeConfiguration');
    expect(external.every((action) => ocpp16.callerOf(action) === 'csms')).toBe(true);
    expect(ocpp16.isExternal('Unknown')).toBe(false);
  });
});

describe('places of OCPP 1.6', () => {
  test('of times come from the schemas, through arrays and references', () => {
    expect(ocpp16.timePaths('StopTransaction', 'call')).toEqual([
      ['timestamp'],
      ['transactionData', '*', 'timestamp'],
    ]);
    expect(ocpp16.timePaths('GetLog', 'call')).toEqual([
      ['log', 'oldestTimestamp'],
      ['log', 'latestTimestamp'],
    ]);
    expect(ocpp16.timePaths('Heartbeat', 'result')).toEqual([['currentTime']]);
    expect(ocpp16.timePaths('NoSuchAction', 'call')).toEqual([]);
  });

  test('of expiries are times that only end something', () => {
    expect(ocpp16.isExpiry('Authorize', 'result', ['idTagInfo', 'expiryDate'])).toBe(true);
    expect(ocpp16.isExpiry('SetChargingProfile', 'call', ['csChargingProfiles', 'validTo'])).toBe(true);
    expect(ocpp16.isExpiry('Heartbeat', 'result', ['currentTime'])).toBe(false);
  });

  test('of listed values come from the schemas', () => {
    expect(ocpp16.isEnum('Authorize', 'result', ['idTagInfo', 'status'])).toBe(true);
    const measurand = ['meterValue', 0, 'sampledValue', 2, 'measurand'];
    expect(ocpp16.isEnum('MeterValues', 'call', measurand)).toBe(true);
    expect(ocpp16.isEnum('DeleteCertificate', 'call', ['certificateHashData', 'hashAlgorithm'])).toBe(true);
    expect(ocpp16.isEnum('BootNotification', 'result', ['interval'])).toBe(false);
    expect(ocpp16.isEnum('BootNotification', 'call', ['status'])).toBe(false);
  });

  test('of ids are integers of the schemas, and no integer with an id class name is left out', () => {
    const sites = ocpp16.idClasses.flatMap(({ issued, used }) => [...issued, ...used]);
    for (const { action, part, path } of sites) {
      expect(schemaAt(action, part, path), `${action} ${part} ${path.join('.')}`).toHaveProperty(
        'type',
        'integer',
      );
    }
    const names = new Set(ocpp16.idClasses.map(({ name }) => name));
    const found = schemas.flatMap((schema) => integerPlaces(schema, []).filter((p) => names.has(p.at(-1)!)));
    // ClearChargingProfile calls its chargingProfileId `id`.
    expect(found).toHaveLength(sites.length - 1);
  });

  test('of ids are found in a payload', () => {
    const [transactions] = ocpp16.idClasses;
    const used = transactions!.used.find(({ action }) => action === 'SetChargingProfile')!;
    expect(expand({ csChargingProfiles: { transactionId: 7 } }, used.path)).toEqual([
      ['csChargingProfiles', 'transactionId'],
    ]);
  });
});

interface AnySchema {
  $ref?: string;
  type?: string;
  properties?: Record<string, AnySchema>;
  items?: AnySchema;
}

function schemaAt(action: string, part: Part, path: readonly string[]): unknown {
  const id = `urn:${action}.${part === 'call' ? 'req' : 'conf'}`;
  const root = schemas.find(({ $id }) => $id === id) as AnySchema | undefined;
  return path.reduce((schema: AnySchema | undefined, step) => schema?.properties?.[step], root);
}

function integerPlaces(schema: AnySchema, path: string[]): string[][] {
  const own = schema.type === 'integer' ? [path] : [];
  const members = Object.entries(schema.properties ?? {}).flatMap(([k, v]) => integerPlaces(v, [...path, k]));
  return [...own, ...members, ...(schema.items ? integerPlaces(schema.items, [...path, '*']) : [])];
}

describe('keys of calls', () => {
  test('tell requests apart by their key fields, without regard to case, order or ids', () => {
    const key = ocpp16.commandKey;
    expect(key('ChangeConfiguration', { key: 'HeartbeatInterval', value: '1' })).toBe(
      key('ChangeConfiguration', { value: '2', key: 'heartbeatinterval' }),
    );
    expect(key('ChangeConfiguration', { key: 'A', value: '1' })).not.toBe(
      key('ChangeConfiguration', { key: 'B', value: '1' }),
    );
    expect(key('RemoteStopTransaction', { transactionId: 1 })).toBe(
      key('RemoteStopTransaction', { transactionId: 2 }),
    );
    expect(key('TriggerMessage', { requestedMessage: 'Heartbeat' })).not.toBe(
      key('TriggerMessage', { requestedMessage: 'Heartbeat', connectorId: 1 }),
    );
    expect(
      key('SetChargingProfile', {
        connectorId: 1,
        csChargingProfiles: { chargingProfilePurpose: 'TxProfile' },
      }),
    ).toBe('1 "txprofile"');
    expect(ocpp16.callKey('StatusNotification', { connectorId: 1, status: 'Available', info: 'x' })).toBe(
      '1 "available"',
    );
  });

  test('take any payload', () => {
    for (const payload of [null, [], 'x', 9223372036854775807n, { key: { a: [1] } }] as Json[]) {
      expect(typeof ocpp16.commandKey('ChangeConfiguration', payload)).toBe('string');
    }
    expect(ocpp16.commandKey('VendorAction', { a: 1 })).toBe('');
  });
});

/** Whether a command provokes a call by any edge, and what happens when the command is missing. */
function provokes(command: string, c: Json, action: string, call: Json): string | null {
  const edge = ocpp16.edges.find((e) => e.command === command && e.provokes === action && e.matches(c, call));
  return edge?.whenMissing ?? null;
}

describe('commands that provoke calls', () => {
  test('TriggerMessage provokes the message it requests, on its connector', () => {
    const command = { requestedMessage: 'MeterValues', connectorId: 1 };
    expect(provokes('TriggerMessage', command, 'MeterValues', { connectorId: 1 })).toBe('skip');
    expect(provokes('TriggerMessage', command, 'MeterValues', { connectorId: 2 })).toBeNull();
    expect(provokes('TriggerMessage', command, 'Heartbeat', {})).toBeNull();
    expect(
      provokes('TriggerMessage', { requestedMessage: 'Heartbeat', connectorId: 1 }, 'Heartbeat', {}),
    ).toBe('skip');
    expect(provokes('TriggerMessage', { requestedMessage: 'BootNotification' }, 'BootNotification', {})).toBe(
      'continue',
    );
    const sign = { requestedMessage: 'SignChargePointCertificate' };
    expect(provokes('ExtendedTriggerMessage', sign, 'SignCertificate', { csr: '' })).toBe('skip');
  });

  test('RemoteStartTransaction provokes Authorize and StartTransaction of its tag', () => {
    const command = { idTag: 'ab12', connectorId: 1 };
    expect(provokes('RemoteStartTransaction', command, 'Authorize', { idTag: 'AB12' })).toBe('skip');
    const start = { idTag: 'AB12', connectorId: 1 };
    expect(provokes('RemoteStartTransaction', command, 'StartTransaction', start)).toBe('skip');
    expect(
      provokes('RemoteStartTransaction', command, 'StartTransaction', { ...start, connectorId: 2 }),
    ).toBeNull();
    expect(
      provokes('RemoteStartTransaction', command, 'StartTransaction', { ...start, idTag: 'CD' }),
    ).toBeNull();
    expect(provokes('RemoteStartTransaction', { idTag: 'ab12' }, 'StartTransaction', start)).toBe('skip');
    expect(provokes('RemoteStartTransaction', {}, 'Authorize', {})).toBeNull();
  });

  test('other commands provoke their own calls only', () => {
    const stop = { transactionId: 9223372036854775807n };
    expect(provokes('RemoteStopTransaction', stop, 'StopTransaction', { ...stop, meterStop: 1 })).toBe(
      'skip',
    );
    expect(provokes('RemoteStopTransaction', stop, 'StopTransaction', { transactionId: 1 })).toBeNull();
    expect(provokes('GetLog', { requestId: 3 }, 'LogStatusNotification', { requestId: 3 })).toBe('skip');
    expect(provokes('GetLog', { requestId: 3 }, 'LogStatusNotification', { requestId: 4 })).toBeNull();
    const off = { connectorId: 0, type: 'Inoperative' };
    expect(
      provokes('ChangeAvailability', off, 'StatusNotification', { connectorId: 2, status: 'Unavailable' }),
    ).toBe('continue');
    const on = { connectorId: 1, type: 'Operative' };
    expect(
      provokes('ChangeAvailability', on, 'StatusNotification', { connectorId: 1, status: 'Available' }),
    ).toBe('continue');
    expect(
      provokes('ChangeAvailability', on, 'StatusNotification', { connectorId: 2, status: 'Available' }),
    ).toBeNull();
    expect(
      provokes('ChangeAvailability', on, 'StatusNotification', { connectorId: 1, status: 'Unavailable' }),
    ).toBeNull();
  });

  test('Reset provokes the end of the connection', () => {
    expect(ocpp16.edges.filter(({ provokes: action }) => action === null)).toMatchObject([
      { command: 'Reset', whenMissing: 'continue' },
    ]);
  });
});

describe('default answers', () => {
  const validator = createValidator('ocpp1.6', schemas);

  test('conform to the schema, for every command', () => {
    const commands = [...ACTIONS.keys()].filter((action) => ocpp16.callerOf(action) !== 'charger');
    expect(commands).toHaveLength(26);
    for (const action of commands) {
      const answer = ocpp16.defaultAnswer(action, {});
      if ('errorCode' in answer) expect(action).toBe('UpdateFirmware');
      else expect(() => validator.validate(`urn:${action}.conf`, answer.result)).not.toThrow();
    }
  });

  test('say which configuration keys are unknown', () => {
    expect(ocpp16.defaultAnswer('GetConfiguration', { key: ['A', 1, 'B'] })).toEqual({
      result: { configurationKey: [], unknownKey: ['A', 'B'] },
    });
    expect(ocpp16.defaultAnswer('GetConfiguration', null)).toHaveProperty('result.unknownKey', []);
  });

  test('refuse what no charger implements', () => {
    expect(ocpp16.defaultAnswer('Teleport', {})).toEqual({ errorCode: 'NotImplemented' });
    expect(ocpp16.defaultAnswer('Heartbeat', {})).toEqual({ errorCode: 'NotImplemented' });
  });
});

describe('the rest of the protocol', () => {
  test('a BootNotification tells the facts of a charger', () => {
    const payload = { chargePointVendor: 'ABB', chargePointModel: 'CDT', firmwareVersion: 1 };
    expect(ocpp16.chargerFacts('BootNotification', payload)).toEqual({
      vendor: 'ABB',
      model: 'CDT',
      firmware: null,
    });
    expect(ocpp16.chargerFacts('BootNotification', ['ABB'])).toBeNull();
    expect(ocpp16.chargerFacts('Heartbeat', payload)).toBeNull();
  });

  test('misspelt error codes are one with the correct ones', () => {
    expect(ocpp16.canonicalErrorCode('FormatViolation')).toBe(
      ocpp16.canonicalErrorCode('FormationViolation'),
    );
    expect(ocpp16.canonicalErrorCode('OccurrenceConstraintViolation')).toBe(
      ocpp16.canonicalErrorCode('OccurenceConstraintViolation'),
    );
    expect(ocpp16.canonicalErrorCode('GenericError')).toBe('GenericError');
  });

  test('what decides whether a charger charges is grave, what it only shows is not', () => {
    expect(ocpp16.severity('Authorize', ['idTagInfo', 'status'])).toBe('high');
    expect(ocpp16.severity('BootNotification', ['status'])).toBe('high');
    expect(ocpp16.severity('SetChargingProfile', ['csChargingProfiles', 'transactionId'])).toBe('high');
    expect(ocpp16.severity('BootNotification', ['interval'])).toBe('medium');
    expect(ocpp16.severity('DataTransfer', ['status'])).toBe('medium');
    expect(ocpp16.severity('Authorize', ['idTagInfo', 'parentIdTag'])).toBe('low');
    expect(ocpp16.severity(null, [])).toBe('medium');
  });

  test.each(['ocpp1.6', 'OCPP1.6', ' ocpp1.6J', '', 'ocpp2.0.1', null])('%j is read as OCPP 1.6', (name) => {
    expect(protocolFor(name)).toBe(ocpp16);
  });
});
