/** The OpenAPI document, made from the schemas that check requests and serialise answers. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import type { Access } from '../access.ts';
import { integer, type JsonSchema, object, reply, withDescription } from '../json-schema.ts';

const problemSchema: JsonSchema<unknown> = {
  ...object({
    type: reply(),
    title: reply(),
    status: integer(400, 599),
    detail: reply(),
    code: withDescription(reply(), 'stable; see docs/errors.md'),
  }),
  additionalProperties: true,
};

const problemContent = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: problemSchema } },
};

const idempotencyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      description: 'makes a repeat of this request harmless; 1 to 128 visible ASCII characters',
    },
  },
};

/**
 * A route's own schema and what follows from its config. For the document only: a problem is sent
 * as it is, and compiling its schema for every route would be most of the time to start.
 */
function documentedSchema(route: RouteOptions): FastifySchema {
  const schema = route.schema ?? {};
  const access = route.config?.access ?? 'anyone';
  const headers = route.config?.idempotent ? { headers: idempotencyHeader } : {};
  return {
    ...schema,
    ...headers,
    security: access === 'anyone' ? [] : [{ bearer: [] }],
    description: [schema.description, accessInWords(access)].filter(Boolean).join(' '),
    response: {
      ...(schema.response as object | undefined),
      '4xx': problemContent,
      '5xx': problemContent,
    },
  };
}

export const openApiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: '1',
      description: 'A shop that runs on its log. Errors are problems (RFC 9457).',
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  },
  convertConstToEnum: false,
  transform: ({ url, route }) => ({ url, schema: documentedSchema(route) }),
};

function accessInWords(access: Access): string {
  switch (access) {
    case 'anyone':
      return '';
    case 'visitor':
      return 'For users and guests.';
    case 'member':
      return 'For registered users.';
    default:
      return `For ${[...access, 'admin'].join(', ')}.`;
  }
}
