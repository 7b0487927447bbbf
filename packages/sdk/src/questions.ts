/** The place of a question to the server among all of them: a later one has a larger number. */
export type Asked = number

/** What the server tells unasked may be of any age. */
export const UNASKED: Asked = -1

/**
 * Numbers the questions of this device. Answers may overtake each other: who takes an answer has to know
 * what was learned since its question, because an honest server could not know that yet.
 */
export class Questions {
  #asked = 0

  /** A mark for a question that goes to the server now; what it answers is taken with it. */
  ask(): Asked {
    this.#asked += 1
    return this.#asked
  }

  /** The last question so far. */
  get last(): Asked {
    return this.#asked
  }
}
