import { randomBytes } from 'node:crypto';
import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EntranceRules } from '../../src/proxy/entrance.ts';
import { forwardingOf } from '../../src/proxy/forwarding.ts';
import { AddressList } from '../../src/wire/address-list.ts';
import { proxyHeader } from '../../src/wire/proxy-protocol.ts';
import { type ServerCredentials, serverTls } from '../../src/wire/server-tls.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { type RawPeer, rawClient, rawServer } from '../support/raw-peer.ts';
import { REQUEST, RESPONSE, type TunnelBench, tunnelBench } from '../support/tunnel-bench.ts';

let ca: Authority;
let rsa: Identity;
let ec: Identity;
let chargerCertificate: Identity;
let stranger: Identity;
beforeAll(async () => {
  ca = await authority();
  [rsa, ec, chargerCertificate, stranger] = await Promise.all([
    ca.issue('csms.example', { keyType: 'rsa' }),
    ca.issue('csms.example'),
    ca.issue('SN-1', { organization: 'CPO' }),
    authority('Somebody else').then((other) => other.issue('SN-1')),
  ]);
});

let bench: TunnelBench;
let ticketKeys: Buffer;
let peers: RawPeer[] = [];
afterEach(() => leave());

async function leave(): Promise<void> {
  for (const { raw } of peers) raw.destroy();
  peers = [];
  await bench.close();
}

/** A proxy whose chargers' port is as given. */
async function enter(rules: Partial<EntranceRules>, options = {}): Promise<void> {
  bench = await tunnelBench({ entrance: rules, lastWordsMs: 50, ...options });
}

const secured = (how: Partial<ServerCredentials> = {}): (() => tls.TLSSocketOptions) => {
  ticketKeys = randomBytes(48);
  const options = serverTls({ certificates: [rsa, ec], ticketKeys, ...how });
  return () => options;
};

/** A connection to the proxy, over TLS if options for it are given. */
async function connect(how?: tls.ConnectionOptions): Promise<RawPeer> {
  const peer = await rawClient(bench.proxy.address.port, how);
  peers.push(peer);
  return peer;
}

const charger = (how: tls.ConnectionOptions = {}): Promise<RawPeer> => connect({ ca: ca.cert, ...how });

/** The only connection, once it is over. */
const row = async () => {
  await bench.recorder.until(({ connections }) => (connections[0]?.closedId ?? null) !== null);
  return bench.recorder.connections[0];
};

/** A WebSocket of this charger; gives the head that the CSMS got. */
async function open(peer: RawPeer, request = REQUEST): Promise<{ csms: RawPeer; head: string }> {
  peer.send(request);
  const csms = await bench.server.accept();
  const head = await csms.receiveHead();
  csms.send(RESPONSE);
  await peer.receive(RESPONSE.length);
  peer.skip(RESPONSE.length);
  return { csms, head };
}

