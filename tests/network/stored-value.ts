import type { Collection, Storage } from '@sotto/sdk'

/** The value of a stored record, without its version; undefined where there is none. */
export async function storedValue(
  storage: Storage,
  collection: Collection,
  key: string,
): Promise<unknown> {
  const record = (await storage.get(collection, key)) as { value: unknown } | undefined
  return record?.value
}
