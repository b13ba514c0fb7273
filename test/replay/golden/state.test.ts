import { describe, expect, it } from 'vitest';
import { command, type Golden, golden, result } from '../../support/golden-csms.ts';

const AT = '"timestamp":"2026-01-01T00:00:01Z"';

/** Where the answers of a run came from, in order. */
function sources({ recorder }: Golden): (string | null)[] {
  return recorder.entries.flatMap((entry) =>
    entry.kind === 'link' && entry.link.source !== null ? [entry.link.source] : [],
  );
}

const script = `
  0 open
  10 > Heartbeat {}
  20 < {}
  30 << GetConfiguration {"key":["meterValueSampleInterval","NumberOfConnectors"]}
  40 >> {"configurationKey":[{"key":"meterValueSampleInterval","readonly":false,"value":"60"},{"key":"NumberOfConnectors","readonly":true,"value":"2"}]}
  50 > StartTransaction {"connectorId":2,"idTag":"A","meterStart":0,${AT}}
  60 < {"transactionId":7}
  70 > DataTransfer {"vendorId":"V"}
  80 < {"status":"Accepted"}`;

describe.concurrent('a command that the recording has no answer to', () => {
  it('is answered by what the charger knows: settings, changes, the running transaction with its live id', async () => {
    const seen = await golden(script, (call) => {
      if (call.action === 'Heartbeat') {
        return [
          command('a', 'ChangeConfiguration', '{"key":"MeterValueSampleInterval","value":"10"}'),
          command('b', 'GetConfiguration', '{"key":["MeterValueSampleInterval"]}'),
          command('c', 'GetConfiguration', '{"key":["METERVALUESAMPLEINTERVAL","Nope"]}'),
          command('d', 'RemoteStopTransaction', '{"transactionId":900}'),
        ];
      }
      if (call.action === 'StartTransaction') return [result(call, '{"transactionId":900}')];
      return [
        command('e', 'RemoteStopTransaction', '{"transactionId":900}'),
        command('f', 'UnlockConnector', '{"connectorId":2}'),
        command('g', 'UnlockConnector', '{"connectorId":1}'),
        command('h', 'Teleport', '{}'),
      ];
    });
    const answers = Object.fromEntries(seen.answers);
    const changed = '{"key":"meterValueSampleInterval","readonly":false,"value":"10"}';
    expect(answers).toMatchObject({
      a: '[3,"a",{"status":"Accepted"}]',
      b: `[3,"b",{"configurationKey":[${changed}]}]`,
      c: `[3,"c",{"configurationKey":[${changed}],"unknownKey":["Nope"]}]`,
      d: '[3,"d",{"status":"Rejected"}]',
      e: '[3,"e",{"status":"Accepted"}]',
      f: '[3,"f",{"status":"UnlockFailed"}]',
      g: '[3,"g",{"status":"Unlocked"}]',
      h: '[4,"h","NotImplemented","",{}]',
    });
    expect(sources(seen)).toEqual([...Array(7).fill('state'), 'default']);
    expect(seen.summary).toMatchObject({ complete: 1, notSent: 0 });
  });

  it('and one that it has an answer to is answered as recorded, as long as nothing else was changed', async () => {
    const ask = (id: string) =>
      command(id, 'GetConfiguration', '{"key":["meterValueSampleInterval","NumberOfConnectors"]}');
    const seen = await golden(script, ({ action }) => (action === 'Heartbeat' ? [ask('a')] : []));
    expect(sources(seen)).toEqual(['recorded']);
    const change = command('c', 'ChangeConfiguration', '{"key":"MeterValueSampleInterval","value":"5"}');
    const changed = await golden(script, ({ action }) => (action === 'Heartbeat' ? [change, ask('a')] : []));
    expect(changed.answers.get('a')).toContain('"value":"5"');
    expect(sources(changed)).toEqual(['state', 'state']);
  });
});
