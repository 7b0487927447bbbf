import { errorOf, type Failure } from './failure.ts'
import { type CommandName, retrySafe } from './tab-messages.ts'

/** A command that waits for its answer. */
export interface PendingCall {
  readonly call: number
  readonly name: CommandName
  readonly args: readonly unknown[]
  /** Whether a leader may have seen it. */
  sent: boolean
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** The commands of this tab that the leader has not answered yet. */
export function createPendingCalls() {
  const pending = new Map<number, PendingCall>()
  let lastCall = 0

  const take = (call: number) => {
    const found = pending.get(call)
    pending.delete(call)
    return found
  }

  return {
    add(name: CommandName, args: readonly unknown[], sent: boolean) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const added: PendingCall = { call: ++lastCall, name, args, sent, resolve, reject }
      pending.set(added.call, added)
      return { added, promise }
    },
    answer: (call: number, value: unknown) => take(call)?.resolve(value),
    refuse: (call: number, failure: Failure) => take(call)?.reject(errorOf(failure)),
    /** Those that another leader can carry out; the others fail, because they may have happened. */
    afterLoss(): PendingCall[] {
      for (const { call, sent, name } of [...pending.values()]) {
        if (sent && !retrySafe.has(name)) take(call)?.reject(errorOf({ code: 'offline' }))
      }
      return [...pending.values()]
    },
  }
}
