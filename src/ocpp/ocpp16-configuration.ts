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

/** Settings as a GetConfiguration lists them, by key in lower case. */
type Listed = ReadonlyMap<string, Setting>;

/** Lists that were read before: thousands of chargers of one make are told the same one, and hold it together. */
const LISTS = new WeakMap<readonly Json[], Listed>();

/** The settings of a charger: as recorded first, with the changes accepted since (OCPP 1.6 §9; keys are CiStrings). */
export class Configuration {
  /** The first list that was recalled; never changed, since others may hold it too. */
  #listed: Listed = new Map();
  /** What stands instead of the list's, and beside it. */
  readonly #own = new Map<string, Setting>();

  /** Takes the settings of a recorded GetConfiguration; what is known already stays. */
  recall(result: Json): void {
    const list = valueAt(result, ['configurationKey']);
    if (!Array.isArray(list)) return;
    const listed = listedIn(list);
    if (this.#listed.size === 0 && this.#own.size === 0) {
      this.#listed = listed;
      return;
    }
    for (const [name, setting] of listed) {
      if ((this.#settingOf(name)?.value ?? null) === null) this.#own.set(name, setting);
    }
  }

  #settingOf(name: string): Setting | undefined {
    return this.#own.get(name) ?? this.#listed.get(name);
  }

  #all(): Setting[] {
    const added = [...this.#own].filter(([name]) => !this.#listed.has(name));
    return [
      ...[...this.#listed.keys()].map((name) => this.#settingOf(name)!),
      ...added.map(([, one]) => one),
    ];
  }

  /** A setting that was changed, or could have been: it is known from now on. */
  set(key: string, value: string | null): void {
    const known = this.#settingOf(key.toLowerCase());
    this.#own.set(key.toLowerCase(), {
      key: known?.key ?? key,
      readonly: known?.readonly ?? false,
      value,
    });
  }

  /** The value of a key; undefined when it is not known. */
  valueOf(key: string): string | undefined {
    return this.#settingOf(key.toLowerCase())?.value ?? undefined;
  }

  /** Whether a list among the settings has this entry; undefined when the list is not known. */
  lists(key: string, entry: string): boolean | undefined {
    return this.valueOf(key)
      ?.split(',')
      .some((one) => one.trim().toLowerCase() === entry.toLowerCase());
  }

  /** The result of GetConfiguration (OCPP 1.6 §5.8): all settings, or those asked for and the keys that are not known. */
  read(asked: readonly string[]): Json {
    if (asked.length === 0) return { configurationKey: this.#all().map(written) };
    const found = new Map<string, Setting>();
    const unknownKey: string[] = [];
    for (const key of asked) {
      const setting = this.#settingOf(key.toLowerCase());
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
    const setting = this.#settingOf(name);
    if (setting === undefined && !COMMON.has(name)) return 'NotSupported';
    if (setting?.readonly) return 'Rejected';
    return NUMBERS.has(name) && !/^\d+$/.test(value) ? 'Rejected' : 'Accepted';
  }
}

function listedIn(list: readonly Json[]): Listed {
  const known = LISTS.get(list);
  if (known) return known;
  const listed = new Map<string, Setting>();
  for (const setting of list) {
    if (!isObject(setting) || typeof setting.key !== 'string') continue;
    const { key, readonly, value } = setting;
    const name = key.toLowerCase();
    if ((listed.get(name)?.value ?? null) !== null) continue;
    const text = typeof value === 'string' && value !== REDACTED ? value : null;
    listed.set(name, { key, readonly: readonly === true, value: text });
  }
  LISTS.set(list, listed);
  return listed;
}

function written({ key, readonly, value }: Setting): Json {
  return value === null ? { key, readonly } : { key, readonly, value };
}
