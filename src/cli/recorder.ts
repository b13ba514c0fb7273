import { ChargetapeError } from '../errors.ts';
import { type RunningAdmin, startAdmin } from '../proxy/admin.ts';
import type { DrainRules } from '../proxy/drain.ts';
import type { ProxyEvent } from '../proxy/event.ts';
import { Overload, type OverloadLimits } from '../proxy/overload.ts';
import { type RunningProxy, startProxy } from '../proxy/proxy.ts';
import type { ControlFrames } from '../proxy/tap.ts';
import type { Pseudonyms } from '../session/pseudonyms.ts';
import type { PartLimits } from '../store/parts.ts';
import type { RecorderCounters } from '../store/recorder-health.ts';
import { removeFile } from '../store/recording-file.ts';
import { createRecording, type RecordingHead, type RecordingWriter } from '../store/recording-writer.ts';
import type { Retention } from '../store/retention.ts';
import { isGrave, type Trouble } from '../store/trouble.ts';
import type { ListeningSocket } from '../wire/listen.ts';
import {
  formatAddress,
  formatServer,
  type ListenAddress,
  parseListenAddress,
  parseServerUrl,
} from '../wire/url.ts';
import { CertificateFiles, type CertificateNews } from './certificate-files.ts';
import { Observatory } from './observatory.ts';
import { roadOf } from './road.ts';
import type { StandingOptions } from './standing-options.ts';
import { type TlsOptions, tlsFilesOf } from './tls-options.ts';
import { TOOL_VERSION } from './version.ts';

/** What a recorder needs to know. */
export interface RecorderSettings {
  /** The CSMS, `ws://HOST[:PORT]` or `wss://…`; a path stands before the chargers' own. */
  upstream: string;
  /** The flags about TLS and about where it stands; those of a plain recorder when not given. */
  tls?: TlsOptions;
  standing?: StandingOptions;
  /** Where chargers connect, `HOST:PORT`; port 0 chooses a free one. */
  listen: string;
  /** A socket that listens already; it stands in for `listen`. */
  socket?: ListeningSocket | null;
  /** How connections are ended before a stop; all at once when not given. */
  drain?: DrainRules | undefined;
  /** The recording; never overwritten. */
  out: string;
  /** Where the admin port listens, `HOST:PORT`; none when not given. */
  admin?: string | undefined;
  /** A note that the recording keeps. */
  label?: string | undefined;
  /** Other names for persons in the recording. */
  pseudonyms?: Pseudonyms | null;
  /** How long a frame may wait to be on record, ms. */
  maxHoldMs?: number;
  /** What becomes of pings and pongs; frames like any other when not given. */
  controlFrames?: ControlFrames;
  /** No record, no traffic. */
  isStrict?: boolean;
  /** What recording may cost before it is switched off. */
  overload?: OverloadLimits;
  /** When another part is begun, and what is removed from the folder. */
  limits?: PartLimits;
  retention?: Retention | undefined;
  /** Told of each part that is finished. */
  onPart?: (file: string) => void;
  /** Told what happens; must not block. */
  log?: (
    event: ProxyEvent | ({ kind: 'trouble' } & Trouble) | ({ kind: 'certificates' } & CertificateNews),
  ) => void;
}

/** What went through a recorder. */
export type RecorderTotals = RecorderCounters & { connections: number; frames: number; faults: number };

/** A recorder between chargers and their CSMS. */
export interface RunningRecorder {
  /** Where chargers connect: `ws://HOST:PORT` or `wss://HOST:PORT`. */
  url: string;
  /** URL of the CSMS. */
  upstream: string;
  file: string;
  /** `http://HOST:PORT` of the admin port; null without one. */
  admin: string | null;
  /** Reads certificates again. */
  reload(): void;
  /** Switches recording off, or on again; traffic goes on. */
  toggle(): void;
  /** Ends connections and recording cleanly. */
  stop(): Promise<RecorderTotals>;
}

const NO_LIMITS: OverloadLimits = { loopDelayMs: 0, commitDelayMs: 0 };

/** No TLS anywhere but to a `wss://` upstream. */
const PLAIN: TlsOptions = { clientCert: 'require', clientCertHeader: 'rfc9440' };

