import type { Verdict } from '@sotto/wire'
import type { RawSocket } from '../raw/raw-socket.ts'

/** The next `count` verdicts of a connection, however they are spread over frames. */
export async function verdictsOf(socket: RawSocket, count: number): Promise<Verdict[]> {
  const all: Verdict[] = []
  while (all.length < count) all.push(...(await socket.next('verdicts')).verdicts)
  return all
}
