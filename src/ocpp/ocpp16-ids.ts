import { ORPHANED_TRANSACTIONS } from './ocpp16-orphans.ts';
import type { IdClass, Part, Site } from './protocol.ts';

function site(action: string, part: Part, path: string): Site {
  return { action, part, path: path.split('.') };
}

/** The classes of ids that a CSMS issues in OCPP 1.6, with every place of the schemas where one stands. */
export const ID_CLASSES: readonly IdClass[] = [
  {
    name: 'transactionId',
    issued: [site('StartTransaction', 'result', 'transactionId')],
    used: [
      site('MeterValues', 'call', 'transactionId'),
      site('StopTransaction', 'call', 'transactionId'),
      site('RemoteStopTransaction', 'call', 'transactionId'),
      site('SetChargingProfile', 'call', 'csChargingProfiles.transactionId'),
      site('RemoteStartTransaction', 'call', 'chargingProfile.transactionId'),
    ],
    orphans: ORPHANED_TRANSACTIONS,
  },
  {
    name: 'reservationId',
    issued: [site('ReserveNow', 'call', 'reservationId')],
    used: [
      site('CancelReservation', 'call', 'reservationId'),
      site('StartTransaction', 'call', 'reservationId'),
    ],
  },
  {
    name: 'chargingProfileId',
    issued: [
      site('SetChargingProfile', 'call', 'csChargingProfiles.chargingProfileId'),
      site('RemoteStartTransaction', 'call', 'chargingProfile.chargingProfileId'),
    ],
    used: [site('ClearChargingProfile', 'call', 'id')],
  },
  {
    name: 'listVersion',
    issued: [site('SendLocalList', 'call', 'listVersion')],
    used: [site('GetLocalListVersion', 'result', 'listVersion')],
  },
  {
    name: 'requestId',
    issued: [site('GetLog', 'call', 'requestId'), site('SignedUpdateFirmware', 'call', 'requestId')],
    used: [
      site('LogStatusNotification', 'call', 'requestId'),
      site('SignedFirmwareStatusNotification', 'call', 'requestId'),
    ],
  },
];
