import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { RPCServer } from 'ocpp-rpc';
import type serverClient from 'ocpp-rpc/lib/server-client.js';

type Client = serverClient.default;

/** A transaction as this CSMS has it in its books. */
export interface BookedTransaction {
  id: number;
  station: string;
  connector: unknown;
  tag: unknown;
  stopped: boolean;
}

/** A CSMS that sends RemoteStart and RemoteStop only when an operator asks for it by HTTP, with a token. */
export interface OperatedCsms {
  port: number;
  transactions: BookedTransaction[];
  /** Actions of the calls that it received, in order. */
  calls: string[];
  /** Requests of operators: path, and 200 or why not. */
  requests: { path: string; status: number; body: unknown }[];
  close(): Promise<void>;
}

/** Starts one, on ocpp-rpc; transaction ids begin at `firstId`. Operators must show `token`. */
export async function startOperatedCsms(firstId: number, token: string): Promise<OperatedCsms> {
  const transactions: BookedTransaction[] = [];
  const calls: string[] = [];
  const requests: OperatedCsms['requests'] = [];
  const clients = new Map<string, Client>();
  const rpc = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });
  rpc.auth((accept) => accept({}));
  rpc.on('client', (client: Client) => {
    clients.set(client.identity ?? '', client);
    client.handle(async ({ method, params = {} }) => {
      calls.push(method ?? '');
      return answer(client.identity ?? '', method ?? '', params, { transactions, firstId });
    });
  });
  const http: Server = createServer((request, response) => {
    void operate(request, clients, token).then(({ status, body }) => {
      requests.push({ path: request.url ?? '', status, body });
      response.writeHead(status).end(`token ${request.headers.authorization} is not known\n`);
    });
  });
  http.on('upgrade', rpc.handleUpgrade);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    port,
    transactions,
    calls,
    requests,
    async close() {
      await rpc.close({ force: true } as never);
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function answer(
  station: string,
  method: string,
  params: Record<string, unknown>,
  { transactions, firstId }: { transactions: BookedTransaction[]; firstId: number },
): Record<string, unknown> {
  if (method === 'BootNotification') {
    return { status: 'Accepted', interval: 300, currentTime: new Date().toISOString() };
  }
  if (method === 'Heartbeat') return { currentTime: new Date().toISOString() };
  if (method === 'Authorize') return { idTagInfo: { status: 'Accepted' } };
  if (method === 'StartTransaction') {
    const id = firstId + transactions.length;
    transactions.push({ id, station, connector: params.connectorId, tag: params.idTag, stopped: false });
    return { transactionId: id, idTagInfo: { status: 'Accepted' } };
  }
  if (method !== 'StopTransaction') return {};
  const booked = transactions.find(({ id }) => id === params.transactionId);
  if (booked) booked.stopped = true;
  return { idTagInfo: { status: booked ? 'Accepted' : 'Invalid' } };
}

/** `POST /stations/STATION/start` with `{connector, tag}`, or `.../stop` with `{transaction}`. */
async function operate(
  request: IncomingMessage,
  clients: ReadonlyMap<string, Client>,
  token: string,
): Promise<{ status: number; body: unknown }> {
  const body = JSON.parse((await text(request)) || 'null');
  if (request.headers.authorization !== `Bearer ${token}`) return { status: 403, body };
  const [, station = '', what] = /^\/stations\/([^/]+)\/(start|stop)$/.exec(request.url ?? '') ?? [];
  const client = clients.get(decodeURIComponent(station));
  if (!client) return { status: 404, body };
  if (what === 'start') {
    await client.call('RemoteStartTransaction', { connectorId: body.connector, idTag: body.tag });
  } else {
    await client.call('RemoteStopTransaction', { transactionId: body.transaction });
  }
  return { status: 200, body };
}
