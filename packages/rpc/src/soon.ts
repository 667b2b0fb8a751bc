/** Does something after what runs now. Not by queueMicrotask, which test runners replace together with the timers. */
export function soon(act: () => void): void {
  void Promise.resolve().then(act);
}
