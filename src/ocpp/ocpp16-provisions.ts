import { X509Certificate } from 'node:crypto';
import { isObject, type Json, valueAt } from './json.ts';
import type { Exchanged, Provision } from './protocol.ts';

/** What an exchange shows of the settings and certificates that the CSMS gave to a charger (OCPP 1.6 §5.3; Security Whitepaper §4, §5). */
export function provisions({ action, call, result }: Exchanged): Provision[] {
  const isAccepted = ['Accepted', 'RebootRequired'].includes(textAt(result, 'status'));
  if (!isAccepted) return [];
  switch (action) {
    case 'ChangeConfiguration':
      return [{ kind: 'setting', key: textAt(call, 'key'), value: textAt(call, 'value') }];
    case 'InstallCertificate':
      return [certificate(subjectOf(textAt(call, 'certificate')), textAt(call, 'certificateType'))];
    case 'CertificateSigned':
      return [certificate(subjectOf(textAt(call, 'certificateChain')), 'ChargePointCertificate')];
    case 'GetInstalledCertificateIds':
      return installed(result).map((serial) => certificate(serial, textAt(call, 'certificateType')));
    default:
      return [];
  }
}

function certificate(name: string, use: string): Provision {
  return { kind: 'certificate', certificate: name, use };
}

function installed(result: Json): string[] {
  const hashes = valueAt(result, ['certificateHashData']);
  return (Array.isArray(hashes) ? hashes : [])
    .filter(isObject)
    .map((hash) => `serial number ${textAt(hash, 'serialNumber')}`);
}

/** Subject of the first certificate of a PEM text. */
function subjectOf(pem: string): string {
  try {
    return new X509Certificate(pem).subject.split('\n').join(', ');
  } catch {
    return 'not readable';
  }
}

function textAt(payload: Json, field: string): string {
  const value = valueAt(payload, [field]);
  return typeof value === 'string' ? value : '';
}
