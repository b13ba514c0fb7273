import { isIP } from 'node:net';
import type { ListenAddress } from './url.ts';

/** Who connected to whom, as a load balancer tells it; null when it speaks for itself (a health check) or does not know. */
export type ProxiedPeers = { source: ListenAddress; destination: ListenAddress } | null;

/** What the first bytes of a connection say: a PROXY header of this many bytes, none, or too few to tell. */
export type ProxyHeader =
  | { kind: 'header'; length: number; peers: ProxiedPeers }
  | { kind: 'none' }
  | { kind: 'more' };

const V1 = Buffer.from('PROXY ');
const V2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const MAX_V1 = 107;
const NONE: ProxyHeader = { kind: 'none' };
const MORE: ProxyHeader = { kind: 'more' };

/** Reads a header of version 1 or 2 (haproxy.org, proxy-protocol.txt §2). */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (isStartOf(bytes, V2)) return bytes.length < 16 ? MORE : readV2(bytes);
  if (!isStartOf(bytes, V1)) return NONE;
  const end = bytes.indexOf('\r\n');
  if (end < 0) return bytes.length < MAX_V1 ? MORE : NONE;
  return readV1(bytes.toString('latin1', 0, end), end + 2);
}

/** Writes a header; peers of different families, and unknown ones, are told as unknown. */
export function proxyHeader(version: 1 | 2, peers: ProxiedPeers): Buffer {
  const family = peers === null ? 0 : isIP(peers.source.host);
  const known = peers !== null && family !== 0 && family === isIP(peers.destination.host) ? peers : null;
  return version === 1 ? writeV1(known, family) : writeV2(known, family);
}

function readV1(line: string, length: number): ProxyHeader {
  const [, family, source, destination, sourcePort, destinationPort] = line.split(' ');
  if (family === 'UNKNOWN') return { kind: 'header', length, peers: null };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0;
  if (version === 0 || isIP(source ?? '') !== version || isIP(destination ?? '') !== version) return NONE;
  if (![sourcePort, destinationPort].every((port) => /^\d{1,5}$/.test(port ?? ''))) return NONE;
  return {
    kind: 'header',
    length,
    peers: {
      source: { host: source ?? '', port: Number(sourcePort) },
      destination: { host: destination ?? '', port: Number(destinationPort) },
    },
  };
}

function readV2(bytes: Buffer): ProxyHeader {
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const length = 16 + bytes.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 15) > 1) return NONE;
  if (bytes.length < length) return MORE;
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if ((command & 15) === 0 || size === 0) return { kind: 'header', length, peers: null };
  if (length < 16 + 2 * size + 4) return NONE;
  const host = (at: number) => hostOf(bytes.subarray(at, at + size));
  const ports = 16 + 2 * size;
  return {
    kind: 'header',
    length,
    peers: {
      source: { host: host(16), port: bytes.readUInt16BE(ports) },
      destination: { host: host(16 + size), port: bytes.readUInt16BE(ports + 2) },
    },
  };
}

function writeV1(peers: ProxiedPeers, family: number): Buffer {
  if (peers === null) return Buffer.from('PROXY UNKNOWN\r\n');
  const { source, destination } = peers;
  return Buffer.from(
    `PROXY TCP${family} ${source.host} ${destination.host} ${source.port} ${destination.port}\r\n`,
  );
}

function writeV2(peers: ProxiedPeers, family: number): Buffer {
  if (peers === null) return Buffer.concat([V2, Buffer.from([0x20, 0, 0, 0])]);
  const { source, destination } = peers;
  const addresses = Buffer.concat([bytesOf(source.host), bytesOf(destination.host), Buffer.alloc(4)]);
  addresses.writeUInt16BE(source.port, addresses.length - 4);
  addresses.writeUInt16BE(destination.port, addresses.length - 2);
  const head = Buffer.from([0x21, family === 4 ? 0x11 : 0x21, 0, addresses.length]);
  return Buffer.concat([V2, head, addresses]);
}

function isStartOf(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.subarray(0, length).equals(signature.subarray(0, length));
}

/** Four bytes as dotted numbers, sixteen as groups in the shortest form. */
function hostOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function bytesOf(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from(host.split('.').map(Number));
  const full = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [left = '', right] = full.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = right === undefined ? 0 : 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array<string>(missing).fill('0'), ...groups(right ?? '')];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
