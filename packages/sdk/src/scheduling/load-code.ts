import { ClientError } from '../api/errors.ts'

/** Loads code that is seldom needed. What keeps it from that may pass. */
export async function loadCode<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}
