import { BlockList, isIP } from 'node:net';

/** Addresses that CIDR blocks (or single addresses) name; an IPv4 address that came over IPv6 counts as the IPv4 one. */
export class AddressList {
  readonly #blocks = new BlockList();

  /** Throws a RangeError or TypeError for what is no block; see `isBlock`. */
  constructor(blocks: readonly string[]) {
    for (const block of blocks) {
      const [address = '', prefix] = block.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
      this.#blocks.addSubnet(address, bits, family);
    }
  }

  /** Whether this address (without a port) is in a block. */
  has(address: string | null | undefined): boolean {
    const plain = plainAddress(address ?? '');
    const family = isIP(plain);
    return family !== 0 && this.#blocks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Whether a text is an address or a CIDR block. */
export function isBlock(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

/** An address without the IPv6 form of IPv4 (`::ffff:10.0.0.1`). */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
