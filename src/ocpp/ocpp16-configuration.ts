import { isObject, type Json, valueAt } from './json.ts';

/** One configuration key as the vendor spells it. */
interface Setting {
  key: string;
  readonly: boolean;
  /** Null for a key that is only written, and for a redacted value. */
  value: string | null;
}

/** What stands for a value that was not recorded. */
const REDACTED = '[redacted]';

/** Keys that decide how a charger reaches its CSMS: not to be changed on a virtual one (Security Whitepaper §2). */
const CONNECTING = new Set(['authorizationkey', 'securityprofile']);

/** Keys of OCPP 1.6 §9 whose value is a whole number, none of them below 0. */
const NUMBERS = new Set(
  [
    ...[
      'BlinkRepeat',
      'ClockAlignedDataInterval',
      'ConnectionTimeOut',
      'HeartbeatInterval',
      'LightIntensity',
    ],
    ...['MaxEnergyOnInvalidId', 'MessageTimeout', 'MeterValueSampleInterval', 'MinimumStatusDuration'],
    ...['ResetRetries', 'TransactionMessageAttempts', 'TransactionMessageRetryInterval'],
    'WebSocketPingInterval',
  ].map((key) => key.toLowerCase()),
);

/** Keys of OCPP 1.6 §9 that every charger has and lets be changed; known even of one whose settings were never recorded. */
const COMMON = new Set(
  [
    ...['ClockAlignedDataInterval', 'ConnectionTimeOut', 'HeartbeatInterval', 'LocalAuthorizeOffline'],
    ...['LocalPreAuthorize', 'MeterValuesAlignedData', 'MeterValuesSampledData', 'MeterValueSampleInterval'],
    ...['ResetRetries', 'StopTransactionOnInvalidId', 'StopTxnAlignedData', 'StopTxnSampledData'],
    ...['TransactionMessageAttempts', 'TransactionMessageRetryInterval'],
  ].map((key) => key.toLowerCase()),
);

/** The settings of a charger: as recorded first, with the changes accepted since (OCPP 1.6 §9; keys are CiStrings). */
export class Configuration {
  readonly #settings = new Map<string, Setting>();

  /** Takes the settings of a recorded GetConfiguration; what is known already stays. */
  recall(result: Json): void {
    const settings = valueAt(result, ['configurationKey']);
    for (const setting of Array.isArray(settings) ? settings : []) {
      if (!isObject(setting) || typeof setting.key !== 'string') continue;
      const known = this.#settings.get(setting.key.toLowerCase());
      if (known !== undefined && known.value !== null) continue;
      const { key, readonly, value } = setting;
      const text = typeof value === 'string' && value !== REDACTED ? value : null;
      this.#settings.set(key.toLowerCase(), { key, readonly: readonly === true, value: text });
    }
  }

  /** A setting that was changed, or could have been: it is known from now on. */
  set(key: string, value: string | null): void {
    const known = this.#settings.get(key.toLowerCase());
    this.#settings.set(key.toLowerCase(), {
      key: known?.key ?? key,
      readonly: known?.readonly ?? false,
      value,
    });
  }

  /** The value of a key; undefined when it is not known. */
  valueOf(key: string): string | undefined {
    return this.#settings.get(key.toLowerCase())?.value ?? undefined;
  }

  /** Whether a list among the settings has this entry; undefined when the list is not known. */
  lists(key: string, entry: string): boolean | undefined {
    return this.valueOf(key)
      ?.split(',')
      .some((one) => one.trim().toLowerCase() === entry.toLowerCase());
  }

  /** The result of GetConfiguration (OCPP 1.6 §5.8): all settings, or those asked for and the keys that are not known. */
  read(asked: readonly string[]): Json {
    if (asked.length === 0) return { configurationKey: [...this.#settings.values()].map(written) };
    const found = new Map<string, Setting>();
    const unknownKey: string[] = [];
    for (const key of asked) {
      const setting = this.#settings.get(key.toLowerCase());
      if (setting) found.set(setting.key, setting);
      else unknownKey.push(key);
    }
    const result = { configurationKey: [...found.values()].map(written) };
    return unknownKey.length === 0 ? result : { ...result, unknownKey };
  }

  /** The status of a ChangeConfiguration (OCPP 1.6 §5.3); does not change anything yet. */
  judge(key: string, value: string): 'Accepted' | 'Rejected' | 'NotSupported' {
    const name = key.toLowerCase();
    if (CONNECTING.has(name)) return 'Rejected';
    const setting = this.#settings.get(name);
    if (setting === undefined && !COMMON.has(name)) return 'NotSupported';
    if (setting?.readonly) return 'Rejected';
    return NUMBERS.has(name) && !/^\d+$/.test(value) ? 'Rejected' : 'Accepted';
  }
}

function written({ key, readonly, value }: Setting): Json {
  return value === null ? { key, readonly } : { key, readonly, value };
}
