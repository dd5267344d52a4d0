import fc from 'fast-check';
import { signatureToleranceMs, signWebhook, verifyWebhook } from './webhook-signature.ts';

const signed = { body: '{"id":"evt_1"}', secret: 'secret', nowMs: 1_700_000_000_000 };
const signature = signWebhook(signed);

test('is the HMAC that any other program computes', () => {
  // printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac secret
  const v1 = 'af784f27423c462e20039559cd4264140f7b7ed4c9090e26fd663faa5eeb8dda';
  expect(signature).toBe(`t=1700000000,v1=${v1}`);
});

test('holds for five minutes either way, and no longer', () => {
  const verdictAt = (nowMs: number) => verifyWebhook(signature, { ...signed, nowMs });
  expect(verdictAt(signed.nowMs + signatureToleranceMs)).toBe('valid');
  expect(verdictAt(signed.nowMs - signatureToleranceMs)).toBe('valid');
  expect(verdictAt(signed.nowMs + signatureToleranceMs + 1)).toBe('expired');
  expect(verdictAt(signed.nowMs - signatureToleranceMs - 1)).toBe('expired');
});

test.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['no time', signature.replace(/^t=\d+,/, '')],
  ['a signature cut off', signature.slice(0, -1)],
  ['capitals', signature.toUpperCase()],
  ['two signatures', `${signature},v1=00`],
])('is malformed as %s', (_what, given) => {
  expect(verifyWebhook(given, signed)).toBe('malformed');
});

test('is wrong for any other body, secret or time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 200 }), (body, secret, by) => {
      fc.pre(body !== signed.body && secret !== signed.secret);
      expect(verifyWebhook(signature, { ...signed, body })).toBe('wrong');
      expect(verifyWebhook(signature, { ...signed, secret })).toBe('wrong');
      const later = signature.replace('t=1700000000', `t=${1_700_000_000 + by}`);
      expect(verifyWebhook(later, signed)).toBe('wrong');
    }),
  );
});
