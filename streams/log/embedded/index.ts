export { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from './open-embedded-log.ts';
