import { createHash, type X509Certificate } from 'node:crypto';
import { type BitString, fromBER, type Sequence } from 'asn1js';
import { type Json, type JsonObject, valueAt } from '../ocpp/json.ts';
import { isIssuedBy, isRoot, isSound, readChain } from './certificate-chain.ts';

/** What a CSMS wants chargers to trust (Security Whitepaper §5.2). */
export type RootUse = 'CentralSystemRootCertificate' | 'ManufacturerRootCertificate';

/** By the names that OCPP has for them. */
const HASHES: Readonly<Record<string, string>> = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' };

/** The root certificates that a charger was given. */
export class CertificateStore {
  #roots: { use: RootUse; certificate: X509Certificate }[] = [];

  /** Takes a root certificate in PEM; `room` is how many there may be. The status of InstallCertificate. */
  install(use: RootUse, pem: string, { nowMs, room }: { nowMs: number; room: number }): string {
    const chain = readChain(pem);
    const [certificate] = chain ?? [];
    if (!chain || !certificate || chain.length > 1) return 'Rejected';
    if (!isSound(chain, nowMs) || !isRoot(certificate)) return 'Rejected';
    const isThere = this.#rootsFor(use).some((root) => root.raw.equals(certificate.raw));
    if (isThere) return 'Accepted';
    if (this.#roots.length >= room) return 'Rejected';
    this.#roots.push({ use, certificate });
    return 'Accepted';
  }

  /** The hashes of what is installed for a use, in the order of installing. */
  hashes(use: RootUse): JsonObject[] {
    return this.#rootsFor(use).map((certificate) => hashesOf(certificate, 'SHA256'));
  }

  /** Takes away what has these hashes; whether there was such a one. */
  delete(hashData: Json): boolean {
    const algorithm = String(valueAt(hashData, ['hashAlgorithm']));
    if (HASHES[algorithm] === undefined) return false;
    const wanted = comparable(hashData);
    const kept = this.#roots.filter(
      ({ certificate }) => comparable(hashesOf(certificate, algorithm)) !== wanted,
    );
    const isFound = kept.length < this.#roots.length;
    this.#roots = kept;
    return isFound;
  }

  /** Whether a chain ends at a root of this use; true while there is none to judge by. */
  vouchesFor(chain: readonly X509Certificate[], use: RootUse): boolean {
    const roots = this.#rootsFor(use);
    const last = chain.at(-1);
    return last !== undefined && (roots.length === 0 || roots.some((root) => isIssuedBy(last, root)));
  }

  #rootsFor(use: RootUse): X509Certificate[] {
    return this.#roots.filter((root) => root.use === use).map(({ certificate }) => certificate);
  }
}

/** CertificateHashData of a root certificate, which is its own issuer (OCSP's CertID, RFC 6960 §4.1.1). */
function hashesOf(certificate: X509Certificate, hashAlgorithm: string): JsonObject {
  const hashed = (bytes: Uint8Array) => createHash(HASHES[hashAlgorithm]!).update(bytes).digest('hex');
  return {
    hashAlgorithm,
    issuerNameHash: hashed(issuerName(certificate)),
    issuerKeyHash: hashed(keyBits(certificate)),
    serialNumber: certificate.serialNumber.replace(/^0+(?=.)/, '').toLowerCase(),
  };
}

/** The issuer of a certificate in DER: the field behind version, serial number and algorithm (RFC 5280 §4.1). */
function issuerName({ raw }: X509Certificate): Uint8Array {
  const [body] = fieldsOf(raw);
  const fields = (body as Sequence).valueBlock.value;
  const isVersioned = fields[0]?.idBlock.tagClass === 3;
  return fields[isVersioned ? 3 : 2]!.valueBeforeDecodeView;
}

/** The bits of a certificate's public key, without algorithm, tag and length. */
function keyBits({ publicKey }: X509Certificate): Uint8Array {
  const [, bits] = fieldsOf(publicKey.export({ type: 'spki', format: 'der' }));
  return (bits as BitString).valueBlock.valueHexView;
}

function fieldsOf(der: Buffer): Sequence['valueBlock']['value'] {
  return (fromBER(new Uint8Array(der)).result as Sequence).valueBlock.value;
}

/** Hex is compared without case and leading zeros. */
function comparable(hashData: Json): string {
  const hex = (field: string) =>
    String(valueAt(hashData, [field]))
      .toLowerCase()
      .replace(/^0+(?=.)/, '');
  return ['issuerNameHash', 'issuerKeyHash', 'serialNumber'].map(hex).join(' ');
}
