import { streamsConfig } from './config.ts';
import { StreamsError } from './errors.ts';

test('an application id is enough', () => {
  expect(streamsConfig({ applicationId: 'orders' })).toMatchObject({
    applicationId: 'orders',
    commitIntervalMs: 100,
    startFrom: 'earliest',
    deadLetterTopic: 'orders-dead-letters',
  });
});

test('an option that is undefined has its default', () => {
  const config = streamsConfig({ applicationId: 'orders', pollRecords: undefined } as never);
  expect(config.pollRecords).toBe(1_000);
});

test('every fault is named at once', () => {
  const faulty = { applicationId: 'a b', pollRecords: 0, sliceMs: 1.5, startFrom: 'now' };
  const refusal = () => streamsConfig(faulty as never);
  expect(refusal).toThrow(StreamsError);
  expect(refusal).toThrow(/applicationId 'a b'/);
  expect(refusal).toThrow(/pollRecords is 0: give a whole number from 1 up/);
  expect(refusal).toThrow(/sliceMs is 1.5/);
  expect(refusal).toThrow(/startFrom is 'now'/);
});
