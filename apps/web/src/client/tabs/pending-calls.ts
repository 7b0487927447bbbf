import { deferred } from '../../deferred.ts'
import { errorOf, type Failure } from '../errors/failure.ts'
import { type CommandName, retrySafe } from './tab-messages.ts'

/** A command that is waiting for its answer. */
export interface PendingCall {
  readonly call: number
  readonly name: CommandName
  readonly args: readonly unknown[]
  /** Whether a leader has started on it. */
  taken: boolean
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** This tab's commands that the leader hasn't answered yet. */
export function createPendingCalls() {
  const pending = new Map<number, PendingCall>()
  let lastCall = 0

  const take = (call: number) => {
    const found = pending.get(call)
    pending.delete(call)
    return found
  }

  return {
    add(name: CommandName, args: readonly unknown[]) {
      const { promise, resolve, reject } = deferred<unknown>()
      const added: PendingCall = { call: ++lastCall, name, args, taken: false, resolve, reject }
      pending.set(added.call, added)
      return { added, promise }
    },
    begin(call: number) {
      const found = pending.get(call)
      if (found) found.taken = true
    },
    answer: (call: number, value: unknown) => take(call)?.resolve(value),
    refuse: (call: number, failure: Failure) => take(call)?.reject(errorOf(failure)),
    /** The calls that another leader can carry out; the others fail, because they may have been executed. */
    afterLoss(): PendingCall[] {
      for (const { call, taken, name } of [...pending.values()]) {
        if (taken && !retrySafe.has(name)) take(call)?.reject(errorOf({ code: 'offline' }))
      }
      for (const call of pending.values()) call.taken = false
      return [...pending.values()]
    },
  }
}
