/** After the tests against real servers: ends those that were started for them. */
import { stopAll } from './started-servers.ts';

export default stopAll;
