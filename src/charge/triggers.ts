import { type Json, valueAt } from '../ocpp/json.ts';
import type { Bay } from './bay.ts';
import type { Certificates } from './certificates.ts';
import { type Obedience, status } from './obeyed.ts';
import type { Procedures } from './procedures.ts';
import type { Voice } from './voice.ts';

/** What triggers ask for stands on. */
export interface TriggersGround {
  voice: Voice;
  bays: readonly Bay[];
  procedures: Procedures;
  certificates: Certificates;
  boot: () => void;
  /** Sends the status of connector 0. */
  tellCharger: () => void;
}

/** Answers TriggerMessage and ExtendedTriggerMessage (OCPP 1.6 §5.17): the answer first, then what was asked for. */
export class Triggers {
  readonly #ground: TriggersGround;

  constructor(ground: TriggersGround) {
    this.#ground = ground;
  }

  asked(payload: Json): Obedience {
    const connectorId = valueAt(payload, ['connectorId']);
    const isKnown =
      connectorId === undefined ||
      connectorId === 0 ||
      this.#ground.bays.some(({ connector }) => connector.id === connectorId);
    if (!isKnown) return status('Rejected');
    const act = this.#actOf(String(valueAt(payload, ['requestedMessage'])), connectorId);
    return act ? status('Accepted', act) : status('NotImplemented');
  }

  #actOf(requested: string, connectorId: Json | undefined): (() => void) | null {
    const { voice, bays, procedures, certificates, boot, tellCharger } = this.#ground;
    const meant = bays.filter(({ connector }) => connectorId === undefined || connector.id === connectorId);
    switch (requested) {
      case 'BootNotification':
        return boot;
      case 'Heartbeat':
        return () => voice.heartbeat(true);
      case 'MeterValues':
        return () => {
          for (const bay of meant) bay.sample('Trigger', true);
        };
      case 'StatusNotification':
        return () => {
          if (connectorId === undefined || connectorId === 0) tellCharger();
          for (const bay of meant) bay.tell(true);
        };
      case 'DiagnosticsStatusNotification':
      case 'FirmwareStatusNotification':
      case 'LogStatusNotification':
        return () => voice.call(requested, procedures.lastOf(requested), { isAdmitted: true });
      case 'SignChargePointCertificate':
        return () => certificates.request();
      default:
        return null;
    }
  }
}
