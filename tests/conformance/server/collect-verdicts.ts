import type { Verdict } from '@sotto/wire'
import type { RawSocket } from '../raw/raw-socket.ts'

/** The next `count` verdicts on a connection, in however many frames they arrive. */
export async function verdictsOf(socket: RawSocket, count: number): Promise<Verdict[]> {
  const all: Verdict[] = []
  while (all.length < count) all.push(...(await socket.next('verdicts')).verdicts)
  return all
}
