/**
 * `/warehouses`, `/couriers`, `/lanes`, `/calendars`, `/pincodes`: the reference data from which
 * deliverability is precalculated. Facts, for operators: the latest of each id holds.
 */
import { isDeepStrictEqual } from 'node:util';
import { calendars, couriers, lanes, pincodes, warehouses } from '#schemas/serviceability';
import type { Topic } from '#streams';
import type { ServiceabilityView } from '#views/serviceability-view';
import type { Page, PageRequest } from '#views/view';
import type { Dependencies } from '../dependencies.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import {
  type JsonSchema,
  list,
  matching,
  nullable,
  object,
  query,
  type Routes,
  reply,
} from '../json-schema.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { pageOf, pageQuery } from '../wire.ts';
import {
  calendarInput,
  courierInput,
  laneInput,
  pincodeAreaInput,
  warehouseInput,
  withField,
} from './reference-schemas.ts';

export type ReferenceRoutesOptions = Pick<Dependencies, 'views' | 'facts' | 'settings'>;

/** One kind of reference data, as its routes see it. */
interface ReferenceKind {
  /** In the path: `warehouses`. */
  readonly plural: string;
  readonly keyField: 'id' | 'pincode';
  readonly key: JsonSchema<string>;
  readonly input: JsonSchema<object>;
  get(key: string): Promise<object | undefined>;
  page(page: PageRequest): Promise<Page<object>>;
  publish(facts: Dependencies['facts'], key: string, value: object | null): Promise<void>;
}

const tags = ['serviceability'];
const access = ['operator', 'admin'] as const;
const recordId = matching('^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$', 'letters, digits and _ . : -', 100);

export const referenceRoutes: Routes<ReferenceRoutesOptions> = async (app, options) => {
  for (const kind of kindsOf(options.views.serviceability)) {
    await app.register(listRoutes, { ...options, kind });
    await app.register(changeRoutes, { ...options, kind });
  }
};

interface KindOptions extends ReferenceRoutesOptions {
  readonly kind: ReferenceKind;
}

const listRoutes: Routes<KindOptions> = async (app, { kind }) => {
  const record = recordOf(kind);

  app.get(
    `/${kind.plural}`,
    {
      config: { access },
      schema: {
        tags,
        summary: `All ${kind.plural}`,
        querystring: query(pageQuery),
        response: { 200: object({ items: list(record), nextCursor: nullable(reply()) }) },
      },
    },
    async (request) => {
      const { items, nextCursor } = await kind.page(pageOf(request.query));
      return { items, nextCursor };
    },
  );

  app.get(
    `/${kind.plural}/:id`,
    {
      config: { access },
      schema: {
        tags,
        summary: `One of the ${kind.plural}`,
        params: object({ id: kind.key }),
        response: { 200: record },
      },
    },
    async ({ params: { id } }) => {
      const found = await kind.get(id);
      if (!found) throw unknownRecord(kind, id);
      return found;
    },
  );
};

const changeRoutes: Routes<KindOptions> = async (app, { kind, views, facts, settings }) => {
  const view = views.serviceability;
  const timeoutMs = settings.viewTimeoutMs ?? 5_000;

  app.put(
    `/${kind.plural}/:id`,
    {
      config: { access },
      schema: {
        tags,
        summary: `Set one of the ${kind.plural}`,
        params: object({ id: kind.key }),
        body: kind.input,
        response: { 200: recordOf(kind) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const record = { [kind.keyField]: id, ...request.body };
      await kind.publish(facts, id, record);
      const shows = (seen: object | undefined) => isSame(seen, record);
      await whenShown({ view, look: () => kind.get(id), shows, timeoutMs });
      return record;
    },
  );

  app.delete(
    `/${kind.plural}/:id`,
    {
      config: { access },
      schema: {
        tags,
        summary: `Remove one of the ${kind.plural}`,
        params: object({ id: kind.key }),
        response: { 204: { type: 'null', description: 'removed' } },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await kind.get(id))) throw unknownRecord(kind, id);
      await kind.publish(facts, id, null);
      const shows = (seen: object | undefined) => seen === undefined;
      await whenShown({ view, look: () => kind.get(id), shows, timeoutMs });
      return reply.code(204).send();
    },
  );
};

function kindsOf(view: ServiceabilityView): ReferenceKind[] {
  return [
    kindOf('warehouses', warehouses, warehouseInput, {
      get: (id) => view.warehouse(id),
      page: (page) => view.warehouses(page),
    }),
    kindOf('couriers', couriers, courierInput, {
      get: (id) => view.courier(id),
      page: (page) => view.couriers(page),
    }),
    kindOf('lanes', lanes, laneInput, {
      get: (id) => view.lane(id),
      page: (page) => view.lanes(page),
    }),
    kindOf('calendars', calendars, calendarInput, {
      get: (id) => view.calendar(id),
      page: (page) => view.calendars(page),
    }),
    kindOf('pincodes', pincodes, pincodeAreaInput, {
      get: (id) => view.pincode(id),
      page: (page) => view.pincodes(page),
    }),
  ];
}

/** The one place where a key and a value from a request become those of the topic. */
function kindOf<K extends string, V extends object>(
  plural: string,
  topic: Topic<K, V>,
  input: JsonSchema<object>,
  read: {
    readonly get: (key: K) => Promise<V | undefined>;
    readonly page: (page: PageRequest) => Promise<Page<V>>;
  },
): ReferenceKind {
  const isPincode = plural === 'pincodes';
  return {
    plural,
    keyField: isPincode ? 'pincode' : 'id',
    key: isPincode ? pincodeInput : recordId,
    input,
    get: (key) => read.get(key as K),
    page: read.page,
    publish: (facts, key, value) => facts.publish(topic, key as K, value as V | null),
  };
}

function recordOf({ input, keyField, key }: ReferenceKind): JsonSchema<object> {
  return withField(input, keyField, key);
}

/** Views keep records in forms of their own: what counts is what they say. */
function isSame(seen: object | undefined, wanted: object): boolean {
  return seen !== undefined && isDeepStrictEqual(plain(seen), plain(wanted));
}

function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function unknownRecord({ plural }: ReferenceKind, id: string): Error {
  return problem('record-unknown', `none of the ${plural} is '${id}'`);
}
