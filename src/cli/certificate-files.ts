import { randomBytes } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import type { TLSSocketOptions } from 'node:tls';
import { ChargetapeError } from '../errors.ts';
import { serverTls } from '../wire/server-tls.ts';
import { type ClientTls, clientTls } from '../wire/tls-socket.ts';
import { readPem } from './input.ts';
import type { TlsFiles } from './tls-options.ts';

/** What became of the files when they changed. */
export interface CertificateNews {
  code: 'CERTIFICATES_RELOADED' | 'BAD_CERTIFICATE';
  sentence: string;
}

/** TLS of both legs, as the files are at present. */
interface Loaded {
  server: TLSSocketOptions | null;
  client: ClientTls;
}

const WATCH_MS = 1_000;
/** How long after a change the files are read: certificate and key are seldom replaced in one moment. */
const SETTLE_MS = 500;

/**
 * Certificates and keys from files, read again when one changes and on request. Connections that are open keep what they have;
 * files that make no TLS together leave the old ones in use, and that is told.
 */
export class CertificateFiles {
  readonly #files: TlsFiles;
  readonly #tell: (news: CertificateNews) => void;
  readonly #ticketKeys = randomBytes(48);
  #loaded: Loaded;
  #timer: NodeJS.Timeout | null = null;

  /** BAD_CERTIFICATE, NO_SUCH_FILE. */
  constructor(files: TlsFiles, tell: (news: CertificateNews) => void) {
    this.#files = files;
    this.#tell = tell;
    this.#loaded = this.#load();
    for (const path of pathsOf(files)) {
      watchFile(path, { interval: WATCH_MS, persistent: false }, this.#onChange);
    }
  }

  /** TLS for the next connection of a charger; null on a plain port. */
  get server(): (() => TLSSocketOptions) | null {
    const { server } = this.#loaded;
    return server === null ? null : () => this.#loaded.server ?? server;
  }

  /** TLS for the next connection to the CSMS. */
  readonly client = (): ClientTls => this.#loaded.client;

  /** Reads the files again. */
  reload(): void {
    try {
      this.#loaded = this.#load();
      if (pathsOf(this.#files).length > 0) {
        this.#tell({
          code: 'CERTIFICATES_RELOADED',
          sentence: 'New connections use the certificates as they are now.',
        });
      }
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      this.#tell({ code: 'BAD_CERTIFICATE', sentence: `${sentence} The old ones stay in use.` });
    }
  }

  close(): void {
    for (const path of pathsOf(this.#files)) unwatchFile(path, this.#onChange);
    if (this.#timer) clearTimeout(this.#timer);
  }

  readonly #onChange = (): void => {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.reload(), SETTLE_MS);
    this.#timer.unref();
  };

  #load(): Loaded {
    const { certificates, clientCa, clientCertificate, legacy, upstreamCa, upstreamCertificate, insecure } =
      this.#files;
    const server = () =>
      serverTls({
        certificates: certificates.map(({ cert, key }) => ({ cert: readPem(cert), key: readPem(key) })),
        ticketKeys: this.#ticketKeys,
        legacy,
        ...(clientCa === null ? {} : { clientCa: readPem(clientCa), clientCertificate }),
      });
    const client = () =>
      clientTls(
        {
          ...(upstreamCa === null ? {} : { ca: readPem(upstreamCa) }),
          ...(upstreamCertificate && {
            cert: readPem(upstreamCertificate.cert),
            key: readPem(upstreamCertificate.key),
          }),
        },
        { insecure },
      );
    return {
      server:
        certificates.length === 0
          ? null
          : made(
              server,
              certificates.flatMap(({ cert, key }) => [cert, key]),
            ),
      client: made(client, pathsOf({ ...this.#files, certificates: [], clientCa: null })),
    };
  }
}

function made<T>(make: () => T, paths: readonly string[]): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof ChargetapeError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ChargetapeError('BAD_CERTIFICATE', `No TLS can be made of ${paths.join(', ')}: ${what}.`, {
      cause,
    });
  }
}

function pathsOf({ certificates, clientCa, upstreamCa, upstreamCertificate }: TlsFiles): string[] {
  const pairs = [...certificates, ...(upstreamCertificate ? [upstreamCertificate] : [])];
  return [...pairs.flatMap(({ cert, key }) => [cert, key]), clientCa, upstreamCa].filter(
    (path) => path !== null,
  );
}
