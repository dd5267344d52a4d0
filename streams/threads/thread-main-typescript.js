// The start of a stream thread on a Node that does not strip types itself, before 22.18: a worker
// does not inherit what taught its parent TypeScript, not even by `--import`.
import { register } from 'tsx/esm/api';

register();
await import('./thread-main.ts');
