import { Ajv, type ValidateFunction } from 'ajv';
import type { Json } from '../../src/ocpp/json.ts';
import schemas from '../../src/ocpp/ocpp16-schemas.json' with { type: 'json' };

const ajv = new Ajv({ strict: false, allErrors: true });
/** RFC 3339 §5.6: a zone is part of a date-time. */
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
ajv.addFormat('uri', true);

const validators = new Map<string, ValidateFunction>();

/** Places of a payload that break the schema of OCPP 1.6, as JSON Pointers with `*` for an array index; `''` is the whole. */
export function schemaErrors(action: string, part: 'call' | 'result', payload: Json): string[] {
  const validate = validatorOf(`urn:${action}.${part === 'call' ? 'req' : 'conf'}`);
  validate(payload);
  const places = (validate.errors ?? []).map(({ instancePath }) =>
    instancePath.replace(/\/\d+(?=\/|$)/g, '/*'),
  );
  return [...new Set(places)];
}

function validatorOf(id: string): ValidateFunction {
  const known = validators.get(id);
  if (known) return known;
  const schema = schemas.find(({ $id }) => $id === id);
  if (!schema) throw new Error(`there is no schema ${id}`);
  const { $id, ...anonymous } = schema;
  const validate = ajv.compile(anonymous);
  validators.set($id, validate);
  return validate;
}
