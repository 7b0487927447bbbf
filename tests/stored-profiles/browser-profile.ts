import { join } from 'node:path'

/** The content of each stored browser profile. */
export const browserProfile = {
  /** Storage belongs to an origin. Nothing listens here when a profile is opened. */
  origin: 'http://localhost:41873',
  contact: 'Bob Birnbaum',
  /** In `ecdh`: more than one page of a timeline, every third message by the contact. */
  long: Array.from({ length: 36 }, (_, n) => `message ${n + 1} of many, with 🏳️‍🌈 and مرحبا`),
  /** In `rsa`, by the contact. */
  answer: 'an answer, by rsa',
  /** In `rsa`. */
  draft: 'a draft, half written',
  /** In `ecdh`, written while the server was away. */
  waiting: 'written while the server was away',
} as const

/** Where Chromium keeps the databases of this origin, below the folder of a browser profile. */
export function indexedDbIn(userData: string): string {
  const { hostname, port } = new URL(browserProfile.origin)
  return join(userData, 'Default', 'IndexedDB', `http_${hostname}_${port}.indexeddb.leveldb`)
}
