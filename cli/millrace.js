#!/usr/bin/env node
// The command as it is installed: turns the TypeScript loader on, then hands over to main.ts.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
