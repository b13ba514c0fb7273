import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order; null when there are none, or one that cannot be read. */
export function readChain(pem: string): X509Certificate[] | null {
  const texts = pem.match(PEM);
  if (!texts) return null;
  try {
    return texts.map((text) => new X509Certificate(text));
  } catch {
    return null;
  }
}

/** Whether each certificate is signed by the next one, and all hold at this time, ms since the epoch (RFC 5280 §6.1). */
export function isSound(chain: readonly X509Certificate[], nowMs: number): boolean {
  return chain.every((certificate, at) => {
    const issuer = chain[at + 1];
    return holds(certificate, nowMs) && (issuer === undefined || isIssuedBy(certificate, issuer));
  });
}

/** Whether a certificate vouches for itself, as a root does. */
export function isRoot(certificate: X509Certificate): boolean {
  return isIssuedBy(certificate, certificate);
}

/** Whether this issuer has signed the certificate. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function holds({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean {
  return validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime();
}
