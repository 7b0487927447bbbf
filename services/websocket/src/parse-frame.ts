import { ClientFrame } from '@sotto/wire'

/** A frame, or the path of the field that is wrong (empty for the frame as a whole). */
export type ParsedFrame = { frame: ClientFrame } | { frame: undefined; path: string }

/** Reads one text message. Never throws, however it is nested. */
export function parseFrame(text: string): ParsedFrame {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { frame: undefined, path: '' }
  }
  const result = ClientFrame.safeParse(json)
  if (result.success) return { frame: result.data }
  return { frame: undefined, path: result.error.issues[0]?.path.join('.') ?? '' }
}
