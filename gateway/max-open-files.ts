import { readFile } from 'node:fs/promises'

/** A connection uses one file descriptor, and two if it is proxied. */
const wanted = 65_536
const CAP_SYS_RESOURCE = 24n

/**
 * How many files a worker of NGINX may open: as many as it wants, or as the system allows us, who
 * cannot raise the limit (in a container not even as root). If NGINX requested more, it would keep
 * its initial limit, which may be only a thousand.
 */
export async function maxOpenFiles(proc = '/proc/self'): Promise<number> {
  const [limits, status] = await Promise.all([read(`${proc}/limits`), read(`${proc}/status`)])
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1])
  const rights = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const mayRaise = ((rights >> CAP_SYS_RESOURCE) & 1n) === 1n
  return mayRaise || !Number.isInteger(hard) ? wanted : Math.min(wanted, hard)
}

const read = (file: string) => readFile(file, 'utf8').catch(() => '')
