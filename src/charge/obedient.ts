import { isObject, type Json, jsonEqual, pointer, valueAt } from '../ocpp/json.ts';
import type { ChargerState, Protocol } from '../ocpp/protocol.ts';
import { parseTime } from '../ocpp/time.ts';
import type { Bay } from './bay.ts';
import type { Certificates } from './certificates.ts';
import { type Obedience, status } from './obeyed.ts';
import type { Procedures } from './procedures.ts';
import type { Profile } from './profile.ts';
import type { Settings } from './settings.ts';
import type { Triggers } from './triggers.ts';

/** What commands act upon. */
export interface ObedienceGround {
  profile: Profile;
  protocol: Protocol;
  state: ChargerState;
  settings: Settings;
  bays: readonly Bay[];
  procedures: Procedures;
  certificates: Certificates;
  triggers: Triggers;
  now: () => number;
  /** Asks the CSMS about a tag that it wants to charge with. */
  authorize: (tag: string, after: () => void) => void;
  /** Ends the connection and starts anew. */
  reset: (type: 'Soft' | 'Hard') => void;
}

/** Obeys the commands of the CSMS for real: those that ask for something to happen are done, all others are answered by what is known. */
export class Obedient {
  readonly #ground: ObedienceGround;

  constructor(ground: ObedienceGround) {
    this.#ground = ground;
  }

