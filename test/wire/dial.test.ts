import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DialError, type Dialling, dial } from '../../src/wire/dial.ts';
import { clientTls, resetSocket, secureAsServer, tlsFactsOf } from '../../src/wire/tls-socket.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { RawPeer } from '../support/raw-peer.ts';

let ca: Authority;
let server: Identity;
let client: Identity;
beforeAll(async () => {
  ca = await authority();
  [server, client] = await Promise.all([ca.issue('csms.example'), ca.issue('SN-1', { organization: 'CPO' })]);
});

/** What a TLS server of its own makes of one connection. */
interface Accepted {
  peer: RawPeer;
  raw: net.Socket;
}

let listener: net.Server;
let accepted: Promise<Accepted>;
let firstBytes: Buffer;
let options: tls.TLSSocketOptions;

beforeEach(async () => {
  options = { secureContext: tls.createSecureContext({ ...server, ca: ca.cert }) };
  listener = net.createServer({ allowHalfOpen: true });
  accepted = new Promise((resolve) => {
    listener.on('connection', (raw) => {
      firstBytes = Buffer.alloc(0);
      const onData = (chunk: Buffer) => {
        firstBytes = Buffer.concat([firstBytes, chunk]);
        const hello = firstBytes.indexOf(0x16);
        if (hello < 0) return;
        raw.off('data', onData).pause();
        raw.unshift(firstBytes.subarray(hello));
        resolve({ raw, peer: new RawPeer(secureAsServer(raw, options)) });
      };
      raw.on('data', onData);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  listener.close();
});

const dialling = (how: Partial<Dialling> = {}): Dialling => ({
  host: '127.0.0.1',
  port: (listener.address() as net.AddressInfo).port,
  timeoutMs: 5_000,
  tls: clientTls({ ca: ca.cert }),
  ...how,
});

const failure = (how: Partial<Dialling>): Promise<DialError> =>
  dial(dialling(how)).then(
    () => Promise.reject(new Error('was accepted')),
    (error) => error,
  );

describe('dial with TLS', () => {
  it('gives a socket whose server is trusted, and says what was negotiated', async () => {
    options.requestCert = true;
    const socket = await dial(dialling({ tls: clientTls({ ca: ca.cert, ...client }) }));
    const { peer } = await accepted;
    socket.write('hello');
    expect((await peer.receive(5)).toString()).toBe('hello');
    expect(tlsFactsOf(socket)).toMatchObject({
      protocol: 'TLSv1.3',
      verified: true,
      peerSubject: 'CN=csms.example',
    });
    expect(tlsFactsOf(peer.socket)).toMatchObject({
      verified: true,
      peerSubject: 'CN=SN-1, O=CPO',
      servername: null,
    });
    expect(tlsFactsOf(peer.socket)?.peerFingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    socket.destroy();
    peer.socket.destroy();
  });

  it('asks for the name that it checks, and sends a preface ahead of TLS', async () => {
    const tlsAs = clientTls({ ca: ca.cert }, { servername: 'csms.example' });
    const socket = await dial(dialling({ tls: tlsAs, preface: Buffer.from('PROXY UNKNOWN\r\n') }));
    const { peer } = await accepted;
    expect(firstBytes.toString('latin1', 0, 15)).toBe('PROXY UNKNOWN\r\n');
    expect(tlsFactsOf(peer.socket)?.servername).toBe('csms.example');
    socket.destroy();
    peer.socket.destroy();
  });

  it('refuses a server that is not trusted, or is another, unless told to take any', async () => {
    expect(await failure({ tls: clientTls() })).toMatchObject({
      reason: 'tls',
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
    });
    const other = clientTls({ ca: ca.cert }, { servername: 'other.example' });
    expect(await failure({ tls: other })).toMatchObject({
      reason: 'tls',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const socket = await dial(dialling({ tls: clientTls({}, { insecure: true }) }));
    expect(tlsFactsOf(socket)).toMatchObject({ verified: false, peerSubject: 'CN=csms.example' });
    socket.destroy();
  });

  it('passes a half-close, and a reset behind the bytes before it', async () => {
    const socket = await dial(dialling());
    const own = new RawPeer(socket);
    const { peer } = await accepted;
    socket.end();
    expect(await peer.ended()).toBe('fin');
    peer.socket.write('late', () => resetSocket(peer.socket));
    expect((await own.receive(4)).toString()).toBe('late');
    expect(await own.ended()).toBe('reset');
  });

  it('tells silence, a plain server, an end and a reset in the handshake apart', async () => {
    const outcomes: string[] = [];
    for (const act of ['silence', 'plain', 'end', 'reset'] as const) {
      const odd = net.createServer((raw) => {
        raw.on('error', () => {});
        raw.once('data', () => {
          if (act === 'plain') raw.write('HTTP/1.1 400 Bad Request\r\n\r\n');
          if (act === 'end') raw.end();
          if (act === 'reset') raw.resetAndDestroy();
        });
      });
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
      const { port } = odd.address() as net.AddressInfo;
      outcomes.push((await failure({ port, tlsTimeoutMs: act === 'silence' ? 50 : 5_000 })).reason);
      odd.close();
    }
    expect(outcomes).toEqual(['timeout', 'tls', 'tls', 'reset']);
  });
});
