import { setTimeout as delay } from 'node:timers/promises';
import { isObject, type Json, type JsonObject, writeJson } from '../ocpp/json.ts';
import { decodeMessage } from '../ocpp/message.ts';
import type { Frame } from '../session/frame.ts';
import type { Recorder, Session } from '../session/recording.ts';
import { wallNowUs } from '../wire/clock.ts';
import type { Probe } from './probe-file.ts';
import type { Look } from './probe-look.ts';

/** The probes of a run, and who looks. */
export interface Probing {
  probes: readonly Probe[];
  look: (probe: Probe, values: JsonObject) => Promise<Look>;
}

/**
 * Watches the frames of one session of a run and looks at the system under test where a probe says so, with the live ids. The charger
 * does not wait for it; what was seen goes on record.
 */
export class SessionProbing {
  readonly #probing: Probing;
  readonly #session: Session;
  readonly #identity: string;
  readonly #recorder: Recorder;
  readonly #calls = new Map<number, Json>();
  readonly #looks: Promise<void>[] = [];
  #isOver = false;

  constructor(probing: Probing, session: Session, identity: string, recorder: Recorder) {
    this.#probing = probing;
    this.#session = session;
    this.#identity = identity;
    this.#recorder = recorder;
  }

  /** Takes a frame as it went on record; frames after the end, of a clean-up, are nobody's. */
  take(frame: Frame): void {
    if (this.#isOver) return;
    const probes = this.#probing.probes.filter(({ after }) => after !== null && after === frame.action);
    if (probes.length === 0) return;
    const message = decodeMessage(Buffer.from(frame.payload).toString('utf8'));
    if (message.type === 'call' && frame.sender === 'charger') this.#calls.set(frame.id, message.payload);
    if (message.type !== 'callResult' || frame.sender !== 'csms' || frame.answers === null) return;
    const call = this.#calls.get(frame.answers);
    if (call === undefined) return;
    this.#calls.delete(frame.answers);
    const answer = message.payload;
    const values = { ...membersOf(answer), ...membersOf(call), call, answer };
    for (const probe of probes) this.#look(probe, frame.answers, values);
  }

  /** Looks for what is to be seen at the end of the session; resolves when every look is over. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#looks);
    for (const probe of this.#probing.probes) if (probe.after === null) this.#look(probe, null, {});
    await Promise.all(this.#looks);
  }

  #look(probe: Probe, frame: number | null, values: JsonObject): void {
    this.#looks.push(this.#seen(probe, frame, values));
  }

  async #seen(probe: Probe, frame: number | null, values: JsonObject): Promise<void> {
    await delay(probe.delayMs);
    const { endpoint, id: session } = this.#session;
    const run = this.#recorder.recording.uuid;
    const seen = await this.#probing.look(probe, { ...values, endpoint, identity: this.#identity, run });
    const told =
      'failure' in seen
        ? { value: null, failure: seen.failure }
        : { value: writeJson(seen.value), failure: null };
    const observation = { session, probe: probe.name, frame, atUs: wallNowUs(), ...told };
    this.#recorder.record({ kind: 'observation', observation });
  }
}

function membersOf(payload: Json): JsonObject {
  return isObject(payload) ? payload : {};
}
