import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@sotto/service-runtime'
import type { CodeSender, OutgoingCode } from './code-sender.ts'
import { maskAddress } from './mask-address.ts'

/** Sends a code soon; the caller neither waits for it nor learns whether it worked. */
export type DeliverCode = (outgoing: OutgoingCode) => void

const RETRY_AFTER_MS = [1_000, 5_000]

/** Sends codes in the background and tries again when that fails. `close` waits for those under way. */
export function createCodeDelivery(sendCode: CodeSender, log: Logger) {
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()

  async function deliver(outgoing: OutgoingCode) {
    // The answer to the request goes out first: it must not tell how long sending takes.
    await new Promise(setImmediate)
    for (const delay of [...RETRY_AFTER_MS, undefined]) {
      try {
        return await sendCode(outgoing)
      } catch (error) {
        logFailure(log, outgoing, error)
        if (delay === undefined || closing.signal.aborted) return
        await wait(delay, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }

  return {
    deliverCode(outgoing: OutgoingCode) {
      const delivery = deliver(outgoing).finally(() => underWay.delete(delivery))
      underWay.add(delivery)
    },
    async close() {
      closing.abort()
      await Promise.all(underWay)
    },
  }
}

/** Not the error itself: mail servers quote the address, gateways the whole text. */
function logFailure(log: Logger, { channel, address }: OutgoingCode, error: unknown) {
  const reason = error instanceof Error && 'code' in error ? error.code : undefined
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  log.warn({ channel, to: maskAddress(address), reason, status }, 'a code could not be sent')
}
