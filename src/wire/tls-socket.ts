import type { X509Certificate } from 'node:crypto';
import type net from 'node:net';
import tls from 'node:tls';
import type { TlsFacts } from '../session/connection.ts';

/** How to speak TLS to a server: what is trusted, and the certificate of one's own. */
export interface ClientTls {
  context: tls.SecureContext;
  /** Take any certificate, whoever issued it and whatever its name. */
  insecure?: boolean;
  /** Name to ask for (SNI) and to check the certificate against, where it is not the host that is dialled. */
  servername?: string;
  /** The same with another certificate of one's own. Throws what OpenSSL says of a broken one. */
  showing: (own: OwnCertificate) => ClientTls;
}

/** A certificate with its chain, and its private key: PEM texts. */
export interface OwnCertificate {
  cert: string | Buffer;
  key: string | Buffer;
}

/** PEM texts; without `ca` the system of Node trusts the usual roots. */
export interface ClientCredentials extends Partial<OwnCertificate> {
  ca?: string | Buffer | (string | Buffer)[];
}

/** Makes TLS towards a server of PEM texts. Throws what OpenSSL says of a broken one. */
export function clientTls(
  credentials: ClientCredentials = {},
  how: Pick<ClientTls, 'insecure' | 'servername'> = {},
): ClientTls {
  return {
    ...how,
    context: tls.createSecureContext(credentials),
    showing: (own) => clientTls({ ...credentials, ...own }, how),
  };
}

/** The TCP socket under each socket with TLS, which side of TLS it is, and the other side's certificate: Node 24 gives that only once. */
const UNDER = new WeakMap<net.Socket, { raw: net.Socket; isServer: boolean; peer?: X509Certificate }>();

/** Begins TLS as a client over a connected socket; `secureConnect` tells when the server's certificate has been accepted. */
export function secureAsClient(
  raw: net.Socket,
  host: string,
  { context, insecure, servername }: ClientTls,
): tls.TLSSocket {
  const name = servername ?? (isAddress(host) ? '' : host);
  const secured = tls.connect({
    socket: raw,
    secureContext: context,
    rejectUnauthorized: insecure !== true,
    host: servername ?? host,
    servername: name,
  });
  return over(raw, secured, false);
}

/** Begins TLS as a server over a socket that was accepted; bytes put back into it (`unshift`) are read first. */
export function secureAsServer(raw: net.Socket, options: tls.TLSSocketOptions): tls.TLSSocket {
  return over(raw, new tls.TLSSocket(raw, { ...options, isServer: true }), true);
}

/** Ends a TCP connection with a reset, through TLS if there is any: a TLSSocket cannot do it itself. */
export function resetSocket(socket: net.Socket): void {
  (UNDER.get(socket)?.raw ?? socket).resetAndDestroy();
}

/** What TLS negotiated on a socket; null without TLS, and before the handshake is over. */
export function tlsFactsOf(socket: net.Socket): TlsFacts | null {
  if (!isSecured(socket)) return null;
  const protocol = socket.getProtocol();
  if (protocol === null) return null;
  const peer = peerCertificateOf(socket);
  const { servername } = socket as { servername?: string | false };
  return {
    protocol,
    cipher: socket.getCipher().name,
    servername: servername || null,
    resumed: socket.isSessionReused(),
    verified: peer !== null && isVerified(socket),
    peerSubject: peer ? peer.subject.split('\n').join(', ') : null,
    peerFingerprint: peer?.fingerprint256 ?? null,
  };
}

/** The certificate that the other side of a socket has shown; null without TLS, and when it showed none. */
export function peerCertificateOf(socket: net.Socket): X509Certificate | null {
  const under = UNDER.get(socket);
  if (!under || !isSecured(socket)) return null;
  const peer = under.peer ?? socket.getPeerX509Certificate();
  if (peer) under.peer = peer;
  return peer ?? null;
}

/** The peer's certificate, if it showed one that a trusted authority issued; null otherwise. */
export function verifiedCertificateOf(socket: net.Socket): X509Certificate | null {
  if (!isSecured(socket) || !isVerified(socket)) return null;
  return peerCertificateOf(socket);
}

/** Whether OpenSSL accepted the peer's chain (and a client its server's name): Node asks a server's socket only inside its own tls.Server. */
function isVerified(socket: tls.TLSSocket & { ssl?: { verifyError(): Error | null } }): boolean {
  return UNDER.get(socket)?.isServer ? socket.ssl?.verifyError() === null : socket.authorized;
}

function isSecured(socket: net.Socket): socket is tls.TLSSocket {
  return UNDER.has(socket);
}

function over(raw: net.Socket, secured: tls.TLSSocket, isServer: boolean): tls.TLSSocket {
  UNDER.set(secured, { raw, isServer });
  raw.on('error', () => {});
  return secured;
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}
