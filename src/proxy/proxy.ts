import net from 'node:net';
import type { Pseudonyms } from '../session/pseudonyms.ts';
import type { Recorder } from '../session/recording.ts';
import { AddressList } from '../wire/address-list.ts';
import { type ListeningSocket, listenOn } from '../wire/listen.ts';
import type { ListenAddress } from '../wire/url.ts';
import type { Admission } from './admission.ts';
import { type DrainRules, drain } from './drain.ts';
import { Entrance, type EntranceRules } from './entrance.ts';
import { newStats, type ProxyEvent, type ProxyStats } from './event.ts';
import { Fleet } from './fleet.ts';
import type { Forwarding } from './forwarding.ts';
import { httpPassthrough } from './http-passthrough.ts';
import type { RecordOnly } from './record-only.ts';
import { RecordingSwitch } from './recording-switch.ts';
import type { ControlFrames } from './tap.ts';
import { Tunnel, type TunnelContext } from './tunnel.ts';
import { UnreadPassage } from './unread-passage.ts';
import { dialUnread, dialUpstream, type Upstream } from './upstream.ts';

/** What a proxy needs: where to listen, which CSMS, and who records. */
export interface ProxyOptions {
  listen: ListenAddress | ListeningSocket;
  upstream: Upstream;
  recorder: Recorder;
  /** What happens before the first byte of HTTP; nothing when not given. */
  entrance?: Partial<EntranceRules>;
  /** Who may connect; everybody when null or not given. */
  admission?: Admission | null;
  /** Changes request heads; they go as they came when null or not given. */
  forwarding?: Forwarding | null;
  /** Proxies whose X-Forwarded-For is believed; none when not given. */
  trusted?: AddressList;
  /** What becomes of pings and pongs. */
  controlFrames?: ControlFrames;
  /** Whose connections are put on record; all when null or not given. */
  recordOnly?: RecordOnly | null;
  /** Other names for persons in the recording; as they are when null or not given. */
  pseudonyms?: Pseudonyms | null;
  /** Idle time after which a charger's TCP connection is probed, ms; 0 for never (the default). */
  keepAliveMs?: number;
  /** Connections at once; more are closed as they come. */
  maxConnections?: number;
  /** No record, no traffic. */
  isStrict?: boolean;
  /** Told what happens, for people; must not block. */
  log?: (event: ProxyEvent) => void;
  /** How long bytes wait for a message to be inflated, ms (250). The recorder bounds its own hold. */
  maxHoldMs?: number;
  /** Until a CSMS that does not accept a connection is answered for with 502, ms (5,000). */
  connectTimeoutMs?: number;
  /** Until a CSMS that does not answer a handshake is answered for with 504, ms (10,000). */
  responseTimeoutMs?: number;
  /** How long peers may go on after Chargetape itself has ended their connection, ms (2,000). */
  lastWordsMs?: number;
}

/** A running proxy. */
export interface RunningProxy {
  /** Where it listens, with the port the system chose. */
  address: ListenAddress;
  /** Counters of this moment. */
  stats(): ProxyStats;
  /** Connections whose handshake is under way. */
  opening(): number;
  /** The chargers seen so far. */
  fleet: Fleet;
  /** Whether new connections are accepted. */
  isAccepting(): boolean;
  /** Switches recording while traffic goes on. */
  recording: RecordingSwitch;
  /** Ends all connections at once and refuses new ones, or goes on. */
  refuse(isRefusing: boolean): void;
  /** Stops accepting and ends connections one after the other (see `drain`). */
  drain(rules: DrainRules): Promise<void>;
  isDraining(): boolean;
  /** Stops accepting and ends what is open with a FIN both ways; what is still there after two seconds is destroyed. */
  close(): Promise<void>;
}

/** A plain port without a PROXY header. */
const OPEN_DOOR: EntranceRules = {
  tls: null,
  unread: [],
  proxyProtocol: false,
  trusted: null,
  handshakeTimeoutMs: 30_000,
};

const BACKLOG = 4096;

/** Starts to listen for chargers. Throws PORT_IN_USE or CANNOT_LISTEN. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { upstream, recorder, log = () => {}, maxHoldMs = 250 } = options;
  const {
    admission = null,
    forwarding = null,
    recordOnly = null,
    pseudonyms = null,
    keepAliveMs = 0,
  } = options;
  const trusted = options.trusted ?? new AddressList([]);
  const { connectTimeoutMs = 5_000, responseTimeoutMs = 10_000, lastWordsMs = 2_000 } = options;
  const stats = newStats();
  const fleet = new Fleet();
  const tunnels = new Set<Tunnel>();
  const unread = new Set<UnreadPassage>();
  const passthrough = httpPassthrough(upstream.server, responseTimeoutMs, (guest) =>
    dialUpstream(upstream, guest, { timeoutMs: connectTimeoutMs }),
  );
  const cutAll = () => {
    for (const tunnel of tunnels) tunnel.cut();
  };
  const recording = new RecordingSwitch(recorder, (event) => {
    log({ kind: 'recording', ...event });
    if (options.isStrict && !event.isOn) cutAll();
  });
  const refuses = () => isRefusing || (options.isStrict === true && !recording.isOn);
  let isRefusing = false;
  let isDraining = false;
  let onEmpty: (() => void) | null = null;
  const context: TunnelContext = {
    ...{ upstream, recorder, stats, fleet, log, maxHoldMs, connectTimeoutMs, responseTimeoutMs, lastWordsMs },
    ...{ admission, forwarding, trusted, recordOnly, pseudonyms, recording },
    controlFrames: options.controlFrames,
    refuses,
    passHttp: passthrough.accept,
    onClosed(tunnel) {
      tunnels.delete(tunnel);
      if (tunnels.size === 0) onEmpty?.();
    },
  };
  const entrance = new Entrance({ ...OPEN_DOOR, ...options.entrance }, context, {
    welcome: (guest) => tunnels.add(new Tunnel(context, guest)),
    leaveUnread(guest, to) {
      stats.unrecorded++;
      const passage = new UnreadPassage(guest, recorder, () => unread.delete(passage));
      unread.add(passage);
      void passage.open(dialUnread(upstream, guest, to, connectTimeoutMs));
    },
  });
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (charger) => {
    stats.connections++;
    if (keepAliveMs > 0) charger.setKeepAlive(true, keepAliveMs);
    entrance.enter(charger);
  });
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  server.on('drop', () => stats.overLimit++);
  const address = await listenOn(server, options.listen, BACKLOG);
  return {
    address,
    stats: () => Object.assign(stats, { open: tunnels.size + unread.size + entrance.size }),
    opening: () => [...tunnels].reduce((sum, tunnel) => sum + Number(tunnel.isOpening), entrance.size),
    fleet,
    isAccepting: () => server.listening && !refuses(),
    recording,
    refuse(isNow) {
      isRefusing = isNow;
      if (isNow) cutAll();
    },
    isDraining: () => isDraining,
    async drain(rules) {
      isDraining = true;
      server.close();
      log({ kind: 'draining', connections: tunnels.size });
      await drain(tunnels, rules);
    },
    async close() {
      if (server.listening) server.close();
      await entrance.close();
      for (const passage of unread) passage.stop(lastWordsMs);
      passthrough.close();
      if (tunnels.size > 0) {
        const empty = new Promise<void>((resolve) => {
          onEmpty = resolve;
        });
        for (const tunnel of tunnels) tunnel.stop();
        await empty;
      }
      recording.flush();
    },
  };
}
