// The build turns every dynamic import into a call of `loadCode` (see `vite.config.ts`). This file imports nothing,
// because every part of the app needs it.

/** The waits before the second and third attempts. */
const WAITS_MS = [400, 2_000]
/** A limit for requests that never end; even the largest file on the slowest connection takes less. */
const FETCHED_WITHIN_MS = 60_000

/** `updated`: the server has another version by now, and this version's files are gone. */
export type MissingReason = 'updated' | 'unreachable'

/** A part of the app that could not be loaded. */
export class MissingCode extends Error {
  override readonly name = 'MissingCode'
  readonly reason: MissingReason

  constructor(reason: MissingReason, cause: unknown) {
    super('a part of the app is missing', { cause })
    this.reason = reason
  }
}

/** Files that are loaded or loading, by path. */
const files = new Map<string, Promise<void>>()
const listeners = new Set<() => void>()
let missing: MissingCode | null = null

/**
 * Loads a part of the app: `load` imports it, `paths` lists the files it needs. They are fetched before anything is
 * imported, and again if that fails: most browsers remember a failed import until the page is reloaded, so a script
 * must not be imported before it is known to be available.
 */
export async function loadCode<T>(
  load: () => Promise<T>,
  paths: readonly string[] = [],
): Promise<T> {
  try {
    await Promise.all(paths.map((path) => fetchFile(path.startsWith('/') ? path : `/${path}`)))
    const loaded = await load()
    setMissing(null)
    return loaded
  } catch (cause) {
    const failure = new MissingCode(await whyMissing(), cause)
    setMissing(failure)
    throw failure
  }
}

/** The latest failure; null again once something was loaded after it. */
export const missingCode = {
  read: (): MissingCode | null => missing,
  subscribe: (onChange: () => void): (() => void) => {
    listeners.add(onChange)
    return () => listeners.delete(onChange)
  },
}

function setMissing(next: MissingCode | null): void {
  if (next === missing) return
  missing = next
  for (const onChange of listeners) onChange()
}

function fetchFile(path: string): Promise<void> {
  const known = files.get(path)
  if (known) return known
  const file = fetchNew(path)
  files.set(path, file)
  file.catch(() => files.delete(path))
  return file
}

async function fetchNew(path: string): Promise<void> {
  // The page itself requests it.
  if (document.querySelector(`link[href="${path}"], script[src="${path}"]`)) return
  if (path.endsWith('.css')) await loadStyles(path)
  else await fetchAgain(path)
}

/** Puts a script into the browser's cache, where the import finds it. */
async function fetchAgain(path: string): Promise<void> {
  for (const wait of WAITS_MS) {
    try {
      return await fetchOnce(path)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return fetchOnce(path)
}

async function fetchOnce(path: string): Promise<void> {
  const response = await fetch(path, { signal: AbortSignal.timeout(FETCHED_WITHIN_MS) })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  await response.arrayBuffer()
}

async function loadStyles(path: string): Promise<void> {
  await fetchAgain(path)
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = path
  const loaded = new Promise<void>((resolve, reject) => {
    link.addEventListener('load', () => resolve())
    link.addEventListener('error', () => reject(new Error(`${path}: not loaded`)))
  })
  document.head.append(link)
  await loaded
}

/** Whether the server's current page starts with different scripts than this one did. */
async function whyMissing(): Promise<MissingReason> {
  try {
    const response = await fetch('/', { cache: 'no-store' })
    const page = await response.text()
    const own = document.querySelector('script[type=module][src]')?.getAttribute('src')
    return response.ok && own && !page.includes(own) ? 'updated' : 'unreachable'
  } catch {
    return 'unreachable'
  }
}
