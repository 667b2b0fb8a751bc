import { FindingsError } from "../core/finding.ts";
import type { Interrupt } from "../io/interrupt.ts";
import type { Reporter } from "../io/reporter.ts";

export interface StepTime {
  readonly name: string;
  readonly milliseconds: number;
}

/** The named parts of a long command. Each prints a line with its time as it ends; several may run at once. */
export class Steps {
  readonly #reporter: Reporter;
  readonly #interrupt: Interrupt;
  readonly #times: StepTime[] = [];
  readonly #start = performance.now();

  constructor(reporter: Reporter, interrupt: Interrupt) {
    this.#reporter = reporter;
    this.#interrupt = interrupt;
  }

  get times(): readonly StepTime[] {
    return this.#times;
  }

  /** Since the first step could have begun: less than the sum of the steps, as some run side by side. */
  get total(): number {
    return performance.now() - this.#start;
  }

  /** @param describe what came of it, for a person. */
  async run<T>(name: string, work: () => Promise<T>, describe: (value: T) => string): Promise<T> {
    this.#interrupt.check();
    const start = performance.now();
    const value = await work();
    this.#interrupt.check();
    const milliseconds = Math.round(performance.now() - start);
    this.#times.push({ name, milliseconds });
    this.#reporter.step(`${seconds(milliseconds)}  ${name.padEnd(9)} ${describe(value)}`);
    return value;
  }
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(5)} s`;
}

/**
 * Waits for all, also when one fails: whatever is cleaned up afterwards is not in use any more.
 * @throws FindingsError with the findings of all that failed, or the first error of another kind.
 */
export async function together<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const settled = await Promise.allSettled(work);
  const errors = settled.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  const other = errors.find((error) => !(error instanceof FindingsError));
  if (other !== undefined) throw other;
  const failures = errors.filter((error) => error instanceof FindingsError);
  if (failures.length === 0) return (await Promise.all(work)) as unknown as T;
  const exitCode = failures.some((each) => each.exitCode === 2) ? 2 : 1;
  throw new FindingsError(
    failures.flatMap((each) => each.findings),
    exitCode,
  );
}
