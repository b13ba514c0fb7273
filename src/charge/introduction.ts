import { type Json, valueAt } from '../ocpp/json.ts';
import type { Agenda } from './agenda.ts';
import type { Bay } from './bay.ts';
import type { Profile } from './profile.ts';
import type { Settings } from './settings.ts';
import type { Voice } from './voice.ts';

/** Interval when the CSMS gives none that makes sense, s (OCPP 1.6 §4.2 leaves it to the charger). */
const OWN_INTERVAL_S = 60;

/** What an introduction stands on. */
export interface IntroductionGround {
  profile: Profile;
  voice: Voice;
  agenda: Agenda;
  settings: Settings;
  bays: readonly Bay[];
  now: () => number;
}

/** How a charger stands with its CSMS: it boots until it is accepted, tells its connectors, and beats from then on (OCPP 1.6 §4.2, §4.6). */
export class Introduction {
  readonly #ground: IntroductionGround;
  #standing: 'unknown' | 'accepted' | 'pending' | 'rejected' = 'unknown';
  #isBooted = false;

  constructor(ground: IntroductionGround) {
    this.#ground = ground;
  }

  /** What the CSMS said last. */
  get standing(): 'unknown' | 'accepted' | 'pending' | 'rejected' {
    return this.#standing;
  }

  /** A connection is open: boots where this make does, else tells how its connectors stand. */
  begin(): void {
    const { profile, agenda, now } = this.#ground;
    const { boots, waits } = profile;
    if (boots === 'connection' || (boots === 'power' && !this.#isBooted)) {
      this.#standing = 'unknown';
      agenda.set('boot', now() + waits.boot * 1000, () => this.boot());
      return;
    }
    this.#standing = 'accepted';
    this.#tellAll();
    this.#beatLater();
  }

  /** The connection is over. */
  pause(): void {
    for (const name of ['boot', 'beat', 'introduce']) this.#ground.agenda.cancel(name);
  }

  /** The charger starts anew: it is not known any more. */
  forget(): void {
    this.#isBooted = false;
  }

  /** Sends a BootNotification. */
  boot(): void {
    this.#ground.voice.boot((result) => this.#answered(result));
  }

  /** Sends the status of connector 0: the charger as a whole. */
  tellCharger(isAdmitted: boolean): void {
    const { bays, voice, now } = this.#ground;
    const isOut = bays.every(({ connector }) => connector.status === 'Unavailable');
    const status = isOut ? 'Unavailable' : 'Available';
    voice.status({ id: 0, errorCode: 'NoError', status }, now(), isAdmitted);
  }

  #answered(result: Json | null): void {
    const { agenda, settings, now } = this.#ground;
    const status = valueAt(result, ['status']);
    const given = Number(valueAt(result, ['interval']) ?? 0);
    const seconds = given > 0 ? given : OWN_INTERVAL_S;
    if (status !== 'Accepted') {
      this.#standing = status === 'Rejected' ? 'rejected' : status === 'Pending' ? 'pending' : 'unknown';
      agenda.set('boot', now() + seconds * 1000, () => this.boot());
      return;
    }
    agenda.cancel('boot');
    this.#standing = 'accepted';
    this.#isBooted = true;
    settings.set('HeartbeatInterval', String(seconds));
    this.#beatLater();
    this.#startUp();
  }

  /** What this make says of its own accord once it is accepted. */
  #startUp(): void {
    const { profile, agenda, voice, now } = this.#ground;
    agenda.set('introduce', now() + profile.waits.afterBoot * 1000, () => {
      this.#tellAll();
      profile.startUp.forEach((call, index) => {
        agenda.set(`start ${index}`, now() + call.after * 1000, () => voice.own(call, now()));
      });
    });
  }

  #tellAll(): void {
    this.tellCharger(false);
    for (const bay of this.#ground.bays) bay.tell();
  }

  #beatLater(): void {
    const { settings, agenda, voice, now } = this.#ground;
    const seconds = settings.number('HeartbeatInterval', OWN_INTERVAL_S);
    if (seconds <= 0) return;
    agenda.set('beat', now() + seconds * 1000, () => {
      voice.heartbeat();
      this.#beatLater();
    });
  }
}
