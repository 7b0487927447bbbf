/** A stage of a Dockerfile: one `FROM` and its instructions. */
export interface Stage {
  name: string
  /** An image, or the name of an earlier stage. */
  base: string
  copies: Copy[]
  runs: string[]
  /** The user after the last instruction. */
  user: string | undefined
}

export interface Copy {
  /** The stage to copy from; undefined for the build context. */
  from: string | undefined
  sources: string[]
  target: string
}

/** The stages of a Dockerfile, in order. Supports the instructions that ours uses. */
export function readStages(text: string): Stage[] {
  const stages: Stage[] = []
  for (const [word = '', rest] of readInstructions(text)) {
    const stage = stages.at(-1)
    if (word === 'FROM') {
      const [base = '', , name = ''] = rest.split(/\s+/)
      stages.push({ name, base, copies: [], runs: [], user: undefined })
    }
    if (word === 'COPY') stage?.copies.push(readCopy(rest))
    if (word === 'RUN') stage?.runs.push(rest)
    if (word === 'USER' && stage) stage.user = rest
  }
  return stages
}

function readInstructions(text: string): [string, string][] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = ''] = line.split(' ', 1)
      return [word, line.slice(word.length).trim().replaceAll(/\s+/g, ' ')]
    })
}

function readCopy(rest: string): Copy {
  const words = rest.split(' ')
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter((word) => !word.startsWith('--'))
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }
}
