import http from 'node:http';
import { listenOn } from '../wire/listen.ts';
import type { ListenAddress } from '../wire/url.ts';
import type { ChargerQuery, RecorderState, StateAnswer } from './state.ts';

/** What the admin port tells about and acts on. */
export interface Administered {
  state(): RecorderState;
  page(query: ChargerQuery): StateAnswer['page'];
  /** Switches recording; traffic is not touched. */
  setRecording(isOn: boolean): void;
  /** Prometheus text, and its media type. */
  exposition(): Promise<{ type: string; text: string }>;
}

/** A running admin port. */
export interface RunningAdmin {
  address: ListenAddress;
  close(): void;
}

interface Answer {
  status: number;
  type: string;
  text: string;
}

const MAX_LIMIT = 1_000;

/**
 * Serves how the recorder is, apart from the chargers' port:
 *
 *     GET  /livez     200 while the traffic path runs; whatever the recording does
 *     GET  /readyz    200 while new connections are accepted, else 503
 *     GET  /recordz   200 while all that passes is recorded, else 503 and why
 *     GET  /metrics   Prometheus text
 *     GET  /state     JSON, `StateAnswer`; ?limit=100&after=SESSION&since=US pages through the chargers
 *     POST /recording/on, /recording/off
 *
 * It tells no secret, but who the chargers are, and whoever reaches it can switch recording off: it belongs on the loopback
 * or behind a door.
 * PORT_IN_USE, CANNOT_LISTEN.
 */
export async function startAdmin(listen: ListenAddress, recorder: Administered): Promise<RunningAdmin> {
  const server = http.createServer((request, response) => {
    void answer(request, recorder).then(({ status, type, text }) => {
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text);
    });
  });
  server.on('clientError', (_, socket) => socket.destroy());
  const address = await listenOn(server, listen);
  return {
    address,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(request: http.IncomingMessage, recorder: Administered): Promise<Answer> {
  try {
    const url = new URL(request.url ?? '/', 'http://admin');
    if (request.method === 'POST') return command(url.pathname, request, recorder);
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'GET or POST');
    return await question(url, recorder);
  } catch (error) {
    return plain(500, error instanceof Error ? error.message : String(error));
  }
}

async function question({ pathname, searchParams }: URL, recorder: Administered): Promise<Answer> {
  switch (pathname) {
    case '/livez':
      return plain(200, 'live');
    case '/readyz':
      return readiness(recorder.state());
    case '/recordz':
      return recordingHealth(recorder.state());
    case '/metrics': {
      const { type, text } = await recorder.exposition();
      return { status: 200, type, text };
    }
    case '/state': {
      const query = queryOf(searchParams);
      if (query === null)
        return plain(400, 'limit, after and since are whole numbers; limit is at most 1000');
      return json({ ...recorder.state(), page: recorder.page(query) } satisfies StateAnswer);
    }
    default:
      return plain(404, 'not here');
  }
}

/** A page in a browser may send a POST without being asked; it then names its origin, and is refused. */
function command(path: string, request: http.IncomingMessage, recorder: Administered): Answer {
  if (request.headers.origin !== undefined) return plain(403, 'not from a web page');
  if (path !== '/recording/on' && path !== '/recording/off') return plain(404, 'not here');
  recorder.setRecording(path === '/recording/on');
  return json({ isOn: recorder.state().recording.isOn });
}

function readiness({ traffic }: RecorderState): Answer {
  if (traffic.isAccepting) return plain(200, 'accepting');
  return plain(503, traffic.isDraining ? 'draining' : 'refusing: nothing can be recorded');
}

function recordingHealth({ recording: { fault, isOn } }: RecorderState): Answer {
  if (fault !== null) return plain(503, `${fault.code}: ${fault.sentence}`);
  return isOn ? plain(200, 'recording') : plain(503, 'OFF: recording is switched off');
}

function queryOf(params: URLSearchParams): ChargerQuery | null {
  const number = (name: string, otherwise: number) => Number(params.get(name) ?? otherwise);
  const query = { limit: number('limit', 100), after: number('after', 0), sinceUs: number('since', 0) };
  const isSound = Object.values(query).every((value) => Number.isSafeInteger(value) && value >= 0);
  return isSound && query.limit <= MAX_LIMIT ? query : null;
}

function plain(status: number, sentence: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${sentence}\n` };
}

function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', text: `${JSON.stringify(value)}\n` };
}
