import { journeySuite } from './journey.ts';

journeySuite('cluster');
