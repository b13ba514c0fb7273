import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { RPCServer } from 'ocpp-rpc';
import type serverClient from 'ocpp-rpc/lib/server-client.js';
import type { JsonObject } from '../../src/ocpp/json.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ScriptedCsms } from './scripted-csms.ts';

type RpcServerClient = serverClient.default;

/** A text that is not as the schemas say: a call of the charger, or its result of a command. */
export interface Breach {
  action: string;
  part: 'call' | 'result';
  /** JSON Pointers, `*` for an array index. */
  paths: string[];
}

/** What became of a command. */
export interface Obeyed {
  action: string;
  /** The result's status; null without one. */
  status: unknown;
  /** The code of a CALLERROR, or why there was no answer; null for a result. */
  error: string | null;
}

/** One charger as a strict CSMS sees it. */
export class StrictlySeen {
  readonly breaches: Breach[] = [];
  readonly obeyed: Obeyed[] = [];
  /** All that it wrote. */
  readonly texts: string[] = [];
  /** Its calls, connection by connection. */
  readonly connections: { action: string; payload: JsonObject }[][] = [];
  readonly csms: ScriptedCsms;
  #client: RpcServerClient | null = null;
  #arrived: (() => void)[] = [];
  readonly #listening = new Set<() => void>();

  constructor(firstId: number) {
    this.csms = new ScriptedCsms({}, firstId);
  }

  /** Takes its place on a new connection. */
  meet(client: RpcServerClient): void {
    this.#client = client;
    this.connections.push([]);
    client.once('disconnect', () => {
      if (this.#client === client) this.#client = null;
      for (const look of this.#listening) look();
    });
    for (const go of this.#arrived.splice(0)) go();
  }

  /** Resolves with its connection as soon as it has one. */
  async connected(): Promise<RpcServerClient> {
    while (this.#client === null) await new Promise<void>((go) => void this.#arrived.push(go));
    return this.#client;
  }

  /** A call came. */
  hear(action: string, payload: JsonObject): void {
    this.connections.at(-1)?.push({ action, payload });
    for (const look of this.#listening) look();
  }

  /** Resolves once this connection (from 1) is over. */
  async gone(connection = 1): Promise<void> {
    await this.heard('', 1, connection);
  }

  /** Resolves once it has made so many calls of this action on its newest connection, or once this connection (from 1) is over. */
  async heard(action: string, count = 1, connection = 0): Promise<void> {
    const isOver = () => connection > 0 && (connection !== this.connections.length || this.#client === null);
    const isHeard = () => this.countOf(action) >= count || isOver();
    if (isHeard()) return;
    await new Promise<void>((go) => {
      const look = () => {
        if (!isHeard()) return;
        this.#listening.delete(look);
        go();
      };
      this.#listening.add(look);
    });
  }

  /** How often it has made this call on its newest connection. */
  countOf(action: string): number {
    return this.connections.at(-1)?.filter((call) => call.action === action).length ?? 0;
  }

  /** Resolves once it has said what it had to say: a heartbeat that is asked for comes behind that. */
  async settled(): Promise<void> {
    await this.connected();
    const [count, connection] = [this.countOf('Heartbeat') + 1, this.connections.length];
    const result = await this.command('TriggerMessage', { requestedMessage: 'Heartbeat' });
    if ((result as JsonObject | null)?.status === 'Accepted')
      await this.heard('Heartbeat', count, connection);
  }

  /** Sends a command and keeps what comes of it; one that the connection's end overtakes counts for nothing. */
  async command(action: string, payload: JsonObject): Promise<unknown> {
    const client = await this.connected();
    try {
      const result = await client.call(action, payload);
      const status = (result as JsonObject | null)?.status ?? null;
      this.obeyed.push({ action, status, error: null });
      return result;
    } catch (error) {
      const { rpcErrorCode: code, message } = error as { rpcErrorCode?: string; message: string };
      if (this.#client === client) this.obeyed.push({ action, status: null, error: code ?? message });
      return null;
    }
  }
}

/** A CSMS on ocpp-rpc in strict mode, its schemas on both legs. */
export interface StrictCsms {
  url: string;
  /** The charger of this identity; resolves when it has come. */
  charger(identity: string): StrictlySeen;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. It signs what chargers want signed with the authority, and sends the certificate. */
export async function startStrictCsms(authority: CertificateAuthority): Promise<StrictCsms> {
  const chargers = new Map<string, StrictlySeen>();
  const seen = (identity: string) => {
    const known = chargers.get(identity) ?? new StrictlySeen(1);
    chargers.set(identity, known);
    return known;
  };
  const rpc = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true, pingIntervalMs: 0 });
  rpc.auth((accept) => accept());
  rpc.on('client', (client: RpcServerClient) => {
    const charger = seen(client.identity ?? '');
    if (client.protocol !== 'ocpp1.6') throw new Error(`${client.identity} came without ocpp1.6`);
    charger.meet(client);
    client.on('strictValidationFailure', (failure: Failure) => charger.breaches.push(breachOf(failure)));
    client.on('message', (one: { message: unknown; outbound: boolean }) => {
      if (!one.outbound) heardBy(charger, String(one.message));
    });
    client.handle(async ({ method = '', params = {} }) => {
      if (method === 'SignCertificate') {
        void authority
          .sign(String(params.csr))
          .then((certificateChain) => charger.command('CertificateSigned', { certificateChain }));
      }
      const answer = charger.csms.answer(method, params, Date.now());
      return answer && 'result' in answer ? answer.result : {};
    });
  });
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    rpc.handleUpgrade(request, socket as Socket, head).catch(() => socket.destroy());
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    charger: seen,
    async close() {
      await rpc.close({ force: true });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface Failure {
  method: string;
  isCall: boolean;
  error: { message: string; details?: { errors?: { instancePath: string }[] } };
}

function breachOf({ method, isCall, error }: Failure): Breach {
  const paths = (error.details?.errors ?? []).map(({ instancePath }) =>
    instancePath.replace(/\/\d+(?=\/|$)/g, '/*'),
  );
  return {
    action: method,
    part: isCall ? 'call' : 'result',
    paths: paths.length > 0 ? paths : [error.message],
  };
}

function heardBy(charger: StrictlySeen, text: string): void {
  charger.texts.push(text);
  const [type, , action, payload] = JSON.parse(text) as [number, string, string, JsonObject];
  if (type === 2) charger.hear(action, payload);
}
