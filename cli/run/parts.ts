/** Everything below HTTP that the roles of a process need, opened one after the other. */
import { join } from 'node:path';
import { allTopics } from '#schemas/all-topics';
import { checkCommittedSchemas } from '#schemas/avsc/committed-schemas';
import type { Log, SchemaRegistry } from '#streams';
import {
  type SandboxGateway,
  sandboxGateway,
} from '../../connectors/payment-gateways/sandbox-gateway.ts';
import { postWebhook } from '../../connectors/payment-gateways/webhook-post.ts';
import { relayUsersOutbox } from '../../connectors/users-outbox.ts';
import { type CommandBus, openCommandBus } from '../../serving/command-bus.ts';
import type { Clock } from '../../serving/dependencies.ts';
import { type FactWriter, openFactWriter } from '../../serving/fact-writer.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import type { Configuration, Secrets } from '../configuration.ts';
import { openShopLog } from '../log/open-log.ts';
import type { ShopLog } from '../log/shop-log.ts';
import { openStores } from '../stores/open-stores.ts';
import type { SharedState, ShopStores } from '../stores/shop-stores.ts';
import { Applications, type ApplicationsOptions } from './applications.ts';
import { endUnpaidOrders } from './end-unpaid-orders.ts';
import { mendLostViews, watchedViews } from './lost-views.ts';
import { ShopOperations } from './operations.ts';
import type { Roles } from './roles.ts';
import { said } from './said.ts';
import { type SinkName, Sinks } from './sinks.ts';
import type { Stack } from './stack.ts';
import { shopTopologies } from './topologies.ts';

export interface Parts {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** Absent where no role reads or writes one. */
  readonly stores: ShopStores | undefined;
  readonly applications: Applications;
  readonly sinks: Sinks;
  /** Absent where nothing but health is served. */
  readonly serving: { readonly commands: CommandBus; readonly facts: FactWriter } | undefined;
  /** Absent: the sandbox runs elsewhere, or nowhere. */
  readonly gateway: SandboxGateway | undefined;
  readonly operations: ShopOperations;
}

export interface PartsOptions {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
  readonly roles: Roles;
  readonly clock: Clock;
  /** One line about something that went wrong and was dealt with. */
  readonly warn: (line: string) => void;
  /** Where the gateway reaches the shop; empty as long as it cannot. */
  readonly shopUrl: () => string;
  /** A part has failed for good. */
  readonly fail: (error: Error) => void;
}

const close = (it: { close(): Promise<void> | void }) => it.close();

export async function openParts(options: PartsOptions, stack: Stack): Promise<Parts> {
  const { configuration, roles, warn } = options;
  const toMend = checkCommittedSchemas(allTopics);
  if (toMend !== undefined) warn(toMend);
  const profile = { ...configuration, isAlone: roles.isWholeShop };
  const opened = await openShopLog(profile, (message) => warn(`log: ${message}`));
  const { log, registry } = stack.push('log', opened, close);
  const stores = needsStores(roles)
    ? stack.push(
        'stores',
        await openStores({
          ...configuration,
          migrates: roles.isWholeShop,
          onTrouble: (error) => warn(`stores: ${error.message}`),
        }),
        close,
      )
    : undefined;
  const topologies = topologiesOf(options);
  const applications = await startApplications({ ...options, topologies }, stack, opened);
  const gateway = roles.services.has('sandbox') ? openSandbox(options, stack) : undefined;
  const onTrouble = (part: string, error: Error) => warn(`${part}: ${error.message}`);
  const sinks = await Sinks.start({
    ...{ log, registry, gateway, onTrouble },
    views: stores?.views,
    shared: stores?.shared,
    names: roles.sinks,
    isShared: configuration.cluster?.stores !== undefined,
  });
  stack.push('sinks', sinks, close);
  if (stores?.rebuildable) {
    const leads = (sink: SinkName) => sinks.leads(sink);
    const views = watchedViews(stores.rebuildable);
    stack.push('lost views', mendLostViews({ log, registry, views, leads, warn }), close);
  }
  if (roles.outbox && stores) await relayUsers({ log, registry, stores, onTrouble }, stack);
  if (roles.sinks.has('payment-deadlines') && stores?.shared)
    watchDeadlines({ ...options, ...{ log, registry }, ...stores.shared }, stack);
  const serving = servesShoppers(roles)
    ? await openServing({ log, registry, clock: options.clock, warn }, stack)
    : undefined;
  const operations = new ShopOperations({
    ...{ applications, sinks, topologies },
    breakers: stores?.breakers ?? [],
    droppedFacts: () => serving?.facts.droppedCount ?? 0,
  });
  return { log, registry, stores, applications, sinks, serving, gateway, operations };
}