  /** The answer to a command and what follows from it. A profile's own answers come first. */
  obey(action: string, payload: Json): Obedience {
    const { state, protocol, bays, now } = this.#ground;
    const own = this.#ownAnswer(action, payload);
    if (own) return own;
    const obedience: Obedience = this.#done(action, payload) ?? {
      answer: state.answer(action, payload, now()) ?? protocol.defaultAnswer(action, payload),
    };
    const { answer, after } = obedience;
    if (!('result' in answer)) return obedience;
    return {
      answer,
      after: () => {
        state.learn({ caller: 'csms', action, call: payload, result: answer.result });
        after?.();
        for (const bay of bays) bay.resume();
      },
    };
  }

  /** The obedience to a command that asks for something to happen; null for all others. */
  #done(action: string, payload: Json): Obedience | null {
    const { triggers, procedures, certificates } = this.#ground;
    switch (action) {
      case 'RemoteStartTransaction':
        return this.#remoteStart(payload);
      case 'RemoteStopTransaction':
        return this.#remoteStop(payload);
      case 'Reset':
        return this.#reset(payload);
      case 'ChangeAvailability':
        return this.#availability(payload);
      case 'UnlockConnector':
        return this.#unlock(payload);
      case 'ReserveNow':
        return this.#reserve(payload);
      case 'CancelReservation':
        return this.#cancelReservation(payload);
      case 'TriggerMessage':
      case 'ExtendedTriggerMessage':
        return triggers.asked(payload);
      case 'GetDiagnostics':
        return procedures.diagnostics();
      case 'UpdateFirmware':
        return procedures.firmware(payload);
      case 'GetLog':
        return procedures.log(payload);
      case 'SignedUpdateFirmware':
        return procedures.signedFirmware(payload);
      case 'CertificateSigned':
        return certificates.signed(payload);
      case 'InstallCertificate':
        return certificates.install(payload);
      case 'GetInstalledCertificateIds':
        return certificates.list(payload);
      case 'DeleteCertificate':
        return certificates.delete(payload);
      default:
        return null;
    }
  }

  #ownAnswer(action: string, payload: Json): Obedience | null {
    const places = new Map(leaves(payload, []).map(({ path, value }) => [pointer(path), value]));
    const found = this.#ground.profile.answers.find(
      (one) =>
        one.action === action &&
        Object.entries(one.when).every(([place, wanted]) => {
          const value = places.get(place);
          return value !== undefined && (wanted === true || jsonEqual(value, wanted as Json));
        }),
    );
    if (!found) return null;
    const { error, result = {}, restarts } = found;
    if (error) return { answer: { errorCode: error.code, description: error.description } };
    return { answer: { result }, ...(restarts && { after: () => this.#ground.reset('Hard') }) };
  }

  /** OCPP 1.6 §5.11: Accepted means that it will be tried. */
  #remoteStart(payload: Json): Obedience {
    const tag = valueAt(payload, ['idTag']);
    if (typeof tag !== 'string') return status('Rejected');
    const wanted = valueAt(payload, ['connectorId']);
    const { bays, settings, authorize } = this.#ground;
    const bay = bays.find(
      (one) => (wanted === undefined || one.connector.id === wanted) && one.canStart(tag),
    );
    if (!bay) return status('Rejected');
    return status('Accepted', () => {
      if (settings.flag('AuthorizeRemoteTxRequests', false)) authorize(tag, () => bay.authorise(tag));
      else bay.authorise(tag);
    });
  }

  /** OCPP 1.6 §5.12. */
  #remoteStop(payload: Json): Obedience {
    const bay = this.#ground.bays.find((one) => one.runs(valueAt(payload, ['transactionId'])));
    return bay ? status('Accepted', () => bay.stop('Remote')) : status('Rejected');
  }

  /** OCPP 1.6 §5.14. */
  #reset(payload: Json): Obedience {
    const type = valueAt(payload, ['type']) === 'Hard' ? 'Hard' : 'Soft';
    return status('Accepted', () => this.#ground.reset(type));
  }

  /** OCPP 1.6 §5.2; connector 0 stands for all. */
  #availability(payload: Json): Obedience {
    const bays = this.#baysOf(payload);
    if (bays.length === 0) return status('Rejected');
    const wanted = valueAt(payload, ['type']) === 'Inoperative' ? 'Unavailable' : 'Available';
    const answers = bays.map((bay) => bay.setAvailability(wanted));
    return status(answers.includes('Scheduled') ? 'Scheduled' : 'Accepted', () => {
      for (const bay of bays) bay.applyAvailability(wanted);
    });
  }

  /** OCPP 1.6 §5.18: a running transaction is ended first. */
  #unlock(payload: Json): Obedience {
    const [bay] = valueAt(payload, ['connectorId']) === 0 ? [] : this.#baysOf(payload);
    if (!bay) return status('NotSupported');
    return status('Unlocked', () => {
      bay.stop('UnlockCommand');
      bay.unplug();
    });
  }

  /** OCPP 1.6 §5.13. */
  #reserve(payload: Json): Obedience {
    const id = valueAt(payload, ['reservationId']);
    const tag = valueAt(payload, ['idTag']);
    const expiry = parseTime(String(valueAt(payload, ['expiryDate'])));
    if ((typeof id !== 'number' && typeof id !== 'bigint') || typeof tag !== 'string' || !expiry)
      return status('Rejected');
    const bays = this.#baysOf(payload);
    const isAny = valueAt(payload, ['connectorId']) === 0;
    if (isAny && !this.#ground.settings.flag('ReserveConnectorZeroSupported', false))
      return status('Rejected');
    const bay =
      bays.find(({ connector }) => connector.reservation?.id === id) ??
      bays.find(({ connector }) => connector.status === 'Available');
    if (!bay) {
      const [{ connector } = { connector: null }] = bays;
      if (!connector) return status('Rejected');
      const isOut = connector.status === 'Faulted' || connector.status === 'Unavailable';
      return status(isOut ? connector.status : 'Occupied');
    }
    const parent = valueAt(payload, ['parentIdTag']);
    const reservation = {
      id,
      tag,
      parent: typeof parent === 'string' ? parent : null,
      untilMs: expiry.epochMs,
    };
    return status('Accepted', () => bay.reserve(reservation));
  }

  #cancelReservation(payload: Json): Obedience {
    const id = valueAt(payload, ['reservationId']);
    const bay = this.#ground.bays.find(({ connector }) => connector.reservation?.id === id);
    return bay ? status('Accepted', () => bay.release()) : status('Rejected');
  }

  #baysOf(payload: Json): Bay[] {
    const id = valueAt(payload, ['connectorId']);
    return this.#ground.bays.filter(({ connector }) => id === 0 || connector.id === id);
  }
}

function leaves(value: Json, path: (string | number)[]): { path: (string | number)[]; value: Json }[] {
  if (Array.isArray(value)) {
    return [{ path, value }, ...value.flatMap((item, index) => leaves(item, [...path, index]))];
  }
  if (!isObject(value)) return [{ path, value }];
  return [{ path, value }, ...Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))];
}
