import { addBlock, blockText, cutBlock } from './block-text.ts'
import { editKind } from './edit.ts'
import type { WantOf } from './kind.ts'

/** A marked block at the end of a text file, such as a line in .bashrc. */
export const block = editKind<WantOf<'block'>>({
  make(text, want) {
    const made = addBlock(text, want.name, want.lines)
    return { text: made.text, undo: made.addedNewline }
  },
  cut: (text, want, undo) => cutBlock(text, want.name, want.lines, undo === true),
  holds: (text, want) => text.includes(blockText(want.name, want.lines)),
})
