import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** An authority's key that OpenSSL has nothing to do with. */
const WEAK_ALGORITHM = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ...{ modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
};

/** When a certificate begins and ceases to hold. */
interface Validity {
  notBefore: Date;
  notAfter: Date;
}

const LASTING: Validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2060-01-01') };

/** A certificate authority on another library than the product's: its root, and certificates for signing requests. */
export interface CertificateAuthority {
  /** PEM. */
  root: string;
  certificate: X509Certificate;
  /** A certificate for a PKCS#10 request in PEM, which must be signed by the key that it holds. */
  sign(csr: string, validity?: Validity): Promise<string>;
}

/** Makes an authority with a key of its own; its serial number begins with a zero byte. */
export async function certificateAuthority(
  name: string,
  { isWeak = false } = {},
): Promise<CertificateAuthority> {
  const signingAlgorithm = isWeak ? WEAK_ALGORITHM : ALGORITHM;
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...LASTING,
    serialNumber: '008f01',
    name: `CN=${name}, O=Test`,
    signingAlgorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  return {
    root: certificate.toString('pem'),
    certificate,
    async sign(csr, validity = LASTING) {
      const request = await readRequest(csr);
      const made = await X509CertificateGenerator.create({
        ...validity,
        serialNumber: '02',
        subject: request.subject,
        issuer: certificate.subject,
        signingAlgorithm,
        publicKey: request.publicKey,
        signingKey: keys.privateKey,
      });
      return made.toString('pem');
    },
  };
}

/** A PKCS#10 request in PEM; rejects when its signature is not that of the key in it. */
export async function readRequest(csr: string): Promise<Pkcs10CertificateRequest> {
  const request = new Pkcs10CertificateRequest(csr);
  if (!(await request.verify())) throw new Error('The signing request is not signed by its own key.');
  return request;
}
