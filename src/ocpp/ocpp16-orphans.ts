import { isObject, type Json, valueAt } from './json.ts';
import type { OrphanRule } from './protocol.ts';

/** A CSMS issues 32-bit ids (SAP: 0 to 2^31-1); 2^31-1 itself is a charger's word for "none". */
const MAX_ISSUED = 2 ** 31 - 2;

/** For a transaction of which nothing says who started it. */
const UNKNOWN_TAG = 'UNKNOWN';

/** Transactions that were started before the recording (OCPP 1.6 §4.8): what their StartTransaction may have said. */
export const ORPHANED_TRANSACTIONS: OrphanRule = {
  isPlausible(value) {
    return /^\d+$/.test(value) && Number(value) > 0 && Number(value) <= MAX_ISSUED;
  },
  start(calls, at) {
    const first = (field: string) =>
      calls.map((call) => valueAt(call, [field])).find((value) => value !== undefined);
    const connectorId = first('connectorId') ?? 1;
    const idTag = first('idTag') ?? UNKNOWN_TAG;
    const meterStart = calls.map(lowestReading).find((reading) => reading !== null) ?? 0;
    const payload = { connectorId, idTag, meterStart, timestamp: at.toISOString() };
    return { action: 'StartTransaction', payload };
  },
  path: ['transactionId'],
};

/** The first register reading of a call, Wh; so that the transaction never runs backwards. Null when it has none. */
function lowestReading(call: Json): number | null {
  const values = valueAt(call, ['meterValue']) ?? valueAt(call, ['transactionData']);
  const samples = Array.isArray(values)
    ? values.flatMap((value) => valueAt(value, ['sampledValue']) ?? [])
    : [];
  const register = samples.find((sample) => {
    return isObject(sample) && (sample.measurand ?? REGISTER) === REGISTER && sample.phase === undefined;
  });
  if (register !== undefined && isObject(register)) {
    const reading = Number(register.value) * (register.unit === 'kWh' ? 1000 : 1);
    if (Number.isFinite(reading)) return Math.floor(reading);
  }
  const meterStop = valueAt(call, ['meterStop']);
  return typeof meterStop === 'number' ? meterStop : null;
}

/** What a sample without a measurand is (OCPP 1.6 §7.43). */
const REGISTER = 'Energy.Active.Import.Register';
