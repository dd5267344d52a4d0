export {
  ThreadedStreamsApplication,
  type ThreadedStreamsApplicationOptions,
  type ThreadFailure,
} from './threaded-streams-application.ts';
export type { TopologyModule } from './topology-module.ts';
