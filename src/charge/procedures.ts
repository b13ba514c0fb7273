import { type Json, type JsonObject, valueAt } from '../ocpp/json.ts';
import { parseTime } from '../ocpp/time.ts';
import type { Agenda } from './agenda.ts';
import { type Obedience, status } from './obeyed.ts';
import type { Voice } from './voice.ts';

/** How long each step of a procedure takes, ms. */
const STEP_MS = 2_000;

/** What long procedures of a charger stand on. */
export interface ProceduresGround {
  voice: Voice;
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
      after: () => this.#run('DiagnosticsStatusNotification', ['Uploading', 'Uploaded'], {}),
    };
  }

  /** Begins at the time that the command names (OCPP 1.6 §5.19). */
  firmware(payload: Json): Obedience {
    const time = parseTime(String(valueAt(payload, ['retrieveDate'])));
    return {
      answer: { result: {} },
      after: () =>
        this.#run(
          'FirmwareStatusNotification',
          ['Downloading', 'Downloaded', 'Installing', 'Installed'],
          {},
          time?.epochMs,
        ),
    };
  }

  log(payload: Json): Obedience {
    const isRunning = this.#ground.agenda.has('LogStatusNotification');
    return {
      answer: { result: { status: isRunning ? 'AcceptedCanceled' : 'Accepted', filename: 'security.log' } },
      after: () => this.#run('LogStatusNotification', ['Uploading', 'Uploaded'], requestOf(payload)),
    };
  }

  signedFirmware(payload: Json): Obedience {
    const isRunning = this.#ground.agenda.has('SignedFirmwareStatusNotification');
    const steps = [
      'Downloading',
      'Downloaded',
      'SignatureVerified',
      'Installing',
      'InstallRebooting',
      'Installed',
    ];
    return status(isRunning ? 'AcceptedCanceled' : 'Accepted', () =>
      this.#run('SignedFirmwareStatusNotification', steps, requestOf(payload)),
    );
  }

  /** Tells one step after the other; a firmware restarts the charger before its last one. */
  #run(action: string, steps: readonly string[], more: JsonObject, fromMs = 0): void {
    const { agenda, voice, now, restart } = this.#ground;
    const [step, ...rest] = steps;
    if (step === undefined) return;
    agenda.set(action, Math.max(fromMs, now() + STEP_MS), () => {
      const payload: JsonObject = { status: step, ...more };
      this.#last.set(action, payload);
      if (step === 'Installed') restart();
      voice.call(action, payload);
      this.#run(action, rest, more);
    });
  }
}

function requestOf(payload: Json): JsonObject {
  const requestId = valueAt(payload, ['requestId']);
  return requestId === undefined ? {} : { requestId };
}

function isOver(step: Json | undefined): boolean {
  return step === 'Uploaded' || step === 'Installed';
}
