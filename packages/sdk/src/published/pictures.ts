import { decodeBase64url, hashPicture } from '@sotto/crypto'
import { kindOfPicture, Picture } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'

const DATA_URL = /^data:image\/(png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/

/** The bytes of a `data:` URL as base64url. Throws `invalid_picture` or `too_large`. */
export function pictureOf(dataUrl: string): string {
  const [, kind, base64] = DATA_URL.exec(dataUrl) ?? []
  if (!base64) throw new ClientError('invalid_picture')
  const picture = base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
  if (!Picture.safeParse(picture).success) throw new ClientError('too_large', { path: 'picture' })
  if (kindOf(picture) !== kind) throw new ClientError('invalid_picture')
  return picture
}

/**
 * A picture as a `data:` URL, or null. It is checked before a decoder gets it: anything but a small still picture isn't
 * shown, whoever signed it.
 */
export function pictureUrl(picture: string | null): string | null {
  const kind = picture === null ? undefined : kindOf(picture)
  if (picture === null || kind === undefined) return null
  const base64 = picture.replaceAll('-', '+').replaceAll('_', '/')
  return `data:image/${kind};base64,${base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')}`
}

/** The picture, or null if a server no longer accepts it. */
export function publishablePicture(picture: string | null): string | null {
  return picture !== null && kindOf(picture) ? picture : null
}

/** A picture's entry in the record. */
export async function hashOfPicture(picture: string | null): Promise<string | null> {
  return picture === null ? null : hashPicture(decodeBase64url(picture))
}

function kindOf(picture: string) {
  try {
    return kindOfPicture(decodeBase64url(picture))
  } catch {
    return undefined
  }
}
