/** `/reconciliation`: what disagrees between orders, payments and stock. For administrators. */
import type { Views } from '../dependencies.ts';
import {
  boolean,
  integer,
  list,
  mapOf,
  nullable,
  object,
  query,
  type Routes,
  reply,
} from '../json-schema.ts';
import { hyphenated, nullableRfc3339, pageOf, pageQuery, rfc3339, time } from '../wire.ts';

export interface ReconciliationRoutesOptions {
  readonly views: Pick<Views, 'findings'>;
}

const finding = object({
  id: reply(),
  kind: reply(),
  subject: reply(),
  message: reply(),
  evidence: mapOf(reply()),
  remedy: reply(),
  foundAt: time,
  resolvedAt: nullable(time),
});

export const reconciliationRoutes: Routes<ReconciliationRoutesOptions> = async (app, { views }) => {
  app.get(
    '/reconciliation',
    {
      config: { access: ['admin'] },
      schema: {
        tags: ['operations'],
        summary: 'What disagrees, newest first; open findings only unless all=true',
        querystring: query({ ...pageQuery, all: boolean }),
        response: {
          200: object({
            findings: list(finding),
            openCount: integer(),
            nextCursor: nullable(reply()),
          }),
        },
      },
    },
    async (request) => {
      const wanted = { ...pageOf(request.query), open: !request.query.all };
      const [page, openCount] = await Promise.all([
        views.findings.list(wanted),
        views.findings.openCount(),
      ]);
      const findings = page.items.map((each) => ({
        ...each,
        kind: hyphenated(each.kind),
        foundAt: rfc3339(each.foundAt),
        resolvedAt: nullableRfc3339(each.resolvedAt),
      }));
      return { findings, openCount, nextCursor: page.nextCursor };
    },
  );
};
