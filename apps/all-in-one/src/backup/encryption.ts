import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { StartError, systemCode } from '@sotto/service-runtime'
import { Decrypter, Encrypter } from 'age-encryption'
import type { Identity, Recipient } from './backup-keys.ts'

// The format age (https://age-encryption.org/v1) splits a file into chunks of this size, each encrypted
// with its number and whether it is the last: none can be changed, left out or put elsewhere.
const CHUNK_BYTES = 64 * 1024
const AGE_START = 'age-encryption.org/v1\n'
const GZIP_START = Buffer.from([0x1f, 0x8b])

/** Encrypts a stream to `recipients`; as it is when there are none. Holds a chunk of it at a time. */
export async function encrypted(
  plain: Readable,
  recipients: readonly Recipient[],
): Promise<AsyncIterable<Uint8Array>> {
  if (recipients.length === 0) return plain
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return encrypter.encrypt(webStreamOf(plain))
}

/**
 * Opens a backup file for reading, with one of `identities` if it is encrypted. Throws StartError, also
 * from the stream when what follows was changed or is missing.
 */
export async function openEncrypted(
  file: string,
  identities: readonly Identity[],
): Promise<Readable> {
  const { start, size } = await look(file)
  if (start.subarray(0, GZIP_START.length).equals(GZIP_START)) return createReadStream(file)
  if (start.toString('latin1') !== AGE_START) {
    throw new StartError(
      AGE_START.startsWith(start.toString('latin1')) && size > 0
        ? `${file} is cut off.`
        : `${file} is no whole backup of Sotto.`,
    )
  }
  if (identities.length === 0) {
    throw new StartError(
      `${file} is encrypted: --identity names the file with the key that opens it.`,
    )
  }
  return Readable.from(decrypted(file, identities, size), { objectMode: false })
}

/** The first bytes of a file, and its size. */
async function look(file: string): Promise<{ start: Buffer; size: number }> {
  try {
    const handle = await open(file)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(AGE_START.length), {
        position: 0,
      })
      return { start: buffer.subarray(0, bytesRead), size: (await handle.stat()).size }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const isMissing = systemCode(error) === 'ENOENT'
    throw new StartError(
      isMissing ? `There is no ${file}.` : `${file} cannot be read (${systemCode(error)}).`,
    )
  }
}

async function* decrypted(file: string, identities: readonly Identity[], size: number) {
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  const plain = await decrypter.decrypt(webStreamOf(createReadStream(file))).catch((error) => {
    throw new StartError(headRefusal(file, error))
  })
  let bytes = 0
  try {
    for await (const chunk of plain) {
      bytes += chunk.length
      yield chunk
    }
  } catch (error) {
    if (systemCode(error) !== undefined) {
      throw new StartError(`${file} cannot be read (${systemCode(error)}).`)
    }
    throw new StartError(
      isLastChunk(bytes, () => plain.size(size))
        ? `${file} is cut off, or damaged at its end.`
        : `${file} is damaged: it was changed after ${bytes} bytes of its contents.`,
    )
  }
}

/** The list of recipients is not encrypted, so that a damaged one may be that of somebody else. */
function headRefusal(file: string, error: unknown): string {
  const isOthers = error instanceof Error && error.message.startsWith('no identity matched')
  return isOthers
    ? `${file} is not opened by this identity: it was encrypted to another recipient, or its first lines are damaged.`
    : `${file} is damaged in its first lines, or cut off there.`
}

/** Whether the chunk that failed, behind `bytes`, is the last one there is. */
function isLastChunk(bytes: number, sizeOfAll: () => number): boolean {
  try {
    return bytes + CHUNK_BYTES >= sizeOfAll()
  } catch {
    // No file that is whole has this size.
    return true
  }
}

const webStreamOf = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>
