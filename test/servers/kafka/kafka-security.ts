/**
 * A cluster whose clients can be made to prove who they are: TLS with a certificate of its own, and
 * SASL over TLS with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 for one user.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Properties } from './kafka-properties.ts';

/** Whom every mechanism knows. */
export const securityUser = { username: 'millrace', password: 'only-for-tests' } as const;

const { username, password } = securityUser;
const scramMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];
const loginModules = 'org.apache.kafka.common.security';

/** A certificate that signs itself: the brokers show it, and a client has to be told to trust it. */
export interface Certificate {
  /** PEM: what a client trusts. */
  readonly certificateFile: string;
  /** PEM, the private key and the certificate: what a broker shows. */
  readonly keystoreFile: string;
}

/** Made anew for each start, in the cluster's folder. */
export function makeCertificate(folder: string): Certificate {
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  const keystoreFile = join(folder, 'keystore.pem');
  const args = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', '/CN=millrace-test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ...['-days', '30', '-keyout', keyFile, '-out', certificateFile],
  ];
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  copyFileSync(keyFile, keystoreFile);
  appendFileSync(keystoreFile, readFileSync(certificateFile));
  return { certificateFile, keystoreFile };
}

/** Adds to a node's own properties; the listeners `TLS` and `SASL` are declared there. */
export function securityProperties(certificate: Certificate): Properties {
  const scram = scramMechanisms.map((mechanism) => [
    `listener.name.sasl.${mechanism.toLowerCase()}.sasl.jaas.config`,
    `${loginModules}.scram.ScramLoginModule required;`,
  ]);
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificate.keystoreFile,
    'sasl.enabled.mechanisms': ['PLAIN', ...scramMechanisms].join(),
    'listener.name.sasl.plain.sasl.jaas.config': `${loginModules}.plain.PlainLoginModule required user_${username}="${password}";`,
    ...Object.fromEntries(scram),
  };
}

/** SCRAM's users live in the cluster's metadata: they are written when a node is formatted. */
export function scramUserArguments(): string[] {
  return scramMechanisms.flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
}
