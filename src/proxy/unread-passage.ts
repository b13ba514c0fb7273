import type net from 'node:net';
import type { Recorder } from '../session/recording.ts';
import type { Guest } from './guest.ts';
import { DEAF, Lane } from './lane.ts';

/**
 * Joins a guest to a server without reading what passes: bytes, FIN and reset go on as in a tunnel, and nothing of it is
 * on record. A server that cannot be reached is a reset.
 */
export class UnreadPassage {
  readonly #charger: net.Socket;
  readonly #there: Lane;
  readonly #back: Lane;
  readonly #onClosed: () => void;
  #server: net.Socket | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor({ socket }: Guest, recorder: Recorder, onClosed: () => void) {
    const shared = { tap: DEAF, recorder, maxHoldMs: 0 };
    this.#charger = socket;
    this.#there = new Lane({ ...shared, sender: 'charger', source: socket, destination: null });
    this.#back = new Lane({ ...shared, sender: 'csms', source: null, destination: socket });
    this.#onClosed = onClosed;
    this.#listen(this.#there, socket);
  }

  /** Goes on with the server, once it is dialled. */
  async open(dialling: Promise<net.Socket>): Promise<void> {
    try {
      const server = await dialling;
      this.#server = server;
      this.#listen(this.#back, server);
      this.#there.join(server);
      this.#back.join(server);
    } catch {
      this.#charger.resetAndDestroy();
    }
  }

  /** Ends it from our side: FIN both ways, and for good when its peers take longer than this. */
  stop(ms: number): void {
    this.#there.end('fin');
    this.#back.end('fin');
    this.#timer ??= setTimeout(() => {
      this.#charger.destroy();
      this.#server?.destroy();
    }, ms);
  }

  #listen(lane: Lane, source: net.Socket): void {
    source
      .on('data', (chunk: Buffer) => lane.take(chunk))
      .on('end', () => lane.end('fin'))
      .on('error', () => lane.end('reset'))
      .on('close', () => this.#onClose());
  }

  #onClose(): void {
    this.#there.flow();
    this.#back.flow();
    if (!this.#charger.destroyed || this.#server?.destroyed === false) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#onClosed();
  }
}
