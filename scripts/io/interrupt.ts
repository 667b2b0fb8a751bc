/** Ctrl-C, or a polite kill, as something that a command can look at between two steps. */
export interface Interrupt {
  /** @throws Interrupted when there was a signal. */
  check(): void;
  /** True after a signal: whatever failed since may have failed of it, since Ctrl-C reaches the children too. */
  readonly happened: boolean;
  /** Back to normal. After a signal this process then ends of it, as its caller expects. */
  release(): void;
}

export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** From now on the first signal is noted, so that everything can be cleaned up; a second one ends the process at once. */
export function watchInterrupt(): Interrupt {
  let seen: NodeJS.Signals | undefined;
  const note = (signal: NodeJS.Signals): void => {
    seen = signal;
    unlisten();
  };
  const unlisten = (): void => {
    for (const signal of SIGNALS) process.off(signal, note);
  };
  for (const signal of SIGNALS) process.on(signal, note);
  return {
    get happened() {
      return seen !== undefined;
    },
    check() {
      if (seen !== undefined) throw new Interrupted(seen);
    },
    release() {
      unlisten();
      if (seen !== undefined) process.kill(process.pid, seen);
    },
  };
}
