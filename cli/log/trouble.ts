/**
 * Tells of trouble once where it comes a hundred times: every connection of the process complains of
 * a broker that is away, again and again.
 */

const quietForMs = 30_000;

export function troubleTeller(
  tell: (message: string) => void,
  nowMs: () => number = Date.now,
): (trouble: unknown) => void {
  const toldMs = new Map<unknown, number>();
  return (trouble) => {
    const { code, message = String(trouble) } = (trouble ?? {}) as Partial<NodeJS.ErrnoException>;
    const kind = code ?? message;
    if (nowMs() - (toldMs.get(kind) ?? Number.NEGATIVE_INFINITY) < quietForMs) return;
    toldMs.set(kind, nowMs());
    tell(message);
  };
}
