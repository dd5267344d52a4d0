/** Reads variables of an environment and collects every fault by the name of its variable. */

export type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #faults: string[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** `undefined` when the variable is not set, or empty. */
  given(name: string): string | undefined {
    return this.#environment[name] || undefined;
  }

  text(name: string, otherwise: string): string {
    return this.given(name) ?? otherwise;
  }

  whole(name: string, otherwise: number, least: number, most: number): number {
    const text = this.given(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    this.fault(`${name} is '${text}': give a whole number from ${least} to ${most}`);
    return otherwise;
  }

  oneOf<const T extends string>(name: string, otherwise: T, allowed: readonly T[]): T {
    const text = this.given(name);
    if (text === undefined) return otherwise;
    const found = allowed.find((value) => value === text);
    if (!found) this.fault(`${name} is '${text}': give one of ${allowed.join(', ')}`);
    return found ?? otherwise;
  }

  /** `<prefix>_USERNAME` and `<prefix>_PASSWORD`; `undefined` when neither is given. */
  credentials(
    prefix: string,
  ): { readonly username: string; readonly password: string } | undefined {
    const username = this.given(`${prefix}_USERNAME`);
    const password = this.given(`${prefix}_PASSWORD`);
    if (username === undefined && password === undefined) return undefined;
    if (username !== undefined && password !== undefined) return { username, password };
    this.fault(`${prefix}_USERNAME and ${prefix}_PASSWORD go together: give both`);
    return undefined;
  }

  fault(fault: string): void {
    this.#faults.push(fault);
  }

  /** @throws ConfigurationError with every fault. */
  throwFaults(): void {
    if (this.#faults.length === 0) return;
    throw new ConfigurationError(`the configuration is wrong:\n  ${this.#faults.join('\n  ')}`);
  }
}
