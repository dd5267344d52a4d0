import { journeySuite } from './journey.ts';
import { onServers, paymentDeadlineMs } from './on-servers.ts';

journeySuite('cluster', onServers, { MILLRACE_PAYMENT_DEADLINE_MS: `${paymentDeadlineMs}` });
