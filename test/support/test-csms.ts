// An OCPP 1.6 CSMS of its own, on ocpp-rpc's RPCServer, that judges its chargers. Knows nothing of Chargetape.
//   node test/support/test-csms.ts [--port 0] [--switch NAME]... [--max-outstanding N]
// Prints {"port": N} on a line. GET /judgement answers with its logs, one a charger.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import ocppRpc, { createRPCError, RPCServer } from 'ocpp-rpc';
import type serverClient from 'ocpp-rpc/lib/server-client.js';
import type { WebSocket, WebSocketServer } from 'ws';
import {
  type Answer,
  type Behaviour,
  baseBehaviour,
  type ChargerCall,
  type Command,
  type Outgoing,
} from './csms-behaviour.ts';
import { type ChargerLog, Judge, type JudgedConnection, type Payload } from './csms-judge.ts';
import { switched } from './csms-switches.ts';

type RpcServerClient = serverClient.default;

/** How a test CSMS is started. */
export interface TestCsmsOptions {
  port?: number;
  /** Names of switches (csms-switches.ts), applied in this order. */
  switches?: readonly string[];
  /** ocpp-rpc checks every message by the schemas; what is not as they say is refused. */
  strict?: boolean;
  /** More unanswered calls at once on one connection are a violation. Default 4. */
  maxOutstanding?: number;
  /** Passwords by identity: every handshake needs HTTP Basic, anything else is a 401. */
  passwords?: Readonly<Record<string, string>>;
  /** The tags that it knows, by name, with their status; any other is Invalid. Without it the behaviour decides. */
  tags?: Readonly<Record<string, string>>;
}

/** A running test CSMS. */
export interface TestCsms {
  port: number;
  /** Such as ws://127.0.0.1:40123. */
  url: string;
  judgement(): ChargerLog[];
  /** Sends a command as an operator would, on the newest connection of that charger; resolves with the result. */
  command(identity: string, action: string, payload: Payload): Promise<unknown>;
  close(): Promise<void>;
}

/** One connection of a charger: ocpp-rpc decodes and dispatches, the behaviour decides, the judge watches. */
class Line {
  readonly #client: RpcServerClient;
  readonly #behaviour: Behaviour;
  readonly #judged: JudgedConnection;
  readonly #nth: number;
  readonly #answers = new Map<string, { call: ChargerCall; answer: Answer }>();
  readonly #write: (text: string) => void;
  #due = 0;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #commands: Promise<unknown> = Promise.resolve();

  constructor(client: RpcServerClient, behaviour: Behaviour, judged: JudgedConnection, nth: number) {
    this.#client = client;
    this.#behaviour = behaviour;
    this.#judged = judged;
    this.#nth = nth;
    this.#write = client.sendRaw.bind(client);
    client.sendRaw = (text: string) => this.#send(text);
    client.on('message', (one: { message: unknown; outbound: boolean }) => {
      if (!one.outbound) judged.received(String(one.message));
    });
    client.handle(({ messageId = '', method = '', params = {} }) => this.#called(messageId, method, params));
  }

  /** Sends a command after those that are already on their way; resolves with the charger's result. */
  command({ action, payload }: Command): Promise<unknown> {
    const sent = this.#commands.then(() => this.#call(action, payload));
    this.#commands = sent.catch(() => undefined);
    return sent;
  }

  async #call(action: string, payload: Payload): Promise<unknown> {
    const messageId = this.#behaviour.commandId?.();
    if (messageId === undefined) return this.#client.call(action, payload);
    const answered = this.#judged.answered(messageId);
    this.#client.sendRaw(JSON.stringify([2, messageId, action, payload]));
    return answered;
  }

  async #called(messageId: string, action: string, payload: Payload): Promise<Payload> {
    const call = {
      action,
      payload: payload ?? {},
      identity: this.#client.identity ?? '',
      connection: this.#nth,
    };
    const early = this.#behaviour.early(call);
    for (const command of early) this.command(command).catch(() => undefined);
    if (early.length > 0) await setImmediate();
    const answer = this.#behaviour.answer(call);
    if (answer === 'silence') {
      void this.#end(call);
      return ocppRpc.NOREPLY as unknown as Payload;
    }
    this.#answers.set(messageId, { call, answer });
    if ('result' in answer) return answer.result;
    throw createRPCError(answer.errorCode, answer.description, {});
  }

  /** What ocpp-rpc writes passes here: changed by the behaviour, delayed, shown to the judge. */
  #send(text: string): void {
    const message = JSON.parse(text) as [number, string, ...unknown[]];
    const answered = message[0] === 2 ? undefined : this.#answers.get(message[1]);
    const action = answered?.call.action ?? String(message[2]);
    const outgoing = { message, action };
    const texts = this.#behaviour.texts(outgoing);
    this.#inOrder(this.#behaviour.delayMs(outgoing), () => {
      for (const one of texts) this.#writeJudged(one, outgoing);
      if (answered === undefined) return;
      this.#answers.delete(message[1]);
      void this.#afterAnswer(answered.call, answered.answer);
    });
  }

  /** Runs it after the delay, ms, and after all that was to be sent before it; at once when there is neither. */
  #inOrder(delayMs: number, send: () => void): void {
    const now = performance.now();
    this.#due = Math.max(this.#due, now + delayMs);
    if (this.#due <= now && this.#waiting === 0) {
      send();
      return;
    }
    const due = this.#due;
    this.#waiting += 1;
    this.#tail = this.#tail
      .then(() => setTimeout(Math.max(0, due - performance.now())))
      .then(() => {
        this.#waiting -= 1;
        send();
      });
  }

  #writeJudged(text: string, outgoing: Outgoing): void {
    if (this.#client.state !== 1) return;
    this.#judged.sent(text);
    const { fragments } = this.#behaviour;
    const { _ws: ws } = this.#client as unknown as { _ws: WebSocket };
    if (this.#behaviour.isBinary(outgoing)) ws.send(Buffer.from(text));
    else if (fragments === 1) this.#write(text);
    else
      for (let nth = 0; nth < fragments; nth++) {
        const [from, to] = [nth, nth + 1].map((part) => Math.floor((part * text.length) / fragments));
        ws.send(text.slice(from, to), { binary: false, fin: nth === fragments - 1 });
      }
  }

  async #afterAnswer(call: ChargerCall, answer: Answer): Promise<void> {
    const reactions = this.#behaviour.reactions(call, answer);
    await Promise.allSettled(reactions.map((command) => this.command(command)));
    await this.#end(call);
  }

  async #end(call: ChargerCall): Promise<void> {
    const end = this.#behaviour.endAfter(call);
    if (end === 'drop' || end === 'reset') await this.#drop(end);
    else if (end !== null) await this.#client.close(end);
  }

  /** Ends the TCP connection without a close frame, once what was sent is out of ws (it deflates asynchronously). */
  async #drop(how: 'drop' | 'reset'): Promise<void> {
    const { _ws: ws } = this.#client as unknown as { _ws: WebSocket };
    while (ws.bufferedAmount > 0) await setImmediate();
    const { socket } = this.#client.handshake.request;
    if (how === 'drop') socket.end();
    else socket.resetAndDestroy();
  }
}

