import { setTimeout as sleep } from 'node:timers/promises'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import type { FaultRunOptions } from '../run/fault-run.ts'
import { frameFaults } from './frame-faults.ts'

const CUTS_PER_STRIKE = 4

/** Row 11: devices connect through a proxy that disturbs their frames for a while and cuts connections. */
export async function strikeFrames(
  origin: string,
): Promise<Pick<FaultRunOptions, 'deviceOrigins' | 'strike'> & AsyncDisposable> {
  const proxy = await TamperingProxy.start(origin)
  return {
    deviceOrigins: [proxy.origin],
    async strike({ random }) {
      proxy.tampering = frameFaults(random)
      for (let cut = 0; cut < CUTS_PER_STRIKE; cut++) {
        await sleep(300 + random() * 900)
        proxy.cut()
      }
      proxy.tampering = {}
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}
