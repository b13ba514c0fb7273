import { expand, type Json, type Path, valueAt } from './json.ts';
import type { Register } from './protocol.ts';

const REGISTER = 'Energy.Active.Import.Register';

/** Actions whose calls tell registers while a transaction is running. */
export const METERING: ReadonlySet<string> = new Set(['MeterValues']);

/** The registers that a call tells (OCPP 1.6 §6.43, §6.45, §7.43); samples in signed data are none, nobody may touch them. */
export function registersOf(action: string, call: Json): Register[] {
  const ground = { connector: textAt(call, ['connectorId']), transaction: textAt(call, ['transactionId']) };
  const main = (field: string): Register[] => {
    const text = textAt(call, [field]);
    return text === null ? [] : [{ ...ground, path: [field], meter: '', text, unitWh: 1 }];
  };
  if (action === 'StartTransaction') return main('meterStart');
  if (action === 'MeterValues') return samplesOf(call, 'meterValue', ground);
  if (action !== 'StopTransaction') return [];
  return [...main('meterStop'), ...samplesOf(call, 'transactionData', ground)];
}

function samplesOf(
  call: Json,
  field: string,
  ground: Pick<Register, 'connector' | 'transaction'>,
): Register[] {
  return expand(call, [field, '*', 'sampledValue', '*']).flatMap((path) => {
    const sample = valueAt(call, path) ?? null;
    const text = textAt(sample, ['value']);
    const isRegister = (textAt(sample, ['measurand']) ?? REGISTER) === REGISTER;
    if (text === null || !isRegister || textAt(sample, ['format']) === 'SignedData') return [];
    const unitWh = textAt(sample, ['unit']) === 'kWh' ? 1000 : 1;
    const location = textAt(sample, ['location']) ?? 'Outlet';
    const meter = [textAt(sample, ['phase']), location === 'Outlet' ? null : location];
    const named = meter.filter((part) => part !== null).join(' ');
    return [{ ...ground, path: [...path, 'value'], meter: named, text, unitWh }];
  });
}

function textAt(value: Json, path: Path): string | null {
  const found = valueAt(value, path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint'
    ? String(found)
    : null;
}
