import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { listenOn } from '../wire/listen.ts';
import { formatAddress, type ListenAddress } from '../wire/url.ts';
import type { Act } from './act.ts';
import type { LivingCharger } from './living-charger.ts';

/** A local HTTP API by which a test suite drives virtual chargers. */
export interface FleetApi {
  /** Such as http://127.0.0.1:40123. */
  url: string;
  close(): void;
}

const connector = z.number().int().min(1).default(1);
const forMs = z.number().int().nonnegative();

/** What can be done to a charger, by the last segment of the path, and what the body says. */
const ACTS: Record<string, z.ZodType<Act>> = {
  plug: act('plug', { connector }),
  unplug: act('unplug', { connector }),
  resume: act('resume', { connector }),
  clear: act('clear', { connector }),
  tap: act('tap', { connector, tag: z.string().min(1) }),
  suspend: act('suspend', { connector, by: z.enum(['SuspendedEV', 'SuspendedEVSE']).default('SuspendedEV') }),
  fault: act('fault', { connector, errorCode: z.string().default('OtherError') }),
  drop: act('drop', { forMs: forMs.optional() }),
  power: act('power', { forMs: forMs.default(5_000) }),
};

/** Names of the acts, for whoever asks for one that there is not. */
const NAMES = Object.keys(ACTS).join(', ');

/** A body of these fields, made the act of this kind. */
function act(kind: Act['kind'], fields: z.ZodRawShape): z.ZodType<Act> {
  return z.strictObject(fields).transform((body) => ({ kind, ...body }) as Act);
}

interface Answer {
  status: number;
  body: unknown;
}

/**
 * Serves `GET /chargers`, `GET /chargers/IDENTITY` and `POST /chargers/IDENTITY/ACT` with a JSON body such as `{"connector": 1, "tag": "04AB"}`.
 * PORT_IN_USE, CANNOT_LISTEN.
 */
export async function startFleetApi(
  where: ListenAddress,
  chargers: readonly LivingCharger[],
): Promise<FleetApi> {
  const byIdentity = new Map(chargers.map((charger) => [charger.identity, charger]));
  const server = createServer((request, response) => {
    void answerTo(request, byIdentity).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    });
  });
  const { host, port } = await listenOn(server, where);
  return {
    url: `http://${formatAddress(host, port)}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo(
  request: IncomingMessage,
  chargers: ReadonlyMap<string, LivingCharger>,
): Promise<Answer> {
  const [, collection, identity, name, ...rest] = segments(request.url ?? '');
  if (collection !== 'chargers' || rest.length > 0) return refusal(404, 'There is /chargers only.');
  if (identity === undefined) {
    if (request.method !== 'GET') return refusal(405, 'Give the identity of a charger.');
    return { status: 200, body: [...chargers.values()].map(stateOf) };
  }
  const charger = chargers.get(identity);
  if (!charger) return refusal(404, `There is no charger ${identity}.`);
  if (name === undefined) return { status: 200, body: stateOf(charger) };
  const schema = ACTS[name];
  if (!schema) return refusal(404, `There is no ${name}: ${NAMES}.`);
  if (request.method !== 'POST') return refusal(405, 'Use POST.');
  const parsed = schema.safeParse(await bodyOf(request));
  if (!parsed.success) return refusal(400, z.prettifyError(parsed.error));
  charger.act(parsed.data);
  return { status: 200, body: stateOf(charger) };
}

function segments(url: string): string[] {
  return (url.split('?')[0] ?? '').split('/').map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

/** The JSON of a request; an empty body is `{}`, and one that is no JSON is nothing that any act takes. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-length'] === '0' || request.headers['content-length'] === undefined) return {};
  try {
    return await json(request);
  } catch {
    return null;
  }
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

/** What the API tells of a charger. */
function stateOf({ identity, isOnline, bays }: LivingCharger) {
  return {
    identity,
    online: isOnline,
    connectors: bays.map(({ connector, isCharging, tag, transactionId }) => ({
      id: connector.id,
      status: connector.status,
      plugged: connector.isPlugged,
      charging: isCharging,
      tag,
      transactionId: typeof transactionId === 'bigint' ? String(transactionId) : transactionId,
    })),
  };
}
