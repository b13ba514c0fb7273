import type { Readable } from 'node:stream';
import type { Act } from '../../src/charge/act.ts';
import { readProfile } from '../../src/charge/profile-file.ts';
import { Chance } from '../../src/load/chance.ts';
import { start } from './binary.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ACTS, COMMANDS, illegalSteps } from './charger-walk.ts';
import type { StrictCsms, StrictlySeen } from './strict-csms.ts';

/** What one make did on its walk. */
export interface Walked {
  profile: string;
  steps: number;
  calls: number;
  /** What it wrote until its first visitor had gone. */
  visited: string[];
  /** `ACTION /path`, or `ACTION result /path`, of what broke the schemas, each once. */
  broken: string[];
  illegal: string[];
  /** Commands without a valid answer, with the reason. */
  unanswered: string[];
  /** Commands that were answered with a result. */
  obeyed: Set<string>;
  /** Commands that were answered with CALLERROR. */
  refused: Set<string>;
  transactions: number;
  /** Certificates that it took. */
  certificates: number;
}

/** The codes that OCPP-J has (OCPP-J 1.6 §4.2.3), as they are spelled there. */
const ERROR_CODES = new Set([
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormationViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
]);

/** Away for no longer than this, ms: a walk is in real time. */
const AWAY_MS = 200;

/**
 * Lets one charger of each profile live in the real binary against a strict CSMS: first each command once, then so many steps at random,
 * people's through the HTTP API and commands from the CSMS.
 */
export async function walkAll(
  profiles: readonly string[],
  csms: StrictCsms,
  authority: CertificateAuthority,
  { steps, seed, out }: { steps: number; seed: number; out: string },
): Promise<Walked[]> {
  const fleet = ['--count', String(profiles.length), '--no-people', '--seed', String(seed)];
  const charge = start([
    ...['charge', '--target', csms.url, '--out', out, '--api', '127.0.0.1:0', '--plain', ...fleet],
    ...profiles.flatMap((profile) => ['--profile', profile]),
  ]);
  const api = await apiOf(charge.child.stderr!);
  const identities = await (await fetch(api)).json();
  const walks = profiles.map((profile, at) => {
    const { identity } = (identities as { identity: string }[])[at]!;
    const step = {
      steps,
      chance: new Chance(seed + at),
      act: actThrough(`${api}/${encodeURIComponent(identity)}`),
    };
    return walk(profile, csms.charger(identity), authority, step);
  });
  const walked = await Promise.all(walks);
  charge.child.kill('SIGINT');
  const { code, stderr } = await charge.finished;
  if (code !== 130) throw new Error(`charge ended with ${code}: ${stderr}`);
  return walked;
}

/** The URL that is printed once the API listens. */
function apiOf(stderr: Readable): Promise<string> {
  return new Promise((found, reject) => {
    let text = '';
    stderr.on('data', (chunk) => {
      text += String(chunk);
      const [url] = /http:\/\/\S+/.exec(text) ?? [];
      if (url) found(url);
    });
    stderr.once('end', () => reject(new Error(`there is no API: ${text}`)));
  });
}

function actThrough(url: string): (act: Act) => Promise<void> {
  return async ({ kind, ...body }) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const { status } = await fetch(`${url}/${kind}`, init);
    if (status !== 200) throw new Error(`${kind} was answered with ${status}`);
  };
}

async function walk(
  profile: string,
  charger: StrictlySeen,
  authority: CertificateAuthority,
  { steps, chance, act }: { steps: number; chance: Chance; act: (act: Act) => Promise<void> },
): Promise<Walked> {
  const { connectors } = readProfile(profile);
  const command = (action: string) => {
    const payload = COMMANDS[action]!(chance, charger.csms.transactionId);
    const certificate = action === 'InstallCertificate' ? { certificate: authority.root } : {};
    return charger.command(action, { ...payload, ...certificate });
  };
  const names = Object.keys(COMMANDS);
  await charger.connected();
  await charger.heard('StatusNotification', 1 + connectors);
  await visit(charger, act);
  await charger.settled();
  const visited = [...charger.texts];
  await charger.command('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' });
  for (const action of names) {
    do await command(action);
    while (!charger.obeyed.some((one) => one.action === action));
  }
  for (let step = 0; step < steps; step++) {
    if (chance.happens(0.5)) await command(chance.pick(names));
    else await act(hurried(chance.pick(ACTS)(chance.whole(1, connectors), chance)));
    await charger.settled();
  }
  return { profile, visited, steps: steps + names.length, ...reportOf(charger) };
}

/** Somebody charges at connector 1, and is stopped from afar. */
async function visit(charger: StrictlySeen, act: (act: Act) => Promise<void>): Promise<void> {
  await act({ kind: 'plug', connector: 1 });
  await act({ kind: 'tap', connector: 1, tag: '04ABBE2A' });
  await charger.heard('StartTransaction');
  await charger.settled();
  await charger.command('RemoteStopTransaction', { transactionId: charger.csms.transactionId });
  await charger.heard('StopTransaction');
  await act({ kind: 'unplug', connector: 1 });
}

function hurried(act: Act): Act {
  return act.kind === 'drop' || act.kind === 'power' ? { ...act, forMs: (act.forMs ?? 0) % AWAY_MS } : act;
}

function reportOf({
  breaches,
  connections,
  obeyed,
}: StrictlySeen): Omit<Walked, 'profile' | 'visited' | 'steps'> {
  const broken = breaches.flatMap(({ action, part, paths }) =>
    paths.map((path) => (part === 'call' ? `${action} ${path}` : `${action} result ${path}`)),
  );
  const named = (ones: typeof obeyed) => new Set(ones.map(({ action }) => action));
  return {
    calls: connections.flat().length,
    broken: [...new Set(broken)].sort(),
    illegal: connections.flatMap(illegalSteps),
    unanswered: obeyed
      .filter(({ error }) => error !== null && !ERROR_CODES.has(error))
      .map(({ action, error }) => `${action}: ${error}`),
    obeyed: named(obeyed.filter(({ error }) => error === null)),
    refused: named(obeyed.filter(({ error }) => error !== null)),
    transactions: connections.flat().filter(({ action }) => action === 'StartTransaction').length,
    certificates: obeyed.filter(
      ({ action, status }) => action === 'CertificateSigned' && status === 'Accepted',
    ).length,
  };
}
