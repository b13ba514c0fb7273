import { expect, it } from 'vitest';
import { coverageOf } from '../../src/report/census.ts';
import { coverageText } from '../../src/report/coverage-text.ts';
import { scripted } from '../support/session-script.ts';

const reader = scripted(
  `
session A
connect
> BootNotification {"chargePointVendor":"Acme","chargePointModel":"One"}
< {"status":"Accepted","currentTime":"2026-03-01T08:00:00Z","interval":300}
> StatusNotification {"connectorId":1,"status":"Available","errorCode":"NoError"}
< {}
> StatusNotification {"connectorId":1,"status":"Faulted","errorCode":"GroundFailure"}
< {}
again {}
> Heartbeat {}
< !InternalError
> Heartbeat {}
< Reset {"type":"Soft"}
> {"status":"Accepted"}
> raw nonsense
charger close 1000
session B
connect status=401
csms fin
`.replace('again', '< again'),
);

it('counts calls, answers, empty answers, refusals and listed values of both sides', async () => {
  const coverage = await coverageOf(reader);
  expect(coverage).toMatchObject({
    sessions: 2,
    connections: 2,
    refused: { 401: 1 },
    endings: { 'close by charger': 1, 'fin by csms': 1 },
    calls: 6,
    answers: 5,
    emptyAnswers: 2,
    malformed: 1,
  });
  expect(coverage.actions.map(({ values: _, ...rest }) => rest)).toEqual([
    {
      caller: 'charger',
      action: 'BootNotification',
      calls: 1,
      results: 1,
      empty: 0,
      errors: {},
      unanswered: 0,
    },
    {
      caller: 'charger',
      action: 'Heartbeat',
      calls: 2,
      results: 0,
      empty: 0,
      errors: { InternalError: 1 },
      unanswered: 1,
    },
    {
      caller: 'charger',
      action: 'StatusNotification',
      calls: 2,
      results: 2,
      empty: 2,
      errors: {},
      unanswered: 0,
    },
    { caller: 'csms', action: 'Reset', calls: 1, results: 1, empty: 0, errors: {}, unanswered: 0 },
  ]);
  expect(coverage.actions[2]?.values).toContainEqual({
    part: 'call',
    path: '/status',
    counts: { Available: 1, Faulted: 1 },
  });
  expect(coverage.actions[3]?.values).toEqual([
    { part: 'call', path: '/type', counts: { Soft: 1 } },
    { part: 'result', path: '/status', counts: { Accepted: 1 } },
  ]);
});

it('names the actions that never occur', async () => {
  const { absent } = await coverageOf(reader);
  expect(absent).toContainEqual({ caller: 'charger', action: 'StopTransaction' });
  expect(absent).toContainEqual({ caller: 'csms', action: 'DataTransfer' });
  expect(absent).not.toContainEqual({ caller: 'csms', action: 'Reset' });
});

it('says all of it in words', async () => {
  const text = coverageText(await coverageOf(reader));
  expect(text).toContain('Empty answers  2 of 5 (40 %)');
  expect(text).toMatch(/Heartbeat +2 {2}0 results, 1 InternalError, 1 unanswered\n/);
  expect(text).toMatch(/StatusNotification +2 {2}2 results \(all empty\)\n/);
  expect(text).toContain('    ← /status  Accepted 1\n');
  expect(text).toContain('Refused        1 (1 × 401)');
});
