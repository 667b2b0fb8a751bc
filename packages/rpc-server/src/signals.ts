import type { Settings } from "./options.ts";
import type { Shutdown } from "./shutdown.ts";

/**
 * Ends the process on a signal, when the server has ended; on a second one at once.
 * @returns what takes that back.
 */
export function onSignals({ signals, cleanUp }: Settings["shutdown"], shutdown: Shutdown): () => void {
  let told = false;
  const stop = (): void => {
    if (told) {
      shutdown.force();
      return;
    }
    told = true;
    void shutdown.begin().then(async (ending) => {
      let code = ending === "clean" ? 0 : 1;
      try {
        await cleanUp();
      } catch (error) {
        console.error("the clean-up failed:", error);
        code = 1;
      }
      process.exit(code);
    });
  };
  for (const signal of signals) {
    process.on(signal, stop);
  }
  return () => {
    // While it stops on a signal, a second one must be heard.
    if (!told) {
      for (const signal of signals) {
        process.removeListener(signal, stop);
      }
    }
  };
}
