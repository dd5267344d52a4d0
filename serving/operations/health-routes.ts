/** `/healthz`, `/readyz`, `/metrics`, `/topology`, `/openapi.json`: for people who run the shop. */
import type { FastifyInstance } from 'fastify';
import { anything, boolean, list, object, oneOf, type Routes, reply } from '../json-schema.ts';
import type { Operations } from './operations.ts';

export interface HealthRoutesOptions {
  readonly operations: Operations;
}

const tags = ['operations'];
const config = { access: 'anyone' } as const;
const plainText = {
  description: 'text',
  content: { 'text/plain': { schema: reply() } },
} as const;

const readiness = object({
  status: oneOf('ready', 'not-ready'),
  checks: list(object({ name: reply(), ready: boolean, detail: reply() })),
});

export const healthRoutes: Routes<HealthRoutesOptions> = async (app, { operations }) => {
  app.get(
    '/healthz',
    {
      config,
      schema: {
        tags,
        summary: 'Whether this process runs',
        response: { 200: object({ status: oneOf('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config,
      schema: {
        tags,
        summary: 'Whether it can serve, and what it waits for',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const checks = await operations.readiness();
      const ready = checks.every((check) => check.ready);
      const status = ready ? ('ready' as const) : ('not-ready' as const);
      return reply.code(ready ? 200 : 503).send({ status, checks });
    },
  );

  app.get(
    '/metrics',
    {
      config,
      schema: { tags, summary: "Measures in Prometheus' format", response: { 200: plainText } },
    },
    async (_request, reply) => {
      reply.type('text/plain; version=0.0.4; charset=utf-8');
      return reply.send(await operations.metrics());
    },
  );

  app.get(
    '/topology',
    {
      config,
      schema: { tags, summary: 'The topologies that run here', response: { 200: plainText } },
    },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').send(operations.topology()),
  );

  app.get(
    '/openapi.json',
    { config, schema: { tags, summary: 'This document', response: { 200: anything } } },
    async () => (app as unknown as FastifyInstance).swagger(),
  );
};
