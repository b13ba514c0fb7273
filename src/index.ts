import { requireSessions, selectSessions } from './cli/arguments.ts';
import { compareFiles } from './cli/comparison.ts';
import { startRecorder } from './cli/recorder.ts';
import type { TlsOptions } from './cli/tls-options.ts';
import { TOOL_VERSION } from './cli/version.ts';
import type { Comparison } from './diff/finding.ts';
import { passwordsOf } from './replay/credentials.ts';
import { replay as play, type ReplaySummary } from './replay/replay.ts';
import { admitTarget } from './replay/target-guard.ts';
import { FORMATS, type Format } from './report/formats.ts';
import { openRecording } from './store/reader.ts';
import { createRecording } from './store/recording-writer.ts';
import { clientTls } from './wire/tls-socket.ts';
import { formatServer, parseServerUrl } from './wire/url.ts';

export type { RecorderTotals, RunningRecorder } from './cli/recorder.ts';
export type { Comparison, Example, Finding, FindingKind, Severity, Summary } from './diff/finding.ts';
export { ChargetapeError, type ErrorCode } from './errors.ts';
export type { ReplaySummary } from './replay/replay.ts';
export type { Format } from './report/formats.ts';

/** What is recorded, where from and where to. */
export interface RecordOptions {
  /** The CSMS, `ws://HOST[:PORT]`. */
  upstream: string;
  /** The recording; never overwritten. */
  out: string;
  /** Where chargers connect, `HOST:PORT`; a free port of the loopback when not given. */
  listen?: string;
  /** A note that the recording keeps. */
  label?: string;
  /** TLS on either leg; plain to chargers, and the usual roots for a `wss://` upstream, when not given. */
  tls?: RecordTls;
}

/** TLS of a recorder, by the paths of PEM files, which are read again when they change. */
export interface RecordTls {
  /** Certificates (with their chains) and keys shown to chargers, who then have to speak wss. */
  certificates?: { cert: string; key: string }[];
  /** Authorities of the certificates that chargers are asked for. */
  clientCa?: string;
  /** With `clientCa`: whether a charger must show one; `require` when not given. */
  clientCert?: 'require' | 'request';
  /** Authorities of the CSMS, instead of the usual roots. */
  upstreamCa?: string;
  /** Shown to the CSMS. */
  upstreamCertificate?: { cert: string; key: string };
  /** Take any certificate of the CSMS: for test systems only. */
  upstreamInsecure?: boolean;
}

/** Starts to record the traffic between chargers and a CSMS; rejects with a ChargetapeError, as `chargetape record` exits with. */
export function record({ tls, ...options }: RecordOptions): ReturnType<typeof startRecorder> {
  return startRecorder({ listen: '127.0.0.1:0', ...options, ...(tls && { tls: flagsOf(tls) }) });
}

function flagsOf({
  certificates = [],
  upstreamCertificate: own,
  upstreamInsecure,
  ...rest
}: RecordTls): TlsOptions {
  return {
    clientCert: 'require',
    clientCertHeader: 'rfc9440',
    ...rest,
    tlsCert: certificates.map(({ cert }) => cert),
    tlsKey: certificates.map(({ key }) => key),
    ...(own && { upstreamCert: own.cert, upstreamKey: own.key }),
    ...(upstreamInsecure && { upstreamInsecure }),
  };
}

/** What is replayed, where to and how. */
export interface ReplayOptions {
  recording: string;
  /** The CSMS under test, `ws://HOST[:PORT]`. */
  target: string;
  /** The run; never overwritten. */
  out: string;
  /** A note that the run keeps. */
  label?: string;
  /** 1 when not given: as recorded; a factor, or `max` for as fast as causality allows. */
  speed?: number | 'max';
  /** How recorded times are told again; `shift` at speed 1, else `end-now`, when not given. */
  time?: 'shift' | 'end-now' | 'keep';
  /** Globs of the identities to play; all when not given. */
  sessions?: string[];
  /** How long a missing answer, id or command is waited for, seconds; 30 when not given. */
  wait?: number;
  /** Whether transactions and connectors that the chargers leave open are ended afterwards; true when not given. */
  cleanUp?: boolean;
  /** Test systems that may be dialled, `HOST[:PORT]`; this machine always may. */
  allowTargets?: string[];
  /** TLS to a `wss://` target, PEM texts; the usual roots and no client certificate when not given. */
  tls?: { ca?: string; cert?: string; key?: string; insecure?: boolean };
  /** Passwords by identity, for HTTP Basic; `*` names that of all others. None is sent when not given. */
  passwords?: Record<string, string>;
  /** Ends all sessions at once, incomplete. */
  signal?: AbortSignal;
}

/** Plays recorded chargers against a CSMS into a new run; rejects with a ChargetapeError, as `chargetape replay` exits with. */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { speed = 1, time = speed === 1 ? 'shift' : 'end-now', wait = 30, label = null, signal } = options;
  const target = parseServerUrl(options.target);
  const reader = await openRecording(options.recording);
  try {
    const { upstream, uuid: source } = reader.recording;
    await requireSessions(reader);
    const sessions = await selectSessions(reader, options.sessions);
    const tls = clientTls(options.tls, { insecure: options.tls?.insecure ?? false });
    const check = { target, upstream, allowed: options.allowTargets ?? [] };
    const admit = await admitTarget(check, { reader, sessions }, tls);

    const url = formatServer(target) + target.path;
    const head = { kind: 'run', toolVersion: TOOL_VERSION, label, upstream: url, source } as const;
    const recorder = await createRecording(options.out, head);
    try {
      const waitMs = wait * 1_000;
      const passwords = passwordsOf(Object.entries(options.passwords ?? {}), null);
      return await play({
        reader,
        recorder,
        target,
        speed,
        time,
        sessions,
        waitMs,
        access: { passwords, tls: () => tls, ...(admit && { admit }) },
        cleanUp: options.cleanUp ?? true,
        ...(signal && { signal }),
      });
    } finally {
      await recorder.close();
    }
  } finally {
    reader.close();
  }
}

/** The recordings that are compared. */
export interface DiffOptions {
  /** The recording that is compared against. */
  baseline: string;
  /** The recording under judgement, usually a run of the baseline. */
  candidate: string;
  /** Further runs of the baseline's own build: values that drift in them too are noise. */
  noise?: string[];
  /** A rules file, YAML: what is expected or accepted, and why. */
  rules?: string;
  /** A run of the same baseline against the old build: only what is new decides. */
  oldRun?: string;
  /** Sessions to compare whatever they are called, `BASELINE=CANDIDATE`, each an identity, `endpoint/identity` or session id. */
  pair?: string[];
}

/** What the candidate's CSMS does differently; rejects with a ChargetapeError when a recording cannot be read. */
export function diff({ baseline, candidate, ...judgement }: DiffOptions): Promise<Comparison> {
  return compareFiles(baseline, candidate, judgement);
}

/** A comparison as `chargetape diff --format` prints it. */
export function report(comparison: Comparison, format: Format): string {
  return FORMATS[format](comparison);
}
