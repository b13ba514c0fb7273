import fc from 'fast-check';

/** A call of the charger and what two CSMSs may answer it with; actions that react to nothing. */
const CALL = fc.constantFrom(
  '> Heartbeat {}',
  '> Vendor {}',
  '> Authorize {"idTag":"A"}',
  '> MeterValues {"connectorId":1,"transactionId":7,"meterValue":[]}',
  '> DataTransfer {"vendorId":"v"}',
);
const ANSWER = fc.constantFrom(
  '< {}',
  '< {"a":1}',
  '< {"a":"1"}',
  '< {"a":2,"b":[1,2]}',
  '< {"a":2,"b":[2,1]}',
  '< {"a":4294967296}',
  '< {"idTagInfo":{"status":"Accepted"}}',
  '< {"idTagInfo":{"status":"Blocked"}}',
  '< !NotSupported',
  '< !InternalError',
);

/** Commands right after a boot, so that each is a reaction. */
const REACTION = fc.constantFrom(
  '< ChangeConfiguration {"key":"K","value":"1"}\n> {"status":"Accepted"}',
  '< GetConfiguration {"key":["A","B"]}\n> {}',
  '< ClearCache {}\n> {"status":"Accepted"}',
);

/** How a connection begins and ends. */
const HANDSHAKE = fc.constantFrom(
  'connect header=Upgrade:websocket',
  'connect header=Upgrade:WebSocket',
  'connect header=upgrade:websocket',
  'connect header=Upgrade:websocket subprotocol=ocpp2.0.1',
  'connect header=Upgrade:websocket extensions=permessage-deflate',
);
const END = fc.constantFrom(
  'charger close 1000',
  'csms close 1008',
  'csms close 4000',
  'csms fin',
  'csms reset',
);

/** What may stand in a session and says nothing by itself. */
const NOISE = fc.constantFrom(
  '+400',
  '+6000',
  '> ping a\n< pong a',
  '< ping\n> pong',
  '> raw ?',
  '< raw [3,"nobody",{}]',
);

/** Any session, odd ones included. */
export const SESSION: fc.Arbitrary<string> = fc
  .record({
    handshake: HANDSHAKE,
    lines: fc.array(
      fc.oneof(
        fc.tuple(CALL, ANSWER).map((lines) => lines.join('\n')),
        CALL.map((call) => `${call}\n+40000`),
        REACTION,
        NOISE,
        fc.nat(3).map((id) => `> BootNotification {}\n< {"status":"Accepted","interval":${id}}`),
        fc
          .nat(3)
          .map((id) => `> StartTransaction {"connectorId":${id},"idTag":"A"}\n< {"transactionId":${id + 7}}`),
      ),
      { maxLength: 14 },
    ),
    end: END,
    again: fc.boolean(),
  })
  .map(({ handshake, lines, end, again }) =>
    [handshake, ...lines, end, ...(again ? ['connect', '> Heartbeat {}', '< {}', 'charger fin'] : [])].join(
      '\n',
    ),
  );

/** The same charger as two CSMSs treat it: the same calls, other answers, reactions, handshakes and ends. */
export const TWO_SIDES: fc.Arbitrary<[string, string]> = fc
  .record({
    handshakes: fc.tuple(HANDSHAKE, HANDSHAKE),
    reactions: fc.tuple(fc.uniqueArray(REACTION), fc.uniqueArray(REACTION)),
    turns: fc.array(fc.tuple(CALL, ANSWER, ANSWER), { maxLength: 8 }),
    ends: fc.tuple(END, END),
  })
  .map(({ handshakes, reactions, turns, ends }) => {
    const side = (own: 0 | 1) =>
      [
        handshakes[own],
        '> BootNotification {}\n< {"status":"Accepted"}',
        ...[...reactions[own]].sort(),
        '+9000',
        ...turns.map(([call, ...answers]) => `${call}\n${answers[own]}`),
        ends[own],
      ].join('\n');
    return [side(0), side(1)];
  });

/** Sends a reaction to a boot, its command and the charger's answer to it, at another place. */
const MOVES = {
  'command-early': ([call = '', answer = '']: string[], others: string[]) => [
    '> BootNotification {}',
    call,
    '< &BootNotification {"status":"Accepted"}',
    answer,
    ...others,
    '+9000',
  ],
  'command-late': (moved: string[], others: string[]) => [
    '> BootNotification {}\n< {"status":"Accepted"}',
    ...others,
    '+9000',
    ...moved,
  ],
  'command-order': (moved: string[], others: string[]) => [
    '> BootNotification {}\n< {"status":"Accepted"}',
    ...others,
    ...moved,
    '+9000',
  ],
};

/** A command that moved, how, and the same charger as a CSMS treats it that sends the command first after a boot, and as one that does not. */
export interface Moved {
  kind: keyof typeof MOVES;
  inPlace: string;
  moved: string;
}

export const MOVED: fc.Arbitrary<Moved> = fc
  .record({
    kind: fc.constantFrom('command-early', 'command-late', 'command-order'),
    handshake: HANDSHAKE,
    value: fc.nat(9),
    turns: fc.array(fc.tuple(CALL, ANSWER), { maxLength: 8 }),
    end: END,
  })
  .map(({ kind, handshake, value, turns, end }) => {
    const change = [`< ChangeConfiguration {"key":"K","value":"${value}"}`, '> {"status":"Accepted"}'];
    const get = ['< GetConfiguration {"key":["K","L"]}', '> {}'];
    const side = (...begin: string[]) =>
      [handshake, ...begin, ...turns.map((lines) => lines.join('\n')), end].join('\n');
    const boot = '> BootNotification {}\n< {"status":"Accepted"}';
    return {
      kind,
      inPlace: side(boot, ...change, ...get, '+9000'),
      moved: side(...MOVES[kind](change, get)),
    };
  });
