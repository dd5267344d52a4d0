/**
 * Checks requests against their schemas. Path and query are text and are converted; a body says
 * what it means, so in a body `"5"` is not 5.
 */
import { Ajv, type ErrorObject } from 'ajv';
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';

export function schemaCompiler(): FastifySchemaCompiler<object> {
  const options = { allErrors: false, useDefaults: true, verbose: true, allowUnionTypes: true };
  const strict = new Ajv(options);
  const converting = new Ajv({ ...options, coerceTypes: true });
  for (const ajv of [strict, converting]) ajv.addFormat('date-time', isDateTime);

  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : converting).compile(schema);
}

/** What is wrong, in words for who wrote the request. */
export function validationErrors(
  errors: readonly FastifySchemaValidationError[],
  part: string,
): { path: string; message: string }[] {
  return errors.map((error) => {
    const path = `${part}${error.instancePath}`;
    return { path: pathOf(path, error), message: messageOf(error) };
  });
}

function pathOf(path: string, { keyword, params }: FastifySchemaValidationError): string {
  if (keyword === 'required') return `${path}/${String(params['missingProperty'])}`;
  if (keyword === 'additionalProperties') {
    return `${path}/${String(params['additionalProperty']).slice(0, 100)}`;
  }
  return path;
}

function messageOf(error: FastifySchemaValidationError): string {
  const { parentSchema } = error as Partial<ErrorObject>;
  const { description } = (parentSchema ?? {}) as { description?: string };
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is not a known field';
    case 'pattern':
      return `must be ${description ?? 'well-formed'}`;
    case 'enum':
      return `must be one of ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
    default:
      return error.message ?? 'is not right';
  }
}

function isDateTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
}
