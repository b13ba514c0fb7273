import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** When each capture begins, ms since the epoch. */
const START_MS = Date.UTC(2026, 10, 22, 9);

const BOOT = ['BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }] as const;
const BOOTED = { status: 'Accepted', interval: 300, currentTime: '2026-11-22T09:00:00Z' };

/** Writes one capture line by line, 10 ms apart. */
class CaptureWriter {
  readonly #frames: string[] = [];
  readonly #wire: string[] = [];
  #ms = START_MS;
  #conn = 0;

  /** The charger dials; `answer` is the first line of the answer. */
  open(
    path: string,
    answer = 'HTTP/1.1 101 Switching Protocols',
    more: string[] = [],
    extensions = '',
  ): this {
    this.#conn++;
    this.#note({ event: 'tcp-open' });
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade'];
    const offer = extensions === '' ? [] : [`Sec-WebSocket-Extensions: ${extensions}`];
    const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
    const protocol = ['Sec-WebSocket-Protocol: ocpp1.6'];
    const request = [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      ...upgrade,
      ...key,
      ...protocol,
      ...offer,
      ...more,
    ];
    this.#note({ dir: 'cp->csms', handshake: request });
    const isOpen = answer.includes(' 101 ');
    const accept = isOpen
      ? [...upgrade, 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', ...protocol, ...offer]
      : ['Content-Length: 0'];
    return this.#note({ dir: 'csms->cp', handshake: [answer, ...accept] });
  }

  call(id: string, action: string, payload: unknown): this {
    return this.charger([2, id, action, payload]);
  }

  result(id: string, payload: unknown): this {
    return this.csms([3, id, payload]);
  }

  charger(message: unknown): this {
    return this.#frame('cp->csms', message);
  }

  csms(message: unknown): this {
    return this.#frame('csms->cp', message);
  }

  /** The frame just written was compressed. */
  deflated(): this {
    const { dir, raw } = JSON.parse(this.#frames.at(-1) ?? '{}');
    return this.#note({ dir, note: 'deflated', wire: 20, len: Buffer.byteLength(raw) });
  }

  control(dir: 'cp->csms' | 'csms->cp', op: string, more: object = { payload: 'beat' }): this {
    return this.#note({ dir, op, ...more });
  }

  event(event: string): this {
    return this.#note({ event });
  }

  pause(ms: number): this {
    this.#ms += ms;
    return this;
  }

  write(file: string): void {
    writeFileSync(`${file}.jsonl`, this.#frames.join(''));
    writeFileSync(`${file}.wire.log`, this.#wire.join(''));
  }

  #frame(dir: string, message: unknown): this {
    const raw = typeof message === 'string' ? message : JSON.stringify(message);
    this.#frames.push(`${JSON.stringify({ t: this.#next(), conn: this.#conn, dir, raw })}\n`);
    return this;
  }

  #note(fact: object): this {
    this.#wire.push(`${JSON.stringify({ t: this.#next(), conn: this.#conn, ...fact })}\n`);
    return this;
  }

  #next(): number {
    this.#ms += 10;
    return this.#ms;
  }
}

const started = (id: number) => ({ transactionId: id, idTagInfo: { status: 'Accepted' } });
const start = (timestamp = '2026-11-22T09:00:00Z') => ({
  connectorId: 1,
  idTag: 'TAG',
  meterStart: 0,
  timestamp,
});
const stop = (transactionId: number, timestamp = '2026-11-22T09:10:00Z') => {
  return { transactionId, meterStop: 10, timestamp };
};
const meter = (transactionId: number, timestamp = '2026-11-22T09:05:00Z') => {
  return { connectorId: 1, transactionId, meterValue: [{ timestamp, sampledValue: [{ value: '5' }] }] };
};

/** Oddities that real chargers have and few captures show, by name. */
const CAPTURES: Record<string, (capture: CaptureWriter) => CaptureWriter> = {
  'same-id-both-ways': (capture) =>
    capture
      .open('/ocpp/SAME-ID')
      .call('1', ...BOOT)
      .csms([2, '1', 'GetConfiguration', { key: ['HeartbeatInterval'] }])
      .result('1', BOOTED)
      .charger([3, '1', { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] }])
      .call('2', 'StartTransaction', start())
      .csms([2, '2', 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '30' }])
      .charger([3, '2', { status: 'Accepted' }])
      .result('2', started(1))
      .call('3', 'StopTransaction', stop(1))
      .result('3', { idTagInfo: { status: 'Accepted' } })
      .event('cp-fin'),
  'refused-then-let-in': (capture) =>
    capture
      .open('/ocpp/REFUSED', 'HTTP/1.1 404 Not Found')
      .event('csms-fin')
      .pause(1_000)
      .open('/ocpp/REFUSED')
      .control('csms->cp', 'close', { code: 1008, reason: 'unknown charger' })
      .control('cp->csms', 'close', { code: 1008 })
      .event('csms-fin')
      .pause(1_000)
      .open('/ocpp/REFUSED')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .control('cp->csms', 'close', { code: 1000 })
      .control('csms->cp', 'close', { code: 1000 })
      .event('csms-fin'),
  'password-of-bytes': (capture) =>
    capture
      .open('/ocpp/BYTES', undefined, [
        `Authorization: Basic ${Buffer.from('BYTES:\xff\xfe\x00:\x80', 'latin1').toString('base64')}`,
      ])
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .event('cp-fin'),
  'two-pongs': (capture) => {
    capture
      .open('/ocpp/PONGS')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    for (let turn = 0; turn < 3; turn++) {
      capture.control('csms->cp', 'ping').control('cp->csms', 'pong').control('cp->csms', 'pong');
      capture.call(`h${turn}`, 'Heartbeat', {}).result(`h${turn}`, { currentTime: '2026-11-22T09:00:00Z' });
    }
    return capture.event('cp-fin');
  },
  'deflated-and-plain': (capture) => {
    capture
      .open('/ocpp/DEFLATED', undefined, [], 'permessage-deflate')
      .call('1', ...BOOT)
      .deflated();
    capture.result('1', BOOTED);
    for (let turn = 0; turn < 6; turn++) {
      capture.call(`h${turn}`, 'DataTransfer', { vendorId: 'V', data: 'x'.repeat(200) });
      if (turn % 2 === 0) capture.deflated();
      capture.result(`h${turn}`, { status: 'Accepted' }).deflated();
    }
    return capture.event('cp-fin');
  },
  'array-as-payload': (capture) =>
    capture
      .open('/ocpp/ARRAY')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'Heartbeat', [])
      .result('2', { currentTime: '2026-11-22T09:00:00Z' })
      .call('3', 'StatusNotification', [{ connectorId: 1 }])
      .csms([4, '3', 'FormationViolation', '', {}])
      .csms([2, 'c', 'GetConfiguration', []])
      .charger([3, 'c', []])
      .charger([2, '4', 'Heartbeat'])
      .charger([2, '5', 'Heartbeat', null])
      .result('5', { currentTime: '2026-11-22T09:00:00Z' })
      .event('cp-fin'),
  'clock-of-1970': (capture) =>
    capture
      .open('/ocpp/EPOCH')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'StartTransaction', start('1970-01-01T00:00:09Z'))
      .result('2', started(7))
      .call('3', 'MeterValues', meter(7, '1970-01-01T00:05:00.000Z'))
      .result('3', {})
      .call('4', 'StopTransaction', stop(7, '2026-11-22T09:00:00.000Z'))
      .result('4', {})
      .event('cp-fin'),
  'cut-off-by-a-reset': (capture) => {
    capture
      .open('/ocpp/RESET')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    capture.call('2', 'StartTransaction', start()).result('2', started(3)).pause(6_000);
    capture.csms([2, 'r', 'Reset', { type: 'Hard' }]).charger([3, 'r', { status: 'Accepted' }]);
    capture.call('3', 'MeterValues', meter(3)).call('4', 'Heartbeat', {}).event('cp-err').pause(2_000);
    capture
      .open('/ocpp/RESET')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    return capture.call('2', 'StopTransaction', stop(3)).result('2', {}).event('cp-fin');
  },
  'a-hundred-outstanding': (capture) => {
    capture
      .open('/ocpp/HUNDRED')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    capture.call('s', 'StartTransaction', start()).result('s', started(5));
    for (let turn = 0; turn < 100; turn++) capture.call(`m${turn}`, 'MeterValues', meter(5));
    for (let turn = 0; turn < 100; turn++) capture.result(`m${turn}`, {});
    return capture.call('e', 'StopTransaction', stop(5)).result('e', {}).event('cp-fin');
  },
  'quirks-of-ids': (capture) => {
    capture
      .open('/ocpp/QUIRKS')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    const quirks = ['0', '-1', '-16', '9223372036854775807', '4711'];
    for (const [turn, quirk] of quirks.entries()) {
      capture.charger(
        `[2, "q${turn}", "MeterValues", {"connectorId": 1, "transactionId": ${quirk}, "meterValue": []}]`,
      );
      capture.result(`q${turn}`, {});
    }
    capture.call('2', 'StartTransaction', start()).csms('[3,"2",{"transactionId":9007199254740993}]');
    capture.charger(
      '[2,"3","StopTransaction",{"transactionId":9007199254740993,"meterStop":1,"timestamp":"2026-11-22T09:10:00Z"}]',
    );
    return capture.result('3', {}).event('cp-fin');
  },
  'two-transactions-at-once': (capture) => {
    capture
      .open('/ocpp/TWO')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    // Transaction 2 runs on connector 1 and transaction 1 on connector 2; the second was asked for before the first was answered.
    capture
      .call('2', 'StartTransaction', start())
      .call('3', 'StartTransaction', { ...start(), connectorId: 2 });
    capture.result('3', started(1)).result('2', started(2));
    for (const [turn, id] of [1, 2, 2, 1].entries()) {
      capture.call(`m${turn}`, 'MeterValues', { ...meter(id), connectorId: 3 - id }).result(`m${turn}`, {});
    }
    capture.call('4', 'StopTransaction', stop(2)).call('5', 'StopTransaction', stop(1));
    return capture.result('4', {}).result('5', {}).event('cp-fin');
  },
  'start-again-with-the-same-id': (capture) =>
    capture
      .open('/ocpp/RETRIED')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'StartTransaction', start())
      .pause(1_000)
      .call('2', 'StartTransaction', start())
      .result('2', started(41))
      .result('2', started(41))
      .call('3', 'MeterValues', meter(41))
      .result('3', {})
      .call('4', 'StopTransaction', stop(41))
      .event('cp-err')
      .pause(1_000)
      .open('/ocpp/RETRIED')
      .call('4', 'StopTransaction', stop(41))
      .result('4', { idTagInfo: { status: 'Accepted' } })
      .event('cp-fin'),
  'begun-before': (capture) =>
    capture
      .open('/ocpp/BEFORE')
      .call('a', 'MeterValues', meter(88))
      .result('a', {})
      .call('b', 'StopTransaction', stop(88))
      .result('b', {})
      .call('c', 'StartTransaction', start())
      .result('c', started(88))
      .call('d', 'StopTransaction', stop(88))
      .result('d', {})
      .event('cp-fin'),
  'start-refused-by-an-error': (capture) =>
    capture
      .open('/ocpp/ERRORS')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'StartTransaction', start())
      .csms([4, '2', 'InternalError', 'no database', {}])
      .call('3', 'MeterValues', meter(-1))
      .csms([4, '3', 'OccurrenceConstraintViolation', '', {}])
      .call('4', 'StopTransaction', stop(-1))
      .result('4', {})
      .call('5', 'Vendor:Ping', { n: 1 })
      .csms([4, '5', 'NotImplemented', '', {}])
      .event('cp-fin'),
  'answers-to-nothing': (capture) =>
    capture
      .open('/ocpp/UNASKED')
      .result('never', { status: 'Accepted' })
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .csms([4, 'never', 'GenericError', '', {}])
      .charger([3, 'nobody', { status: 'Accepted' }])
      .charger([4, 'nobody', 'InternalError', '', {}])
      .charger('[2, 17, "Heartbeat", {}]')
      .csms('[3, 17, {"currentTime": "2026-11-22T09:00:00Z"}]')
      .call('', 'Heartbeat', {})
      .result('', { currentTime: '2026-11-22T09:00:00Z' })
      .call('ж'.repeat(40), 'Heartbeat', {})
      .result('ж'.repeat(40), { currentTime: '2026-11-22T09:00:00Z' })
      .event('cp-fin'),
  'huge-and-of-a-vendor': (capture) =>
    capture
      .open('/ocpp/HUGE')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'StartTransaction', start())
      .result('2', started(12))
      .call('3', 'DataTransfer', { vendorId: 'com.vendor', messageId: 'Log', data: 'x'.repeat(400_000) })
      .result('3', { status: 'Accepted' })
      .call('4', 'DataTransfer', { vendorId: 'com.vendor', data: '{"transactionId":12,"kWh":[1,2]}' })
      .result('4', { status: 'UnknownVendorId' })
      .call('5', 'StopTransaction', stop(12))
      .result('5', {})
      .event('cp-fin'),
  'security-extension': (capture) =>
    capture
      .open('/ocpp/SECURE')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'SecurityEventNotification', {
        type: 'StartupOfTheDevice',
        timestamp: '2026-11-22T09:00:00Z',
      })
      .result('2', {})
      .call('3', 'SignCertificate', { csr: '-----BEGIN CERTIFICATE REQUEST-----' })
      .result('3', { status: 'Accepted' })
      .csms([
        2,
        'g',
        'GetLog',
        { logType: 'SecurityLog', requestId: 5, log: { remoteLocation: 'http://x/' } },
      ])
      .charger([3, 'g', { status: 'Accepted', filename: 'log' }])
      .call('4', 'LogStatusNotification', { status: 'Uploading', requestId: 5 })
      .result('4', {})
      .call('5', 'LogStatusNotification', { status: 'Uploaded', requestId: 5 })
      .result('5', {})
      .csms([2, 'e', 'ExtendedTriggerMessage', { requestedMessage: 'Heartbeat' }])
      .charger([3, 'e', { status: 'Accepted' }])
      .call('6', 'Heartbeat', {})
      .result('6', { currentTime: '2026-11-22T09:00:00Z' })
      .event('cp-fin'),
  'queue-after-a-day-offline': (capture) => {
    capture
      .open('/ocpp/OFFLINE')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    capture.call('2', 'StartTransaction', start()).result('2', started(3)).event('cp-err').pause(86_400_000);
    capture.open('/ocpp/OFFLINE');
    // What was queued comes out of order, with a clock that is a day ahead, then of the year 2000, and two of them overlap.
    capture.call('m1', 'MeterValues', meter(3, '2026-11-24T09:00:00.000Z'));
    capture.call('m2', 'MeterValues', meter(3, '2000-01-01T00:00:00+01:00'));
    capture.result('m2', {}).result('m1', {}).call('4', 'StopTransaction', stop(3)).result('4', {});
    capture.call('5', 'StartTransaction', start('2026-11-22T10:00:00Z')).result('5', started(4));
    capture.call('6', 'StopTransaction', stop(4, '2026-11-22T09:59:00Z')).result('6', {});
    return capture.event('cp-fin');
  },
  'commands-all-at-once': (capture) => {
    capture
      .open('/ocpp/COMMANDED')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    capture.pause(6_000).csms([2, 'a', 'RemoteStartTransaction', { connectorId: 2, idTag: 'APP' }]);
    capture.csms([2, 'b', 'RemoteStartTransaction', { connectorId: 1, idTag: 'APP2' }]);
    capture.csms([2, 'c', 'TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 1 }]);
    capture.charger([3, 'c', { status: 'Accepted' }]).charger([3, 'b', { status: 'Rejected' }]);
    capture.charger([3, 'a', { status: 'Accepted' }]);
    const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
    capture.call('2', 'StatusNotification', status).result('2', {});
    capture
      .call('3', 'StartTransaction', { ...start(), connectorId: 2, idTag: 'APP' })
      .result('3', started(6));
    capture
      .csms([2, 'd', 'RemoteStopTransaction', { transactionId: 6 }])
      .charger([3, 'd', { status: 'Accepted' }]);
    return capture.call('4', 'StopTransaction', stop(6)).result('4', {}).event('cp-fin');
  },
  reserved: (capture) => {
    capture
      .open('/ocpp/RESERVED')
      .call('1', ...BOOT)
      .result('1', BOOTED);
    const reservation = {
      reservationId: 9,
      connectorId: 1,
      expiryDate: '2026-11-23T09:00:00Z',
      idTag: 'TAG',
    };
    capture
      .pause(6_000)
      .csms([2, 'r', 'ReserveNow', reservation])
      .charger([3, 'r', { status: 'Accepted' }]);
    capture.call('2', 'StartTransaction', { ...start(), reservationId: 9 }).result('2', started(9));
    return capture.call('3', 'StopTransaction', stop(9)).result('3', {}).event('cp-fin');
  },
  'never-ends': (capture) =>
    capture
      .open('/ocpp/NO-END')
      .call('1', ...BOOT)
      .result('1', BOOTED)
      .call('2', 'StartTransaction', start()),
};

/** Writes them all into a folder as NAME.jsonl and NAME.wire.log; gives their files without an ending. */
export function writeHostileCaptures(folder: string): string[] {
  return Object.entries(CAPTURES).map(([name, say]) => {
    const file = join(folder, name);
    say(new CaptureWriter()).write(file);
    return file;
  });
}
