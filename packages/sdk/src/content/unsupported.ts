/** Content of a kind that only a newer version of the app knows. */
export interface UnsupportedContent {
  readonly type: 'unsupported'
  /** The name of the kind. */
  readonly kind: string
}

export const createUnsupported = (kind: string): UnsupportedContent => ({
  type: 'unsupported',
  kind,
})
