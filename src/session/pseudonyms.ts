import { createHmac } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { ChargetapeError } from '../errors.ts';

/** Fewer bytes than this can be guessed. */
const MIN_KEY_BYTES = 16;

/** Rounds of the Feistel network; as many as FF1 has (NIST SP 800-38G). */
const ROUNDS = 10;

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Pseudonyms that are remembered: the same few tags come again and again. */
const MAX_KNOWN = 10_000;

/**
 * Other names for persons: a keyed bijection each for tags, numbers and addresses (a Feistel network over HMAC-SHA256). The same key gives
 * the same pseudonyms everywhere; without it nobody finds back. Length and alphabet stay: what was hex is hex, what was digits is digits.
 */
export class Pseudonyms {
  readonly #key: Buffer;
  readonly #known = new Map<string, string>();
  /** Tells whether two recordings used the same key, and nothing about it. */
  readonly fingerprint: string;

  /** Takes the bytes of a key file. BAD_KEY_FILE when there are fewer than 16. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(Buffer.from(key).toString('latin1').trim(), 'latin1');
    if (this.#key.length < MIN_KEY_BYTES) {
      throw new ChargetapeError('BAD_KEY_FILE', `The key has ${this.#key.length} bytes.`);
    }
    this.fingerprint = this.#mac('fingerprint').toString('hex', 0, 8);
  }

  /** A tag's pseudonym (also of ICCID and IMSI). Case does not count; characters that are no letters or digits stay. */
  tag(tag: string): string {
    const letters = tag.replace(/[^a-z\d]/gi, '').toLowerCase();
    if (letters === '') return tag;
    const hidden = this.#remember(letters, () => this.#permuteText(letters));
    const isLower = /[a-z]/.test(tag) && !/[A-Z]/.test(tag);
    const cased = isLower ? hidden : hidden.toUpperCase();
    let next = 0;
    return tag.replace(/[a-z\d]/gi, () => cased[next++]!);
  }

  /** An IP address's pseudonym, with its port if there is one; any other text stays. */
  address(text: string): string {
    const [, bracket, host = '', port = ''] = /^(\[?)([\da-f:.%]+?)\]?(:\d+)?$/i.exec(text) ?? [];
    if (isIP(text) !== 0) return this.#remember(text, () => this.#permuteAddress(text));
    if (isIP(host) === 0) return text;
    const hidden = this.#remember(host, () => this.#permuteAddress(host));
    return bracket === '[' ? `[${hidden}]${port}` : hidden + port;
  }

  #permuteAddress(address: string): string {
    if (isIPv4(address)) {
      const bytes = address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
      const hidden = this.#permute(bytes, 2n, 32);
      return [24n, 16n, 8n, 0n].map((shift) => String((hidden >> shift) & 255n)).join('.');
    }
    const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
    if (mapped && isIPv4(mapped)) return `::ffff:${this.#permuteAddress(mapped)}`;
    return this.#permute(bitsOf(address), 2n, 128).toString(16).padStart(32, '0').match(/.{4}/g)!.join(':');
  }

  /** The image of a text within its class: digits, hex with a letter, any with a letter beyond f. */
  #permuteText(text: string): string {
    const [radix, isOfClass] = classOf(text);
    let hidden = text;
    do hidden = this.#permuteOnce(hidden, radix);
    while (!isOfClass(hidden));
    return hidden;
  }

  #permuteOnce(text: string, radix: number): string {
    const value = [...text].reduce((sum, digit) => sum * BigInt(radix) + BigInt(DIGITS.indexOf(digit)), 0n);
    return this.#permute(value, BigInt(radix), text.length).toString(radix).padStart(text.length, '0');
  }

  /** A keyed permutation of the numbers with `length` digits. */
  #permute(value: bigint, radix: bigint, length: number): bigint {
    const shape = `${radix} ${length}`;
    if (length === 1) return this.#shift(value, radix, shape);
    const halves = [radix ** BigInt(length >> 1), radix ** BigInt(length - (length >> 1))] as const;
    let [left, right] = [value / halves[1], value % halves[1]];
    for (let round = 0; round < ROUNDS; round++) {
      const own = halves[round % 2]!;
      const mixed = (left + this.#number(`${shape} ${round} ${right}`)) % own;
      [left, right] = [right, mixed];
    }
    return left * halves[1] + right;
  }

  #shift(value: bigint, radix: bigint, shape: string): bigint {
    return (value + 1n + (this.#number(shape) % (radix - 1n))) % radix;
  }

  #number(message: string): bigint {
    return BigInt(`0x${this.#mac(message).toString('hex')}`);
  }

  #mac(message: string): Buffer {
    return createHmac('sha256', this.#key).update(message).digest();
  }

  #remember(text: string, make: () => string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const hidden = make();
    this.#known.set(text, hidden);
    return hidden;
  }
}

function classOf(text: string): [radix: number, isOfClass: (text: string) => boolean] {
  if (/^\d*$/.test(text)) return [10, () => true];
  if (/^[\da-f]*$/.test(text)) return [16, (other) => /[a-f]/.test(other)];
  return [36, (other) => /[g-z]/.test(other)];
}

/** The 128 bits of an IPv6 address, as a number. */
function bitsOf(address: string): bigint {
  const plain = address
    .replace(/%.*$/, '')
    .replace(/([\d.]+)$/, (tail) => (isIPv4(tail) ? groupsOf(tail) : tail));
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

function groupsOf(ipv4: string): string {
  const [a, b, c, d] = ipv4.split('.').map(Number) as [number, number, number, number];
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
