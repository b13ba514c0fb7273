import {
  isObject,
  type Json,
  matchesPattern,
  type Path,
  type PathPattern,
  valueAt,
  writeJson,
} from './json.ts';
import { ACTIONS } from './ocpp16-actions.ts';
import { defaultAnswer } from './ocpp16-answers.ts';
import { Charger16 } from './ocpp16-charger.ts';
import { EDGES } from './ocpp16-edges.ts';
import { depends } from './ocpp16-effects.ts';
import { ID_CLASSES } from './ocpp16-ids.ts';
import { provisions } from './ocpp16-provisions.ts';
import { isReading, PERIODIC } from './ocpp16-readings.ts';
import { METERING, registersOf } from './ocpp16-registers.ts';
import schemas from './ocpp16-schemas.json' with { type: 'json' };
import {
  connectorOf,
  IDENTITY_SITES,
  introduction,
  LASTING,
  standing,
  TAG_SITES,
  tagVerdict,
  undoing,
} from './ocpp16-staging.ts';
import type { Part, Protocol } from './protocol.ts';
import { allowsAt, enumPlaces, type Schema, timePlaces } from './schema.ts';

const INTRODUCING: ReadonlySet<string> = new Set(['BootNotification']);

/** A payload's schema, and its time and enum places. */
interface Places {
  schema: Schema;
  times: readonly PathPattern[];
  enums: readonly PathPattern[];
}

const NO_PLACES: Places = { schema: {}, times: [], enums: [] };

/** By schema id, such as `urn:Heartbeat.conf`. */
const PLACES: ReadonlyMap<string, Places> = new Map(
  (schemas as Schema[]).map((schema) => [
    schema.$id ?? '',
    { schema, times: timePlaces(schema), enums: enumPlaces(schema) },
  ]),
);

function placesOf(action: string, part: Part): Places {
  return PLACES.get(`urn:${action}.${part === 'call' ? 'req' : 'conf'}`) ?? NO_PLACES;
}

/** Names of fields whose time is an expiry, anywhere in OCPP 1.6. */
const EXPIRY_FIELDS: ReadonlySet<string | number | undefined> = new Set(['expiryDate', 'validTo']);

/** Key fields of a call as text: their JSON values without regard to case (OCPP's identifiers are CiStrings), `-` when absent. */
function keyOf(action: string, payload: Json): string {
  const fields = ACTIONS.get(action)?.key ?? [];
  return fields.map((field) => keyText(valueAt(payload, field.split('.')))).join(' ');
}

/** Key fields that name what a call is about, not what sort of call it is. */
const OBJECTS: ReadonlySet<string> = new Set(['connectorId', 'idTag']);

function varietyOf(action: string, payload: Json): string | null {
  const fields = (ACTIONS.get(action)?.key ?? []).filter((field) => !OBJECTS.has(field));
  const values = fields.map((field) => valueAt(payload, field.split('.')) ?? null);
  const words = values
    .filter((value) => value !== null)
    .map((value) => (typeof value === 'string' ? value : writeJson(value)));
  return words.length === 0 ? null : words.join(' ');
}

function keyText(value: Json | undefined): string {
  return value === undefined || value === null ? '-' : writeJson(value).toLowerCase();
}

/** Error codes of OCPP 2 and of libraries that mean one of OCPP-J 1.6's misspelt ones (OCPP-J 1.6 errata §3.5). */
const CANONICAL_ERROR_CODES: ReadonlyMap<string, string> = new Map([
  ['FormatViolation', 'FormationViolation'],
  ['OccurrenceConstraintViolation', 'OccurenceConstraintViolation'],
]);

/** Results that decide whether a charger connects or charges. */
const DECIDING_ACTIONS: ReadonlySet<string | null> = new Set([
  'BootNotification',
  'Authorize',
  'StartTransaction',
]);

/** Fields that a charger shows at most. */
const COSMETIC_FIELDS: ReadonlySet<string | number | undefined> = new Set([
  'parentIdTag',
  'errorDescription',
  'errorDetails',
]);

function severity(action: string | null, path: Path): 'high' | 'medium' | 'low' {
  const field = path.at(-1);
  if (field === 'transactionId') return 'high';
  if (DECIDING_ACTIONS.has(action) && (field === 'status' || field === 'idTagInfo')) return 'high';
  return COSMETIC_FIELDS.has(field) ? 'low' : 'medium';
}

function textField(payload: Json, field: string): string | null {
  const value = valueAt(payload, [field]);
  return typeof value === 'string' ? value : null;
}

/** Arrays that are sets, and the field that tells their items apart (OCPP 1.6 §5.8 and §5.15). */
const ITEM_KEYS: ReadonlyMap<string | number | undefined, string> = new Map([
  ['configurationKey', 'key'],
  ['localAuthorizationList', 'idTag'],
]);

/** Commands whose answer tells how the charger stands. */
const QUERIES: ReadonlySet<string> = new Set([
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetLocalListVersion',
]);

/** OCPP 1.6 over JSON (edition 2 with its errata), with the security extension. */
export const ocpp16: Protocol = {
  subprotocol: 'ocpp1.6',
  actions: [...ACTIONS.keys()],
  callerOf: (action) => ACTIONS.get(action)?.caller ?? null,
  idClasses: ID_CLASSES,
  timePaths: (action, part) => placesOf(action, part).times,
  isExpiry: (_action, _part, path) => EXPIRY_FIELDS.has(path.at(-1)),
  isEnum: (action, part, path) => placesOf(action, part).enums.some((place) => matchesPattern(path, place)),
  allows: (action, part, path, value) => allowsAt(placesOf(action, part).schema, path, value),
  itemKey: (_action, _part, path) => ITEM_KEYS.get(path.at(-1)) ?? null,
  commandKey: keyOf,
  callKey: keyOf,
  depends,
  varietyOf,
  isReading,
  registers: registersOf,
  schemaOf: (action, part) => (ACTIONS.has(action) ? placesOf(action, part).schema : null),
  periodic: PERIODIC,
  isExternal: (action) => ACTIONS.get(action)?.external ?? false,
  stimulates: (action) => ACTIONS.get(action)?.stimulates ?? false,
  edges: EDGES,
  defaultAnswer,
  newChargerState: () => new Charger16(),
  isQuery: (action) => QUERIES.has(action),
  admits(action, result) {
    if (action !== 'BootNotification') return null;
    const status = valueAt(result, ['status']);
    return status !== 'Pending' && status !== 'Rejected';
  },
  askAgainSeconds(result) {
    const interval = valueAt(result, ['interval']);
    return typeof interval === 'number' && interval > 0 ? interval : 0;
  },
  introducing: INTRODUCING,
  chargerFacts(action, payload) {
    if (!INTRODUCING.has(action) || !isObject(payload)) return null;
    return {
      vendor: textField(payload, 'chargePointVendor'),
      model: textField(payload, 'chargePointModel'),
      firmware: textField(payload, 'firmwareVersion'),
    };
  },
  canonicalErrorCode: (code) => CANONICAL_ERROR_CODES.get(code) ?? code,
  severity,
  tagSites: TAG_SITES,
  tagField: 'idTagInfo',
  identitySites: IDENTITY_SITES,
  tagVerdict,
  provisions,
  connectorOf,
  lasting: LASTING,
  standing,
  undoing,
  metering: METERING,
  introduction,
};
