/** The number of a question to the server. Later questions have larger numbers. */
export type Asked = number

/** Stands for what the server sent without being asked. It may be of any age. */
export const UNASKED: Asked = -1

/**
 * Numbers the questions of this device. Answers may arrive out of order. An answer that is older than
 * something learned after its question is no lie: the server may not have had that yet.
 */
export class Questions {
  #asked = 0

  /** The number of a question that is sent now. Its answer is taken with this number. */
  ask(): Asked {
    this.#asked += 1
    return this.#asked
  }

  /** The number of the latest question. */
  get last(): Asked {
    return this.#asked
  }
}
