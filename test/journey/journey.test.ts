import { journeySuite } from './journey.ts';

journeySuite('embedded');
