import { type Json, valueAt } from '../ocpp/json.ts';
import type { ClientTls, OwnCertificate } from '../wire/tls-socket.ts';
import { isSound, readChain } from './certificate-chain.ts';
import { CertificateStore, type RootUse } from './certificate-store.ts';
import { ChargerKey } from './charger-key.ts';
import { type Obedience, status } from './obeyed.ts';
import type { Settings } from './settings.ts';
import type { Voice } from './voice.ts';

/** What a charger's certificates stand on. */
export interface CertificatesGround {
  voice: Voice;
  settings: Settings;
  now: () => number;
  /** Keys follow from it. */
  seed: string;
  /** How it speaks TLS to its CSMS; undefined when it does not. */
  tls: ClientTls | undefined;
  /** Has it speak TLS so from now on. */
  renew: (tls: ClientTls) => void;
}

/** Where the charger's configuration does not say: how long a chain may be (Security Whitepaper §6), and how many roots there may be. */
const MAX_CHAIN = 10_000;
const MAX_ROOTS = 10;

/** A charger's key, its certificate, and the roots that it trusts, as its CSMS manages them (Security Whitepaper §5). */
export class Certificates {
  readonly #ground: CertificatesGround;
  readonly #store = new CertificateStore();
  /** The key that a certificate was asked for; null while none is awaited. */
  #awaited: ChargerKey | null = null;
  #requests = 0;

  constructor(ground: CertificatesGround) {
    this.#ground = ground;
  }

  /** Asks for a certificate for a new key. */
  request(): void {
    const { voice, settings, seed } = this.#ground;
    const key = new ChargerKey(`${seed} ${++this.#requests}`);
    const csr = key.request({
      commonName: voice.serialNumber,
      organizationName: settings.text('CpoName') || undefined,
    });
    this.#awaited = key;
    const onAnswer = (result: Json | null) => {
      if (valueAt(result, ['status']) !== 'Accepted' && this.#awaited === key) this.#awaited = null;
    };
    voice.call('SignCertificate', { csr }, { isAdmitted: true, onAnswer });
  }

  /** The certificate that was asked for: taken when it is for the key, its chain is sound and TLS can show it; anything else is a security event. */
  signed(payload: Json): Obedience {
    const { voice, tls, renew } = this.#ground;
    const own = this.#fitting(textOf(payload, 'certificateChain'));
    const shown = own && tls && showing(tls, own);
    if (!own || shown === null)
      return status('Rejected', () => voice.securityEvent('InvalidChargePointCertificate'));
    this.#awaited = null;
    return status('Accepted', shown && (() => renew(shown)));
  }

  install(payload: Json): Obedience {
    const { settings, now } = this.#ground;
    const room = settings.number('CertificateStoreMaxLength', MAX_ROOTS);
    const pem = textOf(payload, 'certificate');
    return status(this.#store.install(useOf(payload), pem, { nowMs: now(), room }));
  }

  list(payload: Json): Obedience {
    const certificateHashData = this.#store.hashes(useOf(payload));
    if (certificateHashData.length === 0) return status('NotFound');
    return { answer: { result: { status: 'Accepted', certificateHashData } } };
  }

  delete(payload: Json): Obedience {
    const isFound = this.#store.delete(valueAt(payload, ['certificateHashData']) ?? null);
    return status(isFound ? 'Accepted' : 'NotFound');
  }

  /** Whether a firmware may be signed with this certificate. */
  maySignFirmware(pem: string): boolean {
    const chain = readChain(pem);
    return (
      chain !== null &&
      isSound(chain, this.#ground.now()) &&
      this.#store.vouchesFor(chain, 'ManufacturerRootCertificate')
    );
  }

  /** A chain with the key that it was asked for; null when it is not for that key, or not sound. */
  #fitting(pem: string): OwnCertificate | null {
    const { settings, now } = this.#ground;
    const key = this.#awaited;
    const chain = readChain(pem);
    const [own] = chain ?? [];
    if (!chain || !own || !key) return null;
    if (pem.length > settings.number('CertificateSignedMaxChainSize', MAX_CHAIN)) return null;
    const isFitting =
      key.isOf(own.publicKey.export({ type: 'spki', format: 'der' })) &&
      isSound(chain, now()) &&
      this.#store.vouchesFor(chain, 'CentralSystemRootCertificate');
    // Written anew: a chain may come without line ends between its certificates, which OpenSSL does not read.
    return isFitting ? { cert: chain.join(''), key: key.pem() } : null;
  }
}

/** TLS that shows this certificate; null when OpenSSL will not, as with an authority whose key is weak. */
function showing(tls: ClientTls, own: OwnCertificate): ClientTls | null {
  try {
    return tls.showing(own);
  } catch {
    return null;
  }
}

function useOf(payload: Json): RootUse {
  return textOf(payload, 'certificateType') === 'ManufacturerRootCertificate'
    ? 'ManufacturerRootCertificate'
    : 'CentralSystemRootCertificate';
}

function textOf(payload: Json, field: string): string {
  const value = valueAt(payload, [field]);
  return typeof value === 'string' ? value : '';
}
