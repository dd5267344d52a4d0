import { isUnknownSchema } from '../../avro/framing.ts';
import { StreamsError } from '../../errors.ts';
import { packError, unpackError } from './packed-error.ts';

const crossed = (error: unknown) => unpackError(structuredClone(packError(error)));

test('an error of the library keeps its class, its code, its cause and where it was thrown', () => {
  const cause = new RangeError('disk full');
  const sent = new StreamsError('STREAMS_LOG_UNAVAILABLE', 'not written', {
    cause,
    retryable: true,
  });
  const error = crossed(sent);
  expect(error).toBeInstanceOf(StreamsError);
  expect(error).toMatchObject({
    name: 'StreamsError',
    code: 'STREAMS_LOG_UNAVAILABLE',
    retryable: true,
    message: 'not written',
    stack: sent.stack,
    cause: { name: 'RangeError', message: 'disk full' },
  });
});

test('an error that asks for a schema still does', () => {
  const error = new StreamsError('STREAMS_SCHEMA_UNKNOWN', 'load it', { retryable: true });
  const arrived = crossed(Object.assign(error, { schemaId: 7 }));
  expect(isUnknownSchema(arrived) && arrived.schemaId).toBe(7);
});

test('whatever is thrown arrives as an error', () => {
  expect(crossed('a string')).toMatchObject({ name: 'Error', message: 'a string' });
  const odd = new Error('x', { cause: Symbol('cannot be cloned') });
  expect(crossed(odd).cause).toMatchObject({ message: 'Symbol(cannot be cloned)' });
});

test('causes that go in a circle end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(crossed(error).message).toBe('round');
});
