/** The front door of a process that serves no shopper: its health, its metrics, its topologies. */
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { type HealthRoutesOptions, healthRoutes } from '../operations/health-routes.ts';
import { watchRoutes } from './allowed-methods.ts';
import { handleErrors } from './error-handling.ts';
import { openApiOptions } from './openapi.ts';

/** Serves nothing until `listen` or `inject`. */
export function buildOperationsServer(options: HealthRoutesOptions): FastifyInstance {
  const app = fastify();
  handleErrors(app, watchRoutes(app));
  app.register(swagger, openApiOptions);
  app.register(healthRoutes, options);
  return app;
}