describe('TLS to chargers', () => {
  it.each([
    ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['TLSv1.2', 'AES128-GCM-SHA256'],
    ['TLSv1.2', 'AES256-GCM-SHA384'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
  ] as const)('speaks %s with %s, and has it on record', async (protocol, cipher) => {
    await enter({ tls: secured() });
    const ciphers = protocol === 'TLSv1.2' ? { ciphers: cipher } : {};
    const peer = await charger({ ...ciphers, maxVersion: protocol, servername: 'csms.example' });
    const { head } = await open(peer);
    expect(head).toBe(REQUEST);
    expect(bench.recorder.connections[0]).toMatchObject({
      status: 101,
      chargerTls: {
        protocol,
        cipher,
        servername: 'csms.example',
        resumed: false,
        verified: false,
        peerSubject: null,
      },
      csmsTls: null,
    });
  });

  it('speaks TLS 1.0 only when told to', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' } as const;
    await enter({ tls: secured() });
    await expect(charger(old)).rejects.toThrow(/alert|disconnected|protocol version/i);
    expect(await row()).toMatchObject({ session: null, endedBy: 'chargetape', ending: 'refused' });
    await leave();
    await enter({ tls: secured({ legacy: true }) });
    await open(await charger(old));
    expect(bench.recorder.connections[0]?.chargerTls).toMatchObject({
      protocol: 'TLSv1',
      cipher: 'AES128-SHA',
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes a %s session, also under a new certificate',
    async (maxVersion) => {
      let options = secured({ clientCa: ca.cert })();
      await enter({ tls: () => options }, { forwarding: forwardingOf(telling('rfc9440')) });
      const first = await charger({ maxVersion, ...chargerCertificate });
      const secure = first.socket as tls.TLSSocket;
      const ticket = new Promise<Buffer>((resolve) => secure.once('session', resolve));
      const { csms } = await open(first);
      csms.send('\x82\x00');
      const session = maxVersion === 'TLSv1.2' ? secure.getSession() : await ticket;
      options = serverTls({ certificates: [await ca.issue('csms.example')], ticketKeys, clientCa: ca.cert });
      const second = await charger({ maxVersion, session });
      const { head } = await open(second);
      expect((second.socket as tls.TLSSocket).isSessionReused()).toBe(true);
      expect(bench.recorder.connections[1]?.chargerTls).toMatchObject({
        resumed: true,
        verified: true,
        peerSubject: 'CN=SN-1, O=CPO',
      });
      expect(head).toContain('\r\nClient-Cert: :');
    },
  );

  it('survives a charger that wants to negotiate again', async () => {
    await enter({ tls: secured() });
    const peer = await charger({ maxVersion: 'TLSv1.2' });
    const { csms } = await open(peer);
    const again = (peer.socket as tls.TLSSocket).renegotiate({}, () => {});
    expect(again).toBe(true);
    peer.send('\x82\x80\x00\x00\x00\x00');
    await Promise.race([peer.ended(), csms.receive(6)]);
    await open(await charger());
  });

  it('answers plain HTTP in words, and ends anything else that is no TLS', async () => {
    await enter({ tls: secured() });
    const plain = await connect();
    plain.send(REQUEST);
    expect(await plain.ended()).toBe('fin');
    expect(plain.received.toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*wss:\/\//);
    expect(await row()).toMatchObject({
      kind: 'other',
      session: null,
      endedBy: 'chargetape',
      ending: 'refused',
      closeReason: 'No TLS, on a port for TLS.',
    });
    const garbage = await connect();
    garbage.send('\x00\x01\x02');
    expect(await garbage.ended()).toBe('fin');
    expect(garbage.received).toHaveLength(0);
    expect(bench.proxy.stats().turnedAway).toBe(2);
    expect(bench.events.map(({ kind }) => kind)).toContain('turned-away');
  });

  it.each([
    ['sends nothing', ''],
    ['sends half a hello', '\x16\x03\x01\x02\x00\x01\x00'],
    ['sends a hello and no more', null],
  ])('lets a charger that %s take only so long', async (_, bytes) => {
    await enter({ tls: secured(), handshakeTimeoutMs: 60 });
    const slow = await connect();
    slow.send(bytes ?? (await wholeHello()));
    await slow.ended();
    expect(await row()).toMatchObject({ endedBy: 'chargetape', ending: 'timeout', status: null });
    expect(bench.proxy.stats()).toMatchObject({ turnedAway: 1, open: 0 });
  });

  it('puts a reset, a FIN and a bad record in the handshake on record', async () => {
    await enter({ tls: secured() });
    const hello = await wholeHello();
    const acts: ((peer: RawPeer) => void)[] = [
      (peer) => peer.reset(),
      (peer) => peer.socket.end(),
      (peer) => peer.send('\x17\x03\x03\x00\x05hello'),
    ];
    for (const act of acts) {
      const peer = await connect();
      peer.send(hello);
      await peer.until(() => peer.received.length > 0);
      act(peer);
      await bench.recorder.until(() => bench.proxy.stats().turnedAway === acts.indexOf(act) + 1);
    }
    const ends = bench.recorder.connections.map(({ endedBy, ending }) => `${endedBy} ${ending}`);
    expect(ends).toEqual(['charger reset', 'charger fin', 'chargetape refused']);
  });

  it('survives 300 spoilt handshakes, bounds each, and goes on', async () => {
    await enter({ tls: secured(), handshakeTimeoutMs: 300 });
    const hello = await wholeHello();
    const spoilt = async (seed: number) => {
      const bytes = Buffer.concat([hello, Buffer.alloc(seed % 50, seed)]);
      for (let i = 0; i < 1 + (seed % 5); i++) bytes[(seed * 7919 + i * 104_729) % bytes.length] = seed & 255;
      const peer = await connect();
      peer.send(bytes.subarray(0, seed % 3 === 0 ? (seed * 31) % bytes.length : bytes.length));
      await peer.until(() => peer.ending !== null || peer.isClosed);
    };
    await Promise.all(Array.from({ length: 300 }, (_, seed) => spoilt(seed)));
    await bench.recorder.until(() => bench.proxy.stats().turnedAway === 300);
    expect(bench.proxy.stats()).toMatchObject({ faults: 0, open: 0 });
    await open(await charger());
  });

  it('ends those that are still shaking hands when it stops', async () => {
    await enter({ tls: secured() });
    const peer = await connect();
    peer.send('\x16\x03');
    await bench.proxy.close();
    await peer.ended();
    expect(bench.recorder.connections).toMatchObject([{ endedBy: 'chargetape', ending: 'stopped' }]);
  });
});

const telling = (clientCertificate: 'rfc9440') => ({
  server: { host: 'csms', port: 443, path: '' },
  rewritesHost: false,
  clientCertificate,
  forwards: false,
  trusted: new AddressList([]),
});

/** A ClientHello as Node sends it. */
async function wholeHello(): Promise<Buffer> {
  const server = await rawServer();
  const client = tls.connect({ port: server.port, host: '127.0.0.1' }).on('error', () => {});
  const peer = await server.accept();
  await peer.until(() => peer.received.length > 100);
  client.destroy();
  const hello = peer.received;
  await server.close();
  return hello;
}

describe('client certificates', () => {
  const forwarding = forwardingOf(telling('rfc9440'));

  it('are told to the CSMS when they are of a trusted authority, and nobody else may claim one', async () => {
    await enter({ tls: secured({ clientCa: ca.cert, clientCertificate: 'require' }) }, { forwarding });
    const peer = await charger(chargerCertificate);
    const claimed = REQUEST.replace('\r\n\r\n', '\r\nclient_cert: :AAAA:\r\nClient-Cert: :BBBB:\r\n\r\n');
    const { head } = await open(peer, claimed);
    const [, told = ''] = /\r\nClient-Cert: :([^:]+):\r\n\r\n$/.exec(head) ?? [];
    expect(Buffer.from(told, 'base64')).toEqual(derOf(chargerCertificate));
    expect(head.match(/client.cert/gi)).toHaveLength(1);
    expect(bench.recorder.connections[0]?.requestHead).toBe(claimed);
    expect(bench.recorder.connections[0]?.chargerTls).toMatchObject({
      verified: true,
      peerSubject: 'CN=SN-1, O=CPO',
    });
  });

  it('are required, of a trusted authority, unless they are only requested', async () => {
    await enter({ tls: secured({ clientCa: ca.cert, clientCertificate: 'require' }) }, { forwarding });
    for (const identity of [{}, stranger]) {
      const peer = await charger({ ...identity, maxVersion: 'TLSv1.3' }).catch(() => null);
      await peer?.ended();
    }
    await bench.recorder.until(({ connections }) => connections.filter((one) => one.closedId).length === 2);
    expect(bench.recorder.connections.map(({ closeReason }) => closeReason)).toEqual([
      'TLS handshake: ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE.',
      'The client certificate of CN=SN-1 is not of a trusted authority, or not valid.',
    ]);
    expect(bench.proxy.stats().turnedAway).toBe(2);
    await leave();

    await enter({ tls: secured({ clientCa: ca.cert, clientCertificate: 'request' }) }, { forwarding });
    for (const identity of [{}, stranger]) {
      const { head } = await open(await charger(identity));
      expect(head).not.toMatch(/client-cert/i);
    }
    expect(bench.recorder.connections.map(({ chargerTls }) => chargerTls?.verified)).toEqual([false, false]);
  });
});

function derOf({ cert }: Identity): Buffer {
  return Buffer.from(cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

describe('server names that stay unread', () => {
  it('pass to the CSMS with their TLS, end as they end, and are only counted', async () => {
    const unread = [{ serverName: /^.*\.private$/, to: null }];
    await enter({ tls: secured(), unread });
    const client = tls
      .connect({ port: bench.proxy.address.port, servername: 'X.private' })
      .on('error', () => {});
    const asCsms = await bench.server.accept();
    await asCsms.until(() => asCsms.received[0] === 0x16);
    asCsms.reset();
    await new Promise((resolve) => client.once('close', resolve));
    expect(bench.recorder.entries).toEqual([]);
    await leave();

    const csms = await rawServer({ secureContext: tls.createSecureContext(ec) });
    await enter({
      tls: secured(),
      unread: [{ serverName: /^.*\.private$/, to: { host: '127.0.0.1', port: csms.port } }],
    });
    const peer = await charger({ servername: 'X.private', checkServerIdentity: () => undefined });
    const other = await csms.accept();
    peer.send(REQUEST);
    expect(await other.receiveHead()).toBe(REQUEST);
    expect(bench.proxy.stats()).toMatchObject({ unrecorded: 1, open: 1 });
    other.send('bye');
    await peer.receive(3);
    peer.reset();
    expect(await other.ended()).toBe('reset');
    expect(bench.recorder.entries).toEqual([]);
    await open(await charger({ servername: 'csms.example' }));
    expect(bench.recorder.connections).toHaveLength(1);
    await csms.close();
  });
});

describe('PROXY headers', () => {
  const peers = {
    source: { host: '203.0.113.7', port: 40_000 },
    destination: { host: '198.51.100.1', port: 443 },
  };

  it.each([1, 2] as const)('of version %i tell who the charger is, and are passed on', async (version) => {
    await enter({ proxyProtocol: true });
    const peer = await connect();
    peer.send(Buffer.concat([proxyHeader(version, peers), Buffer.from(REQUEST)]));
    const csms = await bench.server.accept();
    expect((await csms.receive(REQUEST.length)).toString()).toBe(REQUEST);
    expect(bench.recorder.connections[0]?.chargerAddress).toBe('203.0.113.7:40000');
  });

  it.each([1, 2] as const)('of version %i go to the CSMS when asked for', async (version) => {
    const server = await rawServer();
    const upstream = { server: { host: '127.0.0.1', port: server.port, path: '' }, proxyProtocol: version };
    await enter({ proxyProtocol: true }, { upstream });
    const peer = await connect();
    const header = proxyHeader(version, peers);
    for (const byte of header) peer.send(Buffer.from([byte]));
    peer.send(REQUEST);
    const csms = await server.accept();
    expect(await csms.receive(header.length + REQUEST.length)).toEqual(
      Buffer.concat([header, Buffer.from(REQUEST)]),
    );
    await server.close();
  });

  it('come before TLS on both legs', async () => {
    const server = await rawServer();
    const upstream = {
      server: { host: '127.0.0.1', port: server.port, path: '', secure: true as const },
      proxyProtocol: 1 as const,
    };
    await enter({ proxyProtocol: true, tls: secured() }, { upstream });
    const raw = await connect();
    raw.send(proxyHeader(1, peers));
    raw.socket.removeAllListeners('data');
    const socket = tls.connect({ socket: raw.socket, ca: ca.cert });
    socket.on('error', () => {}).write(REQUEST);
    const csms = await server.accept();
    await csms.until(() => csms.received.includes(0x16));
    expect(csms.received.toString('latin1')).toMatch(
      /^PROXY TCP4 203\.0\.113\.7 198\.51\.100\.1 40000 443\r\n/,
    );
    socket.destroy();
    await server.close();
  });

  it('must come when they are asked for, but only from trusted proxies if there are any', async () => {
    await enter({ proxyProtocol: true });
    const peer = await connect();
    peer.send(REQUEST);
    await peer.ended();
    expect(await row()).toMatchObject({
      ending: 'refused',
      closeReason: 'No PROXY header, where one must come first.',
    });
    await leave();
    await enter({ proxyProtocol: true, trusted: new AddressList(['10.0.0.0/8']) });
    await open(await connect());
  });
});