/** The behaviour with a table of the tags that it knows. */
function withTags(base: Behaviour, tags: Readonly<Record<string, string>>): Behaviour {
  return {
    ...base,
    answer(call) {
      const answer = base.answer(call);
      if (answer === 'silence' || !('result' in answer) || !('idTagInfo' in answer.result)) return answer;
      const status = tags[String(call.payload.idTag)] ?? 'Invalid';
      return { result: { ...answer.result, idTagInfo: { status } } };
    },
  };
}

function answerHttp(judge: Judge): Server {
  return createServer((request, response) => {
    const found = request.url === '/judgement';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? JSON.stringify(judge.judgement()) : '{}');
  });
}

/** Pings without an eye on the pongs: ocpp-rpc's own pings end a connection whose pong is late, as on a busy machine. */
function ping(client: RpcServerClient, everyMs: number): void {
  const { _ws: socket } = client as unknown as { _ws: WebSocket };
  if (everyMs === 0) return;
  const timer = setInterval(() => socket.ping(), everyMs);
  socket.once('close', () => clearInterval(timer));
}

/** Starts a test CSMS on 127.0.0.1. */
export async function startTestCsms(options: TestCsmsOptions = {}): Promise<TestCsms> {
  const { passwords, tags } = options;
  const base = switched(baseBehaviour(), options.switches ?? []);
  const behaviour = tags === undefined ? base : withTags(base, tags);
  const judge = new Judge(options.maxOutstanding ?? 4);
  const lines = new Map<string, Line>();
  const rpc = new RPCServer({
    protocols: ['ocpp1.6'],
    strictMode: options.strict ?? false,
    pingIntervalMs: 0,
    wssOptions: { perMessageDeflate: behaviour.deflates, autoPong: behaviour.pongs },
  });
  const { _wss: wss } = rpc as unknown as { _wss: WebSocketServer };
  wss.on('headers', (lines) => {
    lines.push(...behaviour.headers);
    lines.splice(0, lines.length, ...behaviour.head(lines));
  });
  rpc.auth((accept, reject, { endpoint, identity, protocols, headers, password }) => {
    const session = `${endpoint === '/' ? '' : endpoint}/${identity}`;
    const run = headers['x-chargetape-run'];
    const extensions = headers['sec-websocket-extensions'] ?? '';
    const nth = judge.handshake(session, [...protocols], extensions, typeof run === 'string' ? run : null);
    const known = passwords === undefined || (password && passwords[identity] === String(password));
    const status = known ? behaviour.status(identity, nth) : 401;
    if (status !== 101) reject(status, 'refused by the test CSMS');
    else
      void setTimeout(behaviour.handshakeMs).then(() =>
        accept({ session, nth }, behaviour.echoesSubprotocol ? undefined : false),
      );
  });
  rpc.on('client', (client: RpcServerClient) => {
    const { session, nth } = client.session as { session: string; nth: number };
    lines.set(client.identity ?? '', new Line(client, behaviour, judge.opened(session), nth));
    ping(client, behaviour.pingEveryMs);
  });
  const http = answerHttp(judge);
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.setNoDelay(true);
    rpc.handleUpgrade(request, socket, head).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    judgement: () => judge.judgement(),
    async command(identity, action, payload) {
      const line = lines.get(identity);
      if (line === undefined) throw new Error(`${identity} is not connected`);
      return line.command({ action, payload });
    },
    async close() {
      await rpc.close({ force: true });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      switch: { type: 'string', multiple: true, default: [] },
      'max-outstanding': { type: 'string', default: '4' },
    },
  });
  const { port } = await startTestCsms({
    port: Number(values.port),
    switches: values.switch,
    maxOutstanding: Number(values['max-outstanding']),
  });
  console.log(JSON.stringify({ port }));
}