/** Starts to record. BAD_URL, BAD_CERTIFICATE, OPEN_FILES, BAD_ADDRESS, OUT_EXISTS, CANNOT_WRITE, PORT_IN_USE, CANNOT_LISTEN; a failed start leaves no file. */
export async function startRecorder(settings: RecorderSettings): Promise<RunningRecorder> {
  const {
    out,
    label = null,
    maxHoldMs = 250,
    isStrict = false,
    controlFrames = 'all',
    log = () => {},
  } = settings;
  const server = parseServerUrl(settings.upstream);
  const listen = settings.socket ?? parseListenAddress(settings.listen);
  if (server.path.includes('?')) throw new ChargetapeError('BAD_URL', 'The upstream has a query.');
  const upstream = formatServer(server) + server.path;
  const adminAddress = settings.admin === undefined ? null : parseListenAddress(settings.admin);
  const certificates = new CertificateFiles(tlsFilesOf(settings.tls ?? PLAIN), (news) =>
    log({ kind: 'certificates', ...news }),
  );
  const road = roadOf(server, certificates, settings);
  const { pseudonyms = null } = settings;
  const head: RecordingHead = {
    ...{ kind: 'capture', toolVersion: TOOL_VERSION, label, upstream, source: null },
    pseudonymKey: pseudonyms?.fingerprint ?? null,
  };
  const observatory = new Observatory();
  const recorder = await createRecording(out, head, {
    ...{ maxHoldMs, meter: observatory.meter, isStrict },
    ...(settings.limits && { limits: settings.limits }),
    ...(settings.retention && { retention: settings.retention }),
  });
  if (settings.onPart) recorder.onPart(settings.onPart);
  recorder.onTrouble((trouble) => log({ kind: 'trouble', ...trouble }));
  const proxy = await orDiscard(recorder, () =>
    startProxy({ ...road, listen, recorder, pseudonyms, isStrict, controlFrames, log }),
  );
  const url = formatServer({ ...proxy.address, path: '', ...(certificates.server && { secure: true }) });
  if (isStrict) refuseUnrecorded(recorder, proxy);
  const overload = new Overload(proxy.recording, (!isStrict && settings.overload) || NO_LIMITS, {
    oldestWaitMs: () => recorder.oldestWaitMs,
    connections: () => ({ open: proxy.stats().open, opening: proxy.opening() }),
  });
  observatory.observe({ proxy, recorder, url, upstream });
  const admin = await openAdmin(adminAddress, observatory, recorder, proxy);
  return {
    url,
    upstream,
    file: out,
    admin: admin && `http://${formatAddress(admin.address.host, admin.address.port)}`,
    reload: () => certificates.reload(),
    toggle: () => observatory.setRecording(!proxy.recording.isOn),
    async stop() {
      certificates.close();
      overload.stop();
      if (settings.drain) await proxy.drain(settings.drain);
      await proxy.close();
      const { connections, frames, faults } = proxy.stats();
      await recorder.close();
      admin?.close();
      observatory.stop();
      return { connections, frames: frames.charger + frames.csms, faults, ...recorder.counters };
    },
  };
}

/** Lets nothing pass while nothing can be recorded. */
function refuseUnrecorded(recorder: RecordingWriter, proxy: RunningProxy): void {
  recorder.onTrouble(({ code }) => {
    if (isGrave(code)) proxy.refuse(true);
    else if (code === 'RECOVERED') proxy.refuse(false);
  });
}

async function openAdmin(
  listen: ListenAddress | null,
  observatory: Observatory,
  recorder: RecordingWriter,
  proxy: RunningProxy,
): Promise<RunningAdmin | null> {
  if (listen === null) return null;
  return orDiscard(recorder, async () => {
    try {
      return await startAdmin(listen, observatory);
    } catch (error) {
      await proxy.close();
      throw error;
    }
  });
}

/** A recorder that cannot listen has recorded nothing: its file is taken back. */
async function orDiscard<T>(recorder: RecordingWriter, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    await recorder.close();
    removeFile(recorder.path);
    throw error;
  }
}
