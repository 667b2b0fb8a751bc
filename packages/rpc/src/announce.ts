import { writeAnnouncement } from "./announcement.ts";
import { Code } from "./code.ts";
import { datesOf } from "./deprecation.ts";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";
import type { MethodInfo } from "./method.ts";
import type { Outcome, ServerCall } from "./serve-call.ts";

/** What a server sends with each answer of a method; undefined for one that is not deprecated, or without a date. */
export function announcementOf(method: MethodInfo): Metadata | undefined {
  const dates = method.deprecated || method.marks.deprecated === true ? datesOf(method) : undefined;
  return dates === undefined ? undefined : writeAnnouncement(dates);
}

/**
 * A call whose headers say that its method is on its way out. A handler's own headers win. A call that fails before it
 * answers has no headers, so that its client may try it again.
 */
export class AnnouncingCall implements ServerCall {
  readonly #call: ServerCall;
  readonly #announcement: Metadata;
  #sent = false;

  constructor(call: ServerCall, announcement: Metadata) {
    this.#call = call;
    this.#announcement = announcement;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get deadline(): number {
    return this.#call.deadline;
  }

  get cancelled(): boolean {
    return this.#call.cancelled;
  }

  readonly metadata = (): ReadonlyMetadata => this.#call.metadata();

  onCancel(listener: () => void): void {
    this.#call.onCancel(listener);
  }

  sendHeaders(headers: Metadata): void {
    this.#sent = true;
    const all = new Metadata(this.#announcement);
    all.merge(headers);
    this.#call.sendHeaders(all);
  }

  send(bytes: Uint8Array): Promise<void> | undefined {
    this.#announce();
    return this.#call.send(bytes);
  }

  end(outcome: Outcome): void {
    // A stream may end well without a message.
    if (outcome.code === Code.OK) {
      this.#announce();
    }
    this.#call.end(outcome);
  }

  #announce(): void {
    if (!this.#sent && !this.#call.cancelled) {
      this.sendHeaders(new Metadata());
    }
  }
}
