import { createECDH, createHash, createPrivateKey } from 'node:crypto';
import {
  BitString,
  Constructed,
  Integer,
  ObjectIdentifier,
  Sequence,
  Set as SetOf,
  Utf8String,
} from 'asn1js';

/** Order of P-256 (SEC 2 §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const CURVE = 'prime256v1';

const OID = {
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organizationName: '2.5.4.10',
} as const;

/** Who a certificate is asked for: the serial number of the charger, and its operator when that is known (Security Whitepaper §3). */
export interface Subject {
  commonName: string;
  organizationName: string | undefined;
}

/**
 * A charger's key pair on P-256. Key and signatures follow from a text, so that equal seeds give equal traffic: it proves that a CSMS does
 * its part, and is no secret to whoever knows that text. node:crypto can neither repeat a signature nor write a signing request.
 */
export class ChargerKey {
  readonly #secret: bigint;
  /** The point, uncompressed (SEC 1 §2.3.3). */
  readonly #point: Buffer;

  constructor(text: string) {
    this.#secret = scalarOf(text);
    this.#point = pointOf(this.#secret);
  }

  /** Whether this is the key of a public key, both as SubjectPublicKeyInfo in DER. */
  isOf(publicKey: Buffer): boolean {
    return publicKey.equals(Buffer.from(this.#publicKey().toBER()));
  }

  /** The private key in PEM, as TLS takes it (PKCS#8). */
  pem(): string {
    const jwk = {
      ...{ kty: 'EC', crv: 'P-256', d: bytesOfScalar(this.#secret).toString('base64url') },
      x: this.#point.toString('base64url', 1, 33),
      y: this.#point.toString('base64url', 33),
    };
    return createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** A PKCS#10 request for a certificate, in PEM (RFC 2986). */
  request({ commonName, organizationName }: Subject): string {
    const names = [
      ...(organizationName === undefined ? [] : [nameOf(OID.organizationName, organizationName)]),
      nameOf(OID.commonName, commonName),
    ];
    const noAttributes = new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [] });
    const info = new Sequence({
      value: [new Integer({ value: 0 }), new Sequence({ value: names }), this.#publicKey(), noAttributes],
    });
    const algorithm = new Sequence({ value: [new ObjectIdentifier({ value: OID.ecdsaWithSha256 })] });
    const signature = new BitString({ valueHex: this.#sign(Buffer.from(info.toBER())) });
    return pemOf('CERTIFICATE REQUEST', new Sequence({ value: [info, algorithm, signature] }));
  }

  #publicKey(): Sequence {
    const algorithm = [OID.ecPublicKey, OID.prime256v1].map((value) => new ObjectIdentifier({ value }));
    return new Sequence({
      value: [new Sequence({ value: algorithm }), new BitString({ valueHex: bytesOf(this.#point) })],
    });
  }

  /** ECDSA with SHA-256 (FIPS 186-5 §6.4), its nonce drawn from key and text as RFC 6979 has it in mind. */
  #sign(data: Buffer): ArrayBuffer {
    const hash = numberOf(createHash('sha256').update(data).digest());
    const nonce = scalarOf(`${this.#secret} ${hash}`);
    const r = numberOf(pointOf(nonce).subarray(1, 33)) % ORDER;
    const s = (inverseOf(nonce) * ((hash + r * this.#secret) % ORDER)) % ORDER;
    return new Sequence({ value: [Integer.fromBigInt(r), Integer.fromBigInt(s)] }).toBER();
  }
}

function nameOf(type: string, value: string): SetOf {
  const pair = new Sequence({ value: [new ObjectIdentifier({ value: type }), new Utf8String({ value })] });
  return new SetOf({ value: [pair] });
}

function pemOf(label: string, block: Sequence): string {
  const lines =
    Buffer.from(block.toBER())
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A number from 1 to the order, without bias that would matter. */
function scalarOf(text: string): bigint {
  return (numberOf(createHash('sha512').update(text).digest()) % (ORDER - 1n)) + 1n;
}

function pointOf(scalar: bigint): Buffer {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(bytesOfScalar(scalar));
  return ecdh.getPublicKey();
}

/** Big-endian, as long as the order. */
function bytesOfScalar(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
}

/** Of a number that is no multiple of the order, which is prime (Fermat). */
function inverseOf(number: bigint): bigint {
  let [result, base] = [1n, number];
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
