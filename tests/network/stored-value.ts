import type { Collection, Storage } from '@sotto/sdk'

/** A stored record's value, without its version; undefined if there is none. */
export async function storedValue(
  storage: Storage,
  collection: Collection,
  key: string,
): Promise<unknown> {
  const record = (await storage.get(collection, key)) as { value: unknown } | undefined
  return record?.value
}
