import { z } from 'zod';
import { COMPACT } from './json-style.ts';
import { unknownFillings } from './pattern.ts';

/** How a claim is known, from a literal frame in a public log down to our own invention. */
export const LEVELS = ['seen', 'payload-seen', 'reported', 'template', 'inferred', 'synthetic'] as const;

/** What is measured, in the unit that `scale` starts from: W, Wh, A, V, %, °C, Hz. */
export const QUANTITIES = [
  'energy',
  'power',
  'current',
  'voltage',
  'offered',
  'soc',
  'temperature',
  'frequency',
] as const;

const pattern = z.string().refine((text) => unknownFillings(text).length === 0, {
  error: ({ input }) => `the pattern uses ${unknownFillings(String(input)).join(', ')}, which is not known`,
});
const level = z.enum(LEVELS);
/** A payload in which `"$name"` stands for a value; its member is left out when there is none. */
const template = z.record(z.string(), z.json());
const seconds = z.number().nonnegative();

const claim = z.strictObject({
  /** Number in the catalogue of quirks, such as `S6`; null for one that it does not list. */
  quirk: z
    .string()
    .regex(/^[TFS]\d+$/)
    .nullable()
    .default(null),
  what: z.string(),
  level,
  source: z.string(),
});

const sample = z.strictObject({
  quantity: z.enum(QUANTITIES),
  /** 1 to 3; the sum, or what has no phase, without it. */
  phase: z.number().int().min(1).max(3).optional(),
  decimals: z.number().int().min(0).max(6).default(0),
  /** Factor from W, Wh, A, V, %, °C or Hz to the unit that is written. */
  scale: z.number().positive().default(1),
  /** Added after that, such as 273.15 for K. */
  offset: z.number().default(0),
  /** The sampledValue, with `$value`, `$context`, and `$trigger`: the context unless it is the usual one. */
  value: template,
});

const answer = z.strictObject({
  action: z.string(),
  /** JSON Pointers of the command and what must stand there; `true` for anything. */
  when: z.record(z.string(), z.json()).default({}),
  result: template.optional(),
  error: z.strictObject({ code: z.string(), description: z.string().default('') }).optional(),
  /** Whether it starts anew once it has said so. */
  restarts: z.boolean().default(false),
});

const call = z.strictObject({ action: z.string(), payload: template, after: seconds.default(0) });

/** A make of charger, as far as the wire shows it: what it calls itself, how it writes, and what it does otherwise than others. */
export const profileSchema = z.strictObject({
  title: z.string(),
  vendor: z.string(),
  /** The level of the profile as a whole: that of its weakest needful part. */
  level,
  sources: z.array(z.string()).min(1),
  /** Last segment of its path, such as `TACW22{n:11}`. */
  identity: pattern,
  /** `$serial` in templates. */
  serial: pattern.default('{digits:8}'),
  /** Request target; `{identity}` is percent-encoded. */
  target: z.string().default('/{identity}'),
  /** Header lines of its handshake beside those that every one needs; `Sec-WebSocket-Protocol` among them. */
  headers: z.array(z.string()).default(['Sec-WebSocket-Protocol: ocpp1.6']),
  json: z
    .strictObject({
      element: z.string().default(COMPACT.element),
      payload: z.string().optional(),
      member: z.string().default(COMPACT.member),
      colon: z.string().default(COMPACT.colon),
      brace: z.string().default(COMPACT.brace),
      empty: z.string().default(COMPACT.empty),
    })
    .prefault({}),
  messageIds: z.strictObject({
    pattern,
    /** When `{counter}` begins anew. */
    restarts: z.enum(['never', 'boot', 'connection']).default('never'),
    first: z.number().int().default(1),
  }),
  time: z.strictObject({
    fraction: z.number().int().min(0).max(7).default(3),
    zone: z.string().default('Z'),
  }),
  connectors: z.number().int().min(1),
  power: z.strictObject({
    kind: z.enum(['ac', 'dc']).default('ac'),
    phases: z.number().int().min(1).max(3).default(3),
    /** What one connector gives at most, W. */
    watts: z.number().positive(),
    /** Whether the meter begins at zero with each transaction. */
    meter: z.enum(['lifetime', 'session', 'none']).default('lifetime'),
  }),
  boot: template,
  /** When it sends a BootNotification: after a power cycle, on every connection, or only when triggered. */
  boots: z.enum(['power', 'connection', 'triggered']).default('power'),
  /** What it sends of its own accord after it was accepted, and after the connectors' statuses. */
  startUp: z.array(call).default([]),
  /** Seconds from the open connection to the BootNotification, and from its answer to what follows. */
  waits: z.strictObject({ boot: seconds.default(0), afterBoot: seconds.default(0) }).prefault({}),
  status: template.default({
    connectorId: '$connectorId',
    errorCode: '$errorCode',
    status: '$status',
    timestamp: '$timestamp',
  }),
  /** What follows each StatusNotification of a connector above 0. */
  afterStatus: z.array(call).default([]),
  start: template.default({
    connectorId: '$connectorId',
    idTag: '$idTag',
    meterStart: '$meterStart',
    reservationId: '$reservationId',
    timestamp: '$timestamp',
  }),
  stop: template.default({
    transactionId: '$transactionId',
    idTag: '$idTag',
    meterStop: '$meterStop',
    timestamp: '$timestamp',
    reason: '$reason',
    transactionData: '$transactionData',
  }),
  meterValues: template.default({
    connectorId: '$connectorId',
    transactionId: '$transactionId',
    meterValue: '$meterValue',
  }),
  meterValue: template.default({ timestamp: '$timestamp', sampledValue: '$sampledValue' }),
  samples: z.array(sample).min(1),
  /** The id that it names in MeterValues and StopTransaction whatever the CSMS has issued. */
  ownTransactionId: z.number().int().optional(),
  /** A tag with which a transaction begins as soon as a cable is plugged, without any asking. */
  plugAndCharge: z.string().optional(),
  /** Whether StopTransaction carries the samples of its beginning and end. */
  stopData: z.boolean().default(false),
  /** Tags of its users. */
  tags: pattern.default('{HEX:8}'),
  configuration: z
    .array(
      z.strictObject({ key: z.string(), value: z.string().nullable(), readonly: z.boolean().default(false) }),
    )
    .min(1),
  /** Answers that differ from what a conforming charger says; the first that fits holds. */
  answers: z.array(answer).default([]),
  /** Seconds before each attempt to come back; the last one repeats. `jitter` seconds at most are added. */
  redial: z.strictObject({ delays: z.array(seconds).min(1), jitter: seconds.default(0) }),
  /** Whether it says goodbye with a close frame. */
  leaves: z.enum(['close', 'fin', 'reset']).default('close'),
  /** Whether Finishing comes before StopTransaction or after it. */
  finishing: z.enum(['before', 'after', 'none']).default('before'),
  /** Places where it breaks the schemas, and why. */
  deviations: z
    .array(z.strictObject({ action: z.string(), path: z.string(), why: z.string(), source: z.string() }))
    .default([]),
  claims: z.array(claim).default([]),
});

/** A make of charger; the file of `fixtures/sessions` says where each claim comes from. */
export type Profile = z.infer<typeof profileSchema>;

/** Something a profile's charger says of its own accord. */
export type ProfileCall = z.infer<typeof call>;
