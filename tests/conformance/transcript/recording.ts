import type { Recorder } from '../raw/raw-device.ts'
import type { RawExchange } from '../raw/raw-server.ts'
import type { RawFrame } from '../raw/raw-socket.ts'

/** One item in the transcript. */
export type Entry =
  | { readonly kind: 'chapter'; readonly title: string }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'exchange'; readonly device: string; readonly exchange: RawExchange }
  | { readonly kind: 'frame'; readonly device: string; readonly frame: RawFrame }
  | { readonly kind: 'inside'; readonly what: string; readonly value: unknown }

/** Records everything that devices send and receive, in order, with comments. */
export class Recording {
  readonly entries: Entry[] = []

  chapter(title: string, ...comments: readonly string[]): void {
    this.entries.push({ kind: 'chapter', title })
    this.say(...comments)
  }

  say(...comments: readonly string[]): void {
    for (const text of comments) this.entries.push({ kind: 'comment', text })
  }

  /** Shows a value that only devices see. */
  inside(what: string, value: unknown): void {
    this.entries.push({ kind: 'inside', what, value })
  }

  /** Records a device under the name that readers know. */
  of(device: string): Recorder {
    return {
      exchange: (exchange) => this.entries.push({ kind: 'exchange', device, exchange }),
      frame: (frame) => this.entries.push({ kind: 'frame', device, frame }),
    }
  }
}
