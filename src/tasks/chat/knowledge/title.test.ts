import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkName } from '../../../archive/scope.js';
import { splitTitle, titleOf } from './title.js';

it('a title names the file and the place in it', () => {
  expect(titleOf('docs/faq.md', 'Shop / Returns')).toBe('docs/faq.md › Shop / Returns');
  expect(splitTitle('docs/faq.md › Shop / Returns')).toEqual({
    file: 'docs/faq.md',
    place: 'Shop / Returns',
  });
  expect(splitTitle(titleOf('a.txt', ''))).toEqual({ file: 'a.txt', place: '' });
  expect(splitTitle(titleOf('a › b.md', 'c › d'))).toEqual({ file: 'a > b.md', place: 'c > d' });
});

it('a title can be kept, whatever files and headings are called', () => {
  const names = fc.string({ unit: 'binary', maxLength: 400 });
  fc.assert(
    fc.property(names, names, (file, place) => {
      const title = titleOf(`f${file}.md`, place);
      expect(checkName(title, 'title')).toBe(title);
    }),
  );
});
