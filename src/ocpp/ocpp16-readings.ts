import { matchesPattern, type Path, type PathPattern } from './json.ts';

/** Where a charger's call carries what it measured, or as many samples as there was time for (OCPP 1.6 §6.29, §6.43, §6.45). */
const READINGS: ReadonlyMap<string, readonly PathPattern[]> = new Map([
  ['MeterValues', [['meterValue'], ['meterValue', '*', 'sampledValue', '*', 'value']]],
  ['StartTransaction', [['meterStart']]],
  [
    'StopTransaction',
    [['meterStop'], ['transactionData'], ['transactionData', '*', 'sampledValue', '*', 'value']],
  ],
]);

/** Whether a place of a charger's call differs from day to day by nature. */
export function isReading(action: string, path: Path): boolean {
  return READINGS.get(action)?.some((place) => matchesPattern(path, place)) ?? false;
}

/** Calls that a charger repeats as time goes by. */
export const PERIODIC: ReadonlySet<string> = new Set(['Heartbeat', 'MeterValues']);
