import { ClientError } from '../api/errors.ts'

/** Loads code that is rarely needed. A failure counts as temporary. */
export async function loadCode<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}
