import { RPCClient } from 'ocpp-rpc';
import { startTestCsms } from './test-csms.ts';

/** What a charger sees of a build, flattened: a place (`caller action path`, or a connection's property) and its values in order. */
export type Facts = Map<string, string[]>;

type Script = readonly (readonly [action: string, payload: object])[];

const NOW = '2026-11-22T07:00:00Z';
const BOOT = ['BootNotification', { chargePointModel: 'm', chargePointVendor: 'v' }] as const;
const START = ['StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: NOW }] as const;
const status = (connectorId: number) =>
  ['StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' }] as const;

/** A charger's day: two connections, two transactions. */
export const DAY: readonly Script[] = [
  [
    BOOT,
    status(1),
    status(2),
    ['Authorize', { idTag: 'TAG' }],
    ['Heartbeat', {}],
    START,
    ['MeterValues', { connectorId: 1, meterValue: [] }],
    START,
    ['StopTransaction', { idTag: 'TAG', transactionId: 1, meterStop: 1, timestamp: NOW }],
  ],
  [BOOT],
];

/** Enough for builds that are slow. */
export const MORNING: readonly Script[] = [[BOOT]];

/** The same for values that vary by nature: near times by style, ids by type and shape, other values as they are. */
function stable(path: string, value: unknown): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'transactionId' || name === 'listVersion') {
    const size = Number(value);
    return `${typeof value} ${size < 0 ? 'negative' : size === 0 ? 'zero' : size > 2 ** 31 - 1 ? 'huge' : 'positive'}`;
  }
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return JSON.stringify(value);
  const ahead = Date.parse(value) - Date.now();
  const when = Math.abs(ahead) < 5000 ? 'now' : ahead > DAY_MS / 2 ? 'future' : value;
  return `${when} ${value.replace(/^[^.Z+]*(\.\d+)?/, (_all, fraction) => (fraction ? '.' : ''))}`;
}

const DAY_MS = 86_400_000;

function addLeaves(facts: Facts, place: string, value: unknown, path = ''): void {
  if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) addLeaves(facts, place, one, `${path}/${key}`);
  else if (
    place.startsWith('csms') &&
    path.endsWith('/transactionId') &&
    facts.get('ids')?.includes(JSON.stringify(value))
  )
    add(facts, `${place} ${path}`, 'an issued id');
  else add(facts, `${place} ${path}`, stable(path, value));
}

function add(facts: Facts, key: string, value: string): void {
  facts.set(key, [...(facts.get(key) ?? []), value]);
}

/** Watches one connection's texts; DataTransfer is the observer's own. */
function watch(client: RPCClient, facts: Facts): void {
  const open = new Map<string, string>();
  let phase = 'start';
  client.on('message', ({ message, outbound }: { message: unknown; outbound: boolean }) => {
    const [type, id, third, fourth] = JSON.parse(String(message)) as [number, string, unknown, unknown];
    if (outbound) {
      if (type !== 2) return;
      open.set(id, String(third));
      if (third !== 'DataTransfer') phase = `before ${third}`;
    } else if (type === 2) {
      add(facts, `csms ${third} `, phase);
      add(facts, 'command-order', String(third));
      addLeaves(facts, `csms ${third}`, fourth);
    } else {
      const action = open.get(id);
      if (action === 'DataTransfer') return;
      if (action === undefined) return add(facts, 'orphan-answer', id);
      phase = `after ${action}`;
      add(facts, `charger ${action} `, type === 3 ? 'result' : `error ${third}`);
      if (type === 3) addLeaves(facts, `charger ${action}`, third);
      if (action === 'StartTransaction')
        add(facts, 'ids', JSON.stringify((third as { transactionId: unknown }).transactionId));
    }
  });
}

async function playConnection(url: string, script: Script, facts: Facts): Promise<void> {
  const client = new RPCClient({
    identity: 'CP',
    endpoint: url,
    protocols: ['ocpp1.6'],
    reconnect: false,
    callConcurrency: 100,
  } as never);
  watch(client, facts);
  client.handle(async () => ({ status: 'Accepted' }));
  const ended = new Promise<{ code: number }>((resolve) => client.once('close', resolve));
  const seen = ({ headers }: { headers: Record<string, string> }) => {
    add(facts, 'subprotocol', headers['sec-websocket-protocol'] ?? 'none');
    add(facts, 'extensions', headers['sec-websocket-extensions'] ?? 'none');
  };
  try {
    seen((await client.connect()).response);
    add(facts, 'handshake-status', '101');
  } catch (error) {
    const { code, upgrade } = error as { code?: number; upgrade?: { headers: Record<string, string> } };
    if (upgrade) seen(upgrade);
    add(facts, 'handshake-status', String(upgrade ? 101 : code));
    return;
  }
  for (const [action, payload] of script) {
    client.call(action, payload).catch(() => undefined);
    // Messages keep their order, so after these round trips the answer and what follows it have come, if they come at all.
    for (let i = 0; i < 6; i++) await client.call('DataTransfer', { vendorId: 'x' }).catch(() => undefined);
  }
  client.close({ code: 1000 }).catch(() => undefined);
  add(facts, 'close', String((await ended).code));
}

/** Plays the scripts, a connection each, against a build with these switches; gives what the charger saw. */
export async function observeBuild(switches: readonly string[], scripts: readonly Script[]): Promise<Facts> {
  const csms = await startTestCsms({ switches });
  const facts: Facts = new Map();
  for (const script of scripts) await playConnection(csms.url, script, facts);
  await csms.close();
  const ids = facts.get('ids') ?? [];
  facts.delete('ids');
  facts.set('id-reused', [String(new Set(ids).size < ids.length)]);
  return facts;
}

/**
 * The places at which two builds differ. Inside a command or answer that differs as a whole nothing more is told; nor that an id of
 * another kind is used twice.
 */
export function changedPlaces(one: Facts, other: Facts): string[] {
  const keys = [...new Set([...one.keys(), ...other.keys()])];
  const changed = keys.filter((key) => JSON.stringify(one.get(key)) !== JSON.stringify(other.get(key)));
  const whole = (key: string): string => key.slice(0, key.lastIndexOf(' ') + 1);
  return changed
    .filter((key) => whole(key) === key || !changed.includes(whole(key)))
    .filter((key) => key !== 'id-reused' || !changed.includes('charger StartTransaction /transactionId'))
    .filter((key) => key !== 'command-order' || !changed.some((place) => place.startsWith('csms ')))
    .sort();
}
