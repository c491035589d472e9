import { expect, test } from 'vitest'
import { addBlock, blockText, cutBlock } from '../../src/changes/block-text.ts'

const own = blockText('one', ['A=1'])
const other = blockText('two', ['B=2'])

test.each([
  ['the newline that was added goes with it', `theirs\n${own}`, 'theirs'],
  ['but not where something stands behind it', `theirs\n${own}more\n`, 'theirs\nmore\n'],
  ["nor where it is another block's by now", `theirs\n${other}${own}`, `theirs\n${other}`],
])('a block is cut out: %s', (_what, text, rest) => {
  expect(cutBlock(text, 'one', ['A=1'], true)).toEqual({ found: 'whole', text: rest })
})

test('a block is put after the newline that the last line lacked', () => {
  expect(addBlock('theirs', 'one', ['A=1'])).toEqual({ text: `theirs\n${own}`, addedNewline: true })
  expect(addBlock(other, 'one', ['A=1'])).toEqual({ text: `${other}${own}`, addedNewline: false })
})
