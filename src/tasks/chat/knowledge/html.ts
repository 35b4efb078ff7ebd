// The sections of an HTML page, by its headings: what a reader sees, without scripts and styles. Knows nothing of layout.
import { Parser } from 'htmlparser2';
import type { Section } from './section.js';
import { SectionCollector } from './section.js';

/** What nobody reads. */
const hidden = new Set(['script', 'style', 'noscript', 'template', 'head', 'svg', 'iframe', 'object']);
/** What stands on lines of its own. */
const blocks = new Set(
  'address article aside blockquote br dd details div dl dt fieldset figcaption figure footer form header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);

const headingLevel = (name: string): number => (/^h[1-6]$/.test(name) ? Number(name[1]) : 0);

export function htmlSections(html: string): readonly Section[] {
  const collector = new SectionCollector();
  let line = '';
  let title: string | undefined;
  let hiddenDepth = 0;
  const endLine = (): void => {
    const text = line.replace(/\s+/gu, ' ').trim();
    if (text !== '') collector.line(text);
    line = '';
  };
  const parser = new Parser({
    onopentag(name) {
      if (hidden.has(name)) hiddenDepth++;
      if (headingLevel(name) > 0) {
        endLine();
        title = '';
      } else if (blocks.has(name)) endLine();
    },
    ontext(text) {
      if (hiddenDepth > 0) return;
      if (title === undefined) line += text;
      else title += text;
    },
    onclosetag(name) {
      if (hidden.has(name)) hiddenDepth--;
      if (headingLevel(name) > 0 && title !== undefined) {
        collector.heading(headingLevel(name), title.replace(/\s+/gu, ' '));
        title = undefined;
      } else if (blocks.has(name)) endLine();
    },
  });
  parser.write(html);
  parser.end();
  endLine();
  return collector.sections();
}
