import fc from 'fast-check';
import { stringSerde } from '../serdes.ts';
import { changeSerde } from './change-serde.ts';

const changes = changeSerde(stringSerde);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// As recorded of Kafka Streams 4.3.1.
test.each`
  newValue     | oldValue     | bytes
  ${'10'}      | ${undefined} | ${'313001'}
  ${undefined} | ${'10'}      | ${'313000'}
  ${'25'}      | ${'20'}      | ${'043235323002'}
`('the change from $oldValue to $newValue is $bytes', ({ newValue, oldValue, bytes }) => {
  expect(hex(changes.serialize({ newValue, oldValue }))).toBe(bytes);
});

// What versioned tables of newer versions write.
test.each`
  bytes               | newValue     | oldValue
  ${'31300103'}       | ${undefined} | ${'10'}
  ${'31300104'}       | ${'10'}      | ${undefined}
  ${'04323532300105'} | ${'25'}      | ${'20'}
`('reads the change $bytes of a versioned table', ({ bytes, newValue, oldValue }) => {
  expect(changes.deserialize(Buffer.from(bytes, 'hex'))).toEqual({ newValue, oldValue });
});

test('reads what it writes, whatever the values, the empty one too', () => {
  const value = fc.string({ maxLength: 300 });
  fc.assert(
    fc.property(value, fc.option(value, { nil: undefined }), (some, other) => {
      for (const change of [
        { newValue: some, oldValue: other },
        { newValue: other, oldValue: some },
      ]) {
        expect(changes.deserialize(changes.serialize(change))).toEqual(change);
      }
    }),
  );
});

test.each(['', '06', '313006', '0a313102', 'ffffffffffff02'])('refuses the bytes "%s"', (bytes) => {
  expect(() => changes.deserialize(Buffer.from(bytes, 'hex'))).toThrow(
    expect.objectContaining({ code: 'STREAMS_RECORD_UNDECODABLE' }),
  );
});

test('refuses to write a change from nothing to nothing', () => {
  expect(() => changes.serialize({ newValue: undefined, oldValue: undefined })).toThrow(
    expect.objectContaining({ code: 'STREAMS_RECORD_UNENCODABLE' }),
  );
});
