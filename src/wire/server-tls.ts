import { createHash } from 'node:crypto';
import tls from 'node:tls';

/** PEM texts of what a TLS server shows and trusts. */
export interface ServerCredentials {
  /** One of each kind of key (RSA, EC): the client's cipher suites decide which is shown. */
  certificates: readonly { cert: Buffer | string; key: Buffer | string }[];
  /** Authorities of client certificates; none is asked for without. */
  clientCa?: Buffer | string | undefined;
  /** Whether a client must show a certificate. */
  clientCertificate?: 'require' | 'request';
  /** Also speak TLS 1.0 and 1.1, for clients that cannot do better. */
  legacy?: boolean;
  /** 48 bytes that session tickets are sealed with, so that they outlive new certificates. */
  ticketKeys: Buffer;
}

/** TLS 1.0 needs more than its version: its signatures are below the security level of OpenSSL's defaults. */
const LEGACY_CIPHERS = 'DEFAULT:@SECLEVEL=0';

/** TLS as a server, of PEM texts. Throws what OpenSSL says of a broken one, and of a key that is not the certificate's. */
export function serverTls(credentials: ServerCredentials): tls.TLSSocketOptions {
  const { certificates, clientCa, clientCertificate, legacy, ticketKeys } = credentials;
  const secureContext = tls.createSecureContext({
    cert: certificates.map(({ cert }) => cert),
    key: certificates.map(({ key }) => key),
    ticketKeys,
    sessionIdContext: createHash('sha256').update(ticketKeys).digest('hex').slice(0, 32),
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    ...(legacy ? { minVersion: 'TLSv1', ciphers: LEGACY_CIPHERS } : {}),
  });
  return {
    secureContext,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCertificate === 'require',
  };
}
