import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { StartError, systemCode } from '@sotto/service-runtime'
import { Decrypter, Encrypter } from 'age-encryption'
import type { Identity, Recipient } from './backup-keys.ts'

// The age format (https://age-encryption.org/v1) splits a file into chunks of this size. Each is
// encrypted with its number and whether it is the last, so that none can be changed, omitted or
// moved.
const CHUNK_BYTES = 64 * 1024
const AGE_START = 'age-encryption.org/v1\n'
const GZIP_START = Buffer.from([0x1f, 0x8b])

/**
 * Encrypts a stream to `recipients`; passes it through if there are none. Buffers one chunk at a
 * time.
 */
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
 * Opens a backup file for reading, with one of `identities` if it is encrypted. Throws StartError.
 * The stream throws it too, if its content was changed or is incomplete.
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
        ? `${file} is truncated.`
        : `${file} is not a complete backup of Sotto.`,
    )
  }
  if (identities.length === 0) {
    throw new StartError(
      `${file} is encrypted. Set --identity to the file with the key that opens it.`,
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
      isMissing ? `${file} does not exist.` : `${file} cannot be read (${systemCode(error)}).`,
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
        ? `${file} is truncated, or damaged at its end.`
        : `${file} is damaged: it was changed after ${bytes} bytes of its content.`,
    )
  }
}

/** The list of recipients is not encrypted, so a damaged one may look like another recipient's. */
function headRefusal(file: string, error: unknown): string {
  const isOthers = error instanceof Error && error.message.startsWith('no identity matched')
  return isOthers
    ? `This identity does not open ${file}: it was encrypted to another recipient, or its header is damaged.`
    : `${file} has a damaged or truncated header.`
}

/** Whether the chunk that failed, after `bytes`, is the last one. */
function isLastChunk(bytes: number, sizeOfAll: () => number): boolean {
  try {
    return bytes + CHUNK_BYTES >= sizeOfAll()
  } catch {
    // No complete file has this size.
    return true
  }
}

const webStreamOf = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>
