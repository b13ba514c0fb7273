import { type Json, type JsonObject, valueAt } from '../ocpp/json.ts';
import { parseTime } from '../ocpp/time.ts';
import type { Agenda } from './agenda.ts';
import type { Certificates } from './certificates.ts';
import { type Obedience, status } from './obeyed.ts';
import type { Voice } from './voice.ts';

/** How long each step of a procedure takes, ms. */
const STEP_MS = 2_000;

/** What long procedures of a charger stand on. */
export interface ProceduresGround {
  voice: Voice;
  certificates: Certificates;
  agenda: Agenda;
  now: () => number;
  /** Starts the new firmware. */
  restart: () => void;
}

/**
 * What a CSMS asks for and is told about step by step: uploads and firmware (OCPP 1.6 §4.4, §4.5; Security Whitepaper §4).
 * Nothing that a command names is ever fetched or dialled.
 */
export class Procedures {
  readonly #ground: ProceduresGround;
  /** Last status by action: what a trigger is answered with. */
  readonly #last = new Map<string, JsonObject>();

  constructor(ground: ProceduresGround) {
    this.#ground = ground;
  }

  /** The last status that was told, or `Idle`. */
  lastOf(action: string): Json {
    const last = this.#last.get(action);
    return last && !isOver(last.status) ? last : { status: 'Idle' };
  }

  diagnostics(): Obedience {
    return {
      answer: { result: { fileName: 'diagnostics.log' } },
      after: () => this.#run('DiagnosticsStatusNotification', [...UPLOAD], {}),
    };
  }

  /** Begins at the time that the command names (OCPP 1.6 §5.19). */
  firmware(payload: Json): Obedience {
    const fromMs = timeOf(payload, ['retrieveDate']);
    const [first, ...rest] = ['Downloading', 'Downloaded', 'Installing', 'Installed'].map(step);
    return {
      answer: { result: {} },
      after: () => this.#run('FirmwareStatusNotification', [{ ...first!, fromMs }, ...rest], {}),
    };
  }

  log(payload: Json): Obedience {
    const answer = { status: this.#taken('LogStatusNotification'), filename: 'log.txt' };
    return {
      answer: { result: answer },
      after: () => this.#run('LogStatusNotification', [...UPLOAD], requestOf(payload)),
    };
  }

  /** Download and installation wait for the times that the command names (Security Whitepaper §4). */
  signedFirmware(payload: Json): Obedience {
    const { certificates, voice, now } = this.#ground;
    const certificate = String(valueAt(payload, ['firmware', 'signingCertificate']));
    if (!certificates.maySignFirmware(certificate)) {
      return status('InvalidCertificate', () => voice.securityEvent('InvalidFirmwareSigningCertificate'));
    }
    const waiting = (name: string, fromMs: number) => (fromMs > now() ? [step(name)] : []);
    const downloadMs = timeOf(payload, ['firmware', 'retrieveDateTime']);
    const installMs = timeOf(payload, ['firmware', 'installDateTime']);
    const steps: Step[] = [
      ...waiting('DownloadScheduled', downloadMs),
      { name: 'Downloading', fromMs: downloadMs },
      ...['Downloaded', 'SignatureVerified'].map(step),
      ...waiting('InstallScheduled', installMs),
      { name: 'Installing', fromMs: installMs },
      ...['InstallRebooting', 'Installed'].map(step),
    ];
    const action = 'SignedFirmwareStatusNotification';
    return status(this.#taken(action), () => this.#run(action, steps, requestOf(payload)));
  }

  /** A procedure that is asked for again begins again. */
  #taken(action: string): string {
    return this.#ground.agenda.has(action) ? 'AcceptedCanceled' : 'Accepted';
  }

  /** Tells one step after the other; a firmware restarts the charger before its last one, which it tells once it is back. */
  #run(action: string, steps: readonly Step[], more: JsonObject): void {
    const { agenda, voice, now, restart } = this.#ground;
    const [next, ...rest] = steps;
    if (next === undefined) return;
    agenda.set(action, Math.max(next.fromMs, now() + STEP_MS), () => {
      const payload: JsonObject = { status: next.name, ...more };
      const isRestart = next.name === 'Installed';
      this.#last.set(action, payload);
      if (isRestart) restart();
      voice.call(action, payload, { survives: isRestart });
      this.#run(action, rest, more);
    });
  }
}

/** One status of a procedure; not told before `fromMs`. */
interface Step {
  name: string;
  fromMs: number;
}

const UPLOAD: readonly Step[] = ['Uploading', 'Uploaded'].map(step);

function step(name: string): Step {
  return { name, fromMs: 0 };
}

/** The time at this place, ms since the epoch; 0 when there is none. */
function timeOf(payload: Json, path: string[]): number {
  return parseTime(String(valueAt(payload, path)))?.epochMs ?? 0;
}

function requestOf(payload: Json): JsonObject {
  const requestId = valueAt(payload, ['requestId']);
  return requestId === undefined ? {} : { requestId };
}

function isOver(step: Json | undefined): boolean {
  return step === 'Uploaded' || step === 'Installed';
}
