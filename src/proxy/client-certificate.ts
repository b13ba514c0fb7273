import type { X509Certificate } from 'node:crypto';

/** How the verified certificate of a charger is told to the CSMS: as RFC 9440 has it, as Envoy, or as ingress-nginx names it. */
export type ClientCertificateHeader = 'rfc9440' | 'xfcc' | 'nginx';

const NAMES: Record<ClientCertificateHeader, readonly string[]> = {
  rfc9440: ['client-cert', 'client-cert-chain'],
  xfcc: ['x-forwarded-client-cert'],
  nginx: ['ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn', 'ssl-client-cert'],
};

const ALL_NAMES = new Set(Object.values(NAMES).flat());

/** Whether a header (lower case) claims a client certificate in one of the ways that are known: nobody but us may. */
export function claimsClientCertificate(name: string): boolean {
  return ALL_NAMES.has(name);
}

/** The headers that tell a verified certificate. */
export function clientCertificateHeaders(
  how: ClientCertificateHeader,
  certificate: X509Certificate,
): [name: string, value: string][] {
  const pem = encodeURIComponent(certificate.toString());
  switch (how) {
    case 'rfc9440':
      return [['Client-Cert', `:${certificate.raw.toString('base64')}:`]];
    case 'xfcc': {
      const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
      const subject = distinguishedName(certificate.subject).replace(/["\\]/g, '\\$&');
      return [['X-Forwarded-Client-Cert', `Hash=${hash};Cert="${pem}";Subject="${subject}"`]];
    }
    case 'nginx':
      return [
        ['ssl-client-verify', 'SUCCESS'],
        ['ssl-client-subject-dn', distinguishedName(certificate.subject)],
        ['ssl-client-issuer-dn', distinguishedName(certificate.issuer)],
        ['ssl-client-cert', pem],
      ];
  }
}

/** A name as RFC 2253 writes it: the last part first. Latin1 only, since it stands in a header. */
function distinguishedName(name: string): string {
  const text = name.split('\n').reverse().join(',');
  return [...text].map((sign) => (sign > '~' || sign < ' ' ? '?' : sign)).join('');
}