/** Whether it answers more than questions about itself. */
function servesShoppers({ services }: Roles): boolean {
  return services.size > 0;
}

function needsStores(roles: Roles): boolean {
  return servesShoppers(roles) || roles.sinks.size > 0 || roles.outbox;
}

function topologiesOf({ configuration, roles }: PartsOptions): ApplicationsOptions['topologies'] {
  const all = shopTopologies(configuration);
  return new Map([...all].filter(([name]) => roles.topologies.has(name)));
}

async function startApplications(
  { topologies, fail }: Pick<ApplicationsOptions, 'topologies'> & Pick<PartsOptions, 'fail'>,
  stack: Stack,
  { log, registry, localState }: ShopLog,
): Promise<Applications> {
  const onFailure = (id: string, cause: unknown) =>
    fail(new Error(`topology ${id} has failed: ${said(cause)}`, { cause }));
  const applications = new Applications({ log, registry, localState, topologies, onFailure });
  stack.push('applications', applications, close);
  await applications.start();
  return applications;
}

/** The gateway is another house: it reaches the shop by HTTP, once the shop listens. */
function openSandbox(options: PartsOptions, stack: Stack): SandboxGateway {
  const { configuration, secrets, shopUrl, warn } = options;
  const gateway = sandboxGateway({
    directory: join(configuration.dataDirectory, 'sandbox'),
    secret: secrets.sandboxWebhook,
    // What it owes from before a restart is due at once: it tries again when the shop listens.
    send: async (body, signature) =>
      shopUrl() === ''
        ? 503
        : postWebhook(`${shopUrl()}/v1/payments/webhooks/sandbox`)(body, signature),
    onTrouble: (error) => {
      if (shopUrl() !== '') warn(`sandbox gateway: ${error.message}`);
    },
  });
  return stack.push('sandbox gateway', gateway, close);
}

async function relayUsers(
  options: Pick<Parts, 'log' | 'registry'> & {
    readonly stores: ShopStores;
    readonly onTrouble: (part: string, error: Error) => void;
  },
  stack: Stack,
): Promise<void> {
  const { log, registry, stores, onTrouble } = options;
  const relay = await relayUsersOutbox({
    ...{ log, registry },
    store: stores.users,
    onTrouble: (error) => onTrouble('users', error),
  });
  stack.push('users outbox', relay, close);
}

function watchDeadlines(
  options: Pick<Parts, 'log' | 'registry'> & SharedState & Pick<PartsOptions, 'clock' | 'warn'>,
  stack: Stack,
): void {
  const writer = topicWriter(options);
  const stop = endUnpaidOrders({ ...options, writer });
  stack.push('payment deadlines', { close: stop }, close);
}

async function openServing(
  options: Pick<Parts, 'log' | 'registry'> & Pick<PartsOptions, 'clock' | 'warn'>,
  stack: Stack,
): Promise<NonNullable<Parts['serving']>> {
  const { log, registry, clock, warn } = options;
  const onError = (error: unknown) => warn(`replies: ${said(error)}`);
  const commands = await openCommandBus({ log, registry, clock, onError });
  stack.push('command bus', commands, close);
  const facts = stack.push('facts', openFactWriter({ log, registry, clock }), close);
  return { commands, facts };
}
