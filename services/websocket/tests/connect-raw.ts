import { expect } from 'vitest'
import { clientFrame, RawSocket } from './raw-socket.ts'
import { newActor, type Testbed, tokenFor } from './testbed.ts'

/** An authenticated connection whose bytes a test writes by hand. */
export async function connectRaw(bed: Testbed): Promise<RawSocket> {
  const raw = await RawSocket.connect(bed.port)
  await raw.upgrade()
  const frame = JSON.stringify({ type: 'authenticate', token: tokenFor(newActor()) })
  raw.socket.write(clientFrame(frame))
  await expect.poll(() => raw.received.toString()).toContain('authenticated')
  return raw
}
